// A judge's process: grades one submission after another, as the main process asks. It holds the checks and starts the
// sandboxed runners; if it should hang or die itself, the main process starts another.

import { Worker } from "node:worker_threads";
import { registerLesson } from "../lessons.js";
import { type AssignmentOptions, gradeSubmission } from "./assignment.js";
import type { Grade } from "./judge.js";
import { stopAllRunners } from "./session.js";
import type { Submission } from "./submissions.js";

export type WorkerRequest =
  | { op: "start"; options: AssignmentOptions; checkSeconds: number; extraLessons: Record<string, string> }
  /** `without`: exercises whose checks are left out, with the reason. */
  | { op: "grade"; submission: Submission; without: Record<string, string> };

/** The checks of an exercise begin; or the submission is graded. */
export type WorkerReply = { exercise: string } | { grades: Grade[] } | { problem: string };

/** What the watch is told: checks begin, or are over. */
const NEWS = { begin: 1, over: 2 };
const news = new Int32Array(new SharedArrayBuffer(4));

/**
 * A thread that ends this process when an exercise's checks use up their processor time (a check may walk whatever the
 * learner answered), or when the main process is gone while a check cannot be interrupted.
 */
function startWatch(seconds: number): void {
  const code = `const { workerData: { news, seconds, parent } } = require("node:worker_threads");
    const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
    let end = Infinity;
    setInterval(() => {
      const now = Atomics.exchange(news, 0, 0);
      if (now !== 0) end = now === 1 ? used() + seconds : Infinity;
      if (used() > end || process.ppid !== parent) process.kill(process.pid, "SIGKILL");
    }, 200);`;
  new Worker(code, { eval: true, execArgv: [], workerData: { news, seconds, parent: process.ppid } }).unref();
}

let options: AssignmentOptions;

/** Resolves when the main process has been told, so that it knows where we were if we do not come back. */
function onExercise(exercise: string): Promise<void> {
  Atomics.store(news, 0, NEWS.begin);
  return new Promise((resolve) => process.send?.({ exercise } satisfies WorkerReply, () => resolve()));
}

process.on("message", async (request: WorkerRequest) => {
  if (request.op === "start") {
    options = request.options;
    startWatch(request.checkSeconds);
    for (const [lesson, url] of Object.entries(request.extraLessons)) registerLesson(lesson, () => import(url));
    return;
  }
  let reply: WorkerReply;
  try {
    const { submission, without } = request;
    reply = { grades: await gradeSubmission(submission, { ...options, without, onExercise }) };
  } catch (error) {
    reply = { problem: `the grader itself failed, please report it: ${(error as Error).message}` };
  }
  Atomics.store(news, 0, NEWS.over);
  process.send?.(reply);
});
// The main process is gone, or wants us gone. A runner in an endless loop would not see its channel close.
process.on("disconnect", () => {
  stopAllRunners();
  process.exit(0);
});
