// The frame of a command: Ctrl-C stops what runs, and an error is one sentence, not a stack.
import { causeOf, explain, SetupError } from "./setupError.mjs";

/**
 * @param {(stop: AbortSignal) => Promise<number | void>} work resolves to the exit code
 */
export async function command(work) {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort());
  try {
    process.exitCode = (await work(stop.signal)) ?? 0;
  } catch (error) {
    const known =
      error instanceof SetupError ? error : causeOf(String(error)) && explain("This command", String(error));
    if (!known) throw error;
    const lines = causeOf(known.output) ? 5 : 20; // the sentence says what it is, or the reader must find out
    const tail = known.output.trim().split("\n").slice(-lines);
    console.error(`\n${known.message}`);
    if (known.output.trim()) console.error(tail.map((line) => `    ${line}`).join("\n"));
    process.exitCode = stop.signal.aborted ? 130 : 1;
  }
}
