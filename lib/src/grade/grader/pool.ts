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
  /** Seconds after which a judge that has not answered is given up. */
  patience: number;
  /** Stops everything; submissions that are under way are lost. */
  signal?: AbortSignal;
}

/** Grades submissions in parallel; `onDone` gets each as it is ready, with its grades or the reason why there are none. */
export async function gradeAll(
  submissions: readonly Submission[],
  options: PoolOptions,
  onDone: (submission: Submission, outcome: { grades: Grade[] } | { problem: string }) => void | Promise<void>,
): Promise<void> {
  const queue = [...submissions];
  const work = async () => {
    let worker: ChildProcess | undefined;
    try {
      for (let next = queue.shift(); next !== undefined && !options.signal?.aborted; next = queue.shift()) {
        if (!worker?.connected) worker = startWorker(options);
        const outcome = await ask(worker, next, options);
        if (outcome === "stopped") return;
        if (outcome === "lost") {
          worker.kill("SIGKILL");
          worker = undefined;
        }
        await onDone(next, outcome === "lost" ? { problem: "the grader gave up on this submission" } : outcome);
      }
    } finally {
      if (worker !== undefined) await dismiss(worker);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.jobs, submissions.length)) }, work));
}

function startWorker(options: PoolOptions): ChildProcess {
  const here = import.meta.url;
  const file = fileURLToPath(new URL(here.endsWith(".ts") ? "./worker.ts" : "./worker.js", here));
  // From TypeScript sources (npm run grade, mocha) the worker needs tsx as we did.
  const execArgv = here.endsWith(".ts") ? ["--import", pathToFileURL(createRequire(here).resolve("tsx")).href] : [];
  const worker = fork(file, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced" });
  const start: WorkerRequest = { op: "start", options: options.assignment, extraLessons: options.extraLessons };
  worker.send(start);
  return worker;
}

/** Lets a judge end its runners and itself; one that does not is ended. */
async function dismiss(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = new Promise((resolve) => worker.once("exit", resolve));
  const timer = setTimeout(() => worker.kill("SIGKILL"), 3000);
  if (worker.connected) worker.disconnect();
  await gone;
  clearTimeout(timer);
}

function ask(
  worker: ChildProcess,
  submission: Submission,
  options: PoolOptions,
): Promise<WorkerReply | "lost" | "stopped"> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish("lost"), options.patience * 1000);
    const finish = (outcome: WorkerReply | "lost" | "stopped") => {
      clearTimeout(timer);
      worker.removeListener("message", finish);
      worker.removeListener("exit", onLost);
      options.signal?.removeEventListener("abort", onStop);
      resolve(outcome);
    };
    const onLost = () => finish("lost");
    const onStop = () => finish("stopped");
    worker.once("message", finish);
    worker.once("exit", onLost);
    options.signal?.addEventListener("abort", onStop, { once: true });
    const request: WorkerRequest = { op: "grade", submission };
    worker.send(request, (error) => error && onLost());
  });
}
