// What the library costs a session's first import: type-checking its declarations, beside a first
// cell that imports nothing.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { alternate, type Row, row } from "../harness.js";

const root = join(import.meta.dirname, "..", "..");

/** Processor time (ms) of a fresh compiler with its first cell, so that what else the machine does hardly counts. */
function firstCell(code: string): number {
  const script = join(import.meta.dirname, "convert.ts");
  const args = ["--import", "tsx", script, code];
  return Number(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }));
}

/** A door, what a lesson would take from it, and how much dearer than an empty cell it may be. */
const imports: [door: string, words: string, limit: number][] = [
  ["rlhf-lab", "key, line, mean, progress, show, smallMultiples, table", 1.3],
  ["rlhf-lab/numerics", "exactRegularisedOptimum, lbfgs", 1.5],
  ["rlhf-lab/preferences", "bradleyTerry, kemeny", 1.5],
  ["rlhf-lab/rewards", "featurePairs, linearReward", 1.5],
  ["rlhf-lab/policy", "dpoLossAndGradient, reinforce", 1.5],
  ["rlhf-lab/worlds", "phraseTask, phraseText", 1.5],
  // These bring the typings of TensorFlow.js.
  ["rlhf-lab/policy/tensor", "dpoLoss, reinforceLoss", 1.5],
  ["rlhf-lab/train", "algorithms, trainPolicy", 1.5],
];

export async function importRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [door, words, limit] of imports) {
    const code = `import { ${words} } from "${door}";\nconst taken = [${words}].length;`;
    const times = { ours: () => firstCell(code), theirs: () => firstCell("const taken = 1;") };
    const medians = await alternate(times, { warmup: 0, rounds: 5, pause: 0 });
    rows.push(row(`first cell, importing ${door}`, "an empty first cell", 1 / limit, medians));
  }
  return rows;
}
