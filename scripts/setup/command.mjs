// The frame of a command: Ctrl-C stops what runs, and an error is one sentence, not a stack.
import { SetupError } from "./setupError.mjs";

/**
 * @param {(stop: AbortSignal) => Promise<number | void>} work resolves to the exit code
 */
export async function command(work) {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort());
  try {
    process.exitCode = (await work(stop.signal)) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const tail = error.output.trim().split("\n").slice(-15);
    console.error(`\n${error.message}`);
    if (error.output.trim()) console.error(tail.map((line) => `    ${line}`).join("\n"));
    process.exitCode = stop.signal.aborted ? 130 : 1;
  }
}
