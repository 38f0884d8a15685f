import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { AssignmentOptions } from "./assignment.js";
import type { Grade } from "./judge.js";
import type { Submission } from "./submissions.js";
import type { WorkerReply, WorkerRequest } from "./worker.js";

export interface PoolOptions {
  /** Judges at work at the same time. */
  jobs: number;
  assignment: AssignmentOptions;
  /** Lessons from outside the library, number -> module URL. For tests. */
  extraLessons: Record<string, string>;
  /**
   * Seconds after which a judge that has not gone on to the next exercise is given up; it may be
   * waiting for a learner's code.
   */
  patience: number;
  /** Processor seconds that the checks of one exercise may take. */
  checkSeconds: number;
  /** Stops everything; submissions that are under way are lost. */
  signal?: AbortSignal;
}

type Outcome = { grades: Grade[] } | { problem: string };

const GAVE_UP =
  "the grader gave up on this answer: its check did not come to an end with it (is it much larger than asked for?)";

/**
 * Grades submissions in parallel; `onDone` gets each as it is ready, with its grades or the reason why there are none.
 * @throws what onDone throws, when all judges are gone
 */
export async function gradeAll(
  submissions: readonly Submission[],
  options: PoolOptions,
  onDone: (submission: Submission, outcome: Outcome) => void | Promise<void>,
): Promise<void> {
  const queue = [...submissions];
  const work = async () => {
    const judge = new Judge(options);
    try {
      for (let next = queue.shift(); next !== undefined && !options.signal?.aborted; next = queue.shift()) {
        const outcome = await judge.grade(next);
        if (outcome === "stopped") return;
        await onDone(next, outcome);
      }
    } finally {
      // When something went wrong, nobody begins another.
      await judge.dismiss();
    }
  };
  const jobs = Math.max(1, Math.min(options.jobs, submissions.length));
  const ends = await Promise.allSettled(
    Array.from({ length: jobs }, () =>
      work().catch((error) => {
        queue.length = 0;
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** A judge's process, replaced when it dies or hangs. */
class Judge {
  private process: ChildProcess | undefined;
  constructor(private readonly options: PoolOptions) {}

  /** A judge that was lost in the checks of an exercise is asked again without them: only that answer has no points. */
  async grade(submission: Submission): Promise<Outcome | "stopped"> {
    const without: Record<string, string> = {};
    for (;;) {
      if (!this.process?.connected) this.process = startWorker(this.options);
      const outcome = await ask(this.process, submission, without, this.options);
      if (!("lostIn" in outcome)) return "stopped" in outcome ? "stopped" : outcome;
      this.process.kill("SIGKILL");
      this.process = undefined;
      const { lostIn } = outcome;
      if (lostIn === undefined || lostIn in without) return { problem: "the grader gave up on this submission" };
      without[lostIn] = GAVE_UP;
    }
  }

  /** Lets a judge end its runners and itself; one that does not is ended. */
  async dismiss(): Promise<void> {
    const judge = this.process;
    if (judge === undefined || judge.exitCode !== null || judge.signalCode !== null) return;
    const gone = new Promise((resolve) => judge.once("exit", resolve));
    const timer = setTimeout(() => judge.kill("SIGKILL"), 3000);
    if (judge.connected) judge.disconnect();
    await gone;
    clearTimeout(timer);
  }
}

function startWorker(options: PoolOptions): ChildProcess {
  const here = import.meta.url;
  const file = fileURLToPath(new URL(here.endsWith(".ts") ? "./worker.ts" : "./worker.js", here));
  // From TypeScript sources (npm run grade, mocha) the worker needs tsx as we did.
  const execArgv = here.endsWith(".ts") ? ["--import", pathToFileURL(createRequire(here).resolve("tsx")).href] : [];
  const worker = fork(file, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced" });
  const { assignment, checkSeconds, extraLessons } = options;
  const start: WorkerRequest = { op: "start", options: assignment, checkSeconds, extraLessons };
  worker.send(start);
  return worker;
}

/** `lostIn`: the judge is gone, or did not go on; the exercise that it was at. */
type Ending = Outcome | { lostIn: string | undefined } | { stopped: true };

function ask(
  judge: ChildProcess,
  submission: Submission,
  without: Record<string, string>,
  options: PoolOptions,
): Promise<Ending> {
  return new Promise((resolve) => {
    let exercise: string | undefined;
    const isLate = () => setTimeout(() => finish({ lostIn: exercise }), options.patience * 1000);
    let timer = isLate();
    const finish = (ending: Ending) => {
      clearTimeout(timer);
      judge.removeListener("message", onMessage);
      judge.removeListener("exit", onLost);
      options.signal?.removeEventListener("abort", onStop);
      resolve(ending);
    };
    const onMessage = (reply: WorkerReply) => {
      if (!("exercise" in reply)) return finish(reply);
      exercise = reply.exercise;
      clearTimeout(timer);
      timer = isLate();
    };
    const onLost = () => finish({ lostIn: exercise });
    const onStop = () => finish({ stopped: true });
    judge.on("message", onMessage);
    judge.once("exit", onLost);
    options.signal?.addEventListener("abort", onStop, { once: true });
    const request: WorkerRequest = { op: "grade", submission, without };
    judge.send(request, (error) => error && onLost());
  });
}
