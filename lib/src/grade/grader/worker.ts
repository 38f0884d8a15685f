// A judge's process: grades one submission after another, as the main process asks. It holds the checks and starts the
// sandboxed runners; if it should hang or die itself, the main process starts another.
import { registerLesson } from "../lessons/index.js";
import { type AssignmentOptions, gradeSubmission } from "./assignment.js";
import type { Grade } from "./judge.js";
import { stopAllRunners } from "./session.js";
import type { Submission } from "./submissions.js";

export type WorkerRequest =
  | { op: "start"; options: AssignmentOptions; extraLessons: Record<string, string> }
  | { op: "grade"; submission: Submission };

export type WorkerReply = { grades: Grade[] } | { problem: string };

let options: AssignmentOptions;

process.on("message", async (request: WorkerRequest) => {
  if (request.op === "start") {
    options = request.options;
    for (const [lesson, url] of Object.entries(request.extraLessons)) registerLesson(lesson, () => import(url));
    return;
  }
  let reply: WorkerReply;
  try {
    reply = { grades: await gradeSubmission(request.submission, options) };
  } catch (error) {
    reply = { problem: `the grader itself failed, please report it: ${(error as Error).message}` };
  }
  process.send?.(reply);
});
// The main process is gone, or wants us gone. A runner in an endless loop would not see its channel close.
process.on("disconnect", () => {
  stopAllRunners();
  process.exit(0);
});
