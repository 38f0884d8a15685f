// Memory over 2,000 steps of each trainer, in a process of its own:
// `tsx bench/rlhf/memory.ts TRAINER` prints a line of JSON.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, type Row } from "../harness.js";
import { type Trainer, trainers } from "./trainers.js";

const STEPS = 2000;

interface Memory {
  /** Resident megabytes (10^6 bytes): the median of a tenth of the steps, the second and the last. */
  early: number;
  late: number;
}

async function measure(trainer: Trainer): Promise<Memory> {
  const resident: number[] = [];
  await trainers[trainer](STEPS, () => {
    resident.push(process.memoryUsage.rss() / 1e6);
    if (resident.length % 500 === 0) {
      console.error(`${trainer}, ${resident.length} steps: ${resident[resident.length - 1].toFixed(0)} MB`);
    }
  });
  const tenth = STEPS / 10;
  return { early: median(resident.slice(tenth, 2 * tenth)), late: median(resident.slice(-tenth)) };
}

/**
 * Rows for the table: megabytes in the columns of milliseconds, and as the peer a twentieth more than in the beginning.
 */
export function memoryRows(): Row[] {
  return (Object.keys(trainers) as Trainer[]).map((trainer) => {
    const node = ["--import", "tsx", fileURLToPath(import.meta.url), trainer];
    const output = execFileSync(process.execPath, node, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    const { early, late }: Memory = JSON.parse(output.trim().split("\n").at(-1) as string);
    const limit = 1.05 * early;
    const name = `${trainer.toUpperCase()}: memory at the last of ${STEPS} steps against the second tenth, MB`;
    return { name, peer: "limit", ours: late, theirs: limit, ratio: limit / late, goal: 1 };
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(await measure(process.argv[2] as Trainer)));
}
