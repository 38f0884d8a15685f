// What was seen of claims beside what is wanted.
import Table from "cli-table3";
import type { Held } from "./hold.js";

/** Claims as a table for a terminal. */
export function tableOf(held: readonly Held[]): string {
  const table = new Table({
    head: ["claim", "keys", "seen", "wanted", "seconds", ""],
    colAligns: ["left", "right", "left", "left", "right", "left"],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [38, 6, 60, 24, 9, 7],
  });
  let above: string | undefined;
  for (const { id, experiment, keys, seconds, verdict } of held) {
    table.push([
      id,
      keys,
      verdict.seen,
      verdict.wanted,
      experiment === above ? "" : seconds.toFixed(1), // an experiment's time once
      verdict.holds ? "" : "fails",
    ]);
    above = experiment;
  }
  return table.toString();
}
