// Hands the keys of all experiments to a few worker processes, and takes what they saw.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Observed } from "./store.js";
import type { Task } from "./worker.js";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

/**
 * The vector instructions that TensorFlow may use. They decide how float32 sums are rounded: each makes other numbers
 * out of the same key, as another processor would. (On a processor that is not x86 they change nothing.)
 */
export const INSTRUCTIONS = ["SSE41", "AVX", "AVX2", "AVX512_CORE"] as const;
export type Instructions = (typeof INSTRUCTIONS)[number];

/** What x86 processors of today have in common, so that claims see the same numbers on all of them. */
export const USUAL_INSTRUCTIONS: Instructions = "AVX2";

/**
 * Makes all observations, `jobs` at a time, in the order of the tasks. A worker that dies costs the key it was at.
 * After so many `minutes` no more is begun. @param onObserved called as each arrives
 */
export async function observeAll(
  tasks: readonly Task[],
  { jobs, instructions, minutes = Infinity }: { jobs: number; instructions: Instructions; minutes?: number },
  onObserved: (task: Task, observed: Observed) => void,
): Promise<void> {
  const waiting = [...tasks];
  const start = performance.now();
  const next = () => (performance.now() - start < minutes * 60_000 ? waiting.shift() : undefined);
  const work = async () => {
    let child: ChildProcess | undefined;
    for (let task = next(); task !== undefined; task = next()) {
      child ??= fork(WORKER, {
        execArgv: ["--import", "tsx"],
        env: { ...process.env, ONEDNN_MAX_CPU_ISA: instructions },
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      const observed = await ask(child, task);
      if (child.exitCode !== null || child.signalCode !== null) child = undefined;
      onObserved(task, observed);
    }
    child?.disconnect();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, work));
}

function ask(child: ChildProcess, task: Task): Promise<Observed> {
  return new Promise((resolve) => {
    const done = (observed: Observed) => {
      child.off("message", done).off("exit", died);
      resolve(observed);
    };
    const died = (code: number | null, signal: string | null) =>
      done({ experiment: task.experiment, key: task.key, seconds: 0, error: `the process ended (${signal ?? code})` });
    child.on("message", done).on("exit", died);
    child.send(task);
  });
}
