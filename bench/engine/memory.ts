// Memory of training on the large shape, in a process of its own:
// `tsx bench/engine/memory.ts [steps]` prints a line of JSON.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LARGE, workload } from "../engine.js";
import type { Row } from "../harness.js";

interface Memory {
  steps: number;
  /** Resident megabytes (10^6 bytes): the highest ever, after a tenth of the steps, and at the end. */
  peak: number;
  early: number;
  late: number;
}

/** Trains for `steps` steps and looks at the process now and then. */
function measure(steps: number): Memory {
  const work = workload(LARGE);
  const resident = () => process.memoryUsage().rss / 1e6;
  const tenth = Math.max(1, Math.floor(steps / 10));
  work.train(tenth);
  const early = resident();
  for (let done = tenth; done < steps; done += tenth) {
    work.train(Math.min(tenth, steps - done));
    console.error(`${Math.min(steps, done + tenth)} steps: ${resident().toFixed(0)} MB`);
  }
  return { steps, peak: (process.resourceUsage().maxRSS * 1024) / 1e6, early, late: resident() };
}

/** Rows for the engine's table: megabytes in the columns of milliseconds. */
export function memoryRows(steps = 60): Row[] {
  const self = fileURLToPath(import.meta.url);
  const node = ["--import", "tsx", self, String(steps)];
  const output = execFileSync(process.execPath, node, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const { peak, early, late }: Memory = JSON.parse(output.trim().split("\n").at(-1)!);
  const limit = (name: string, ours: number, theirs: number) => {
    return { name, peer: "limit", ours, theirs, ratio: theirs / ours, goal: 1 };
  };
  return [
    limit(`peak memory of ${steps} large steps, MB`, peak, 1500),
    limit(`memory at the last of ${steps} large steps against a tenth of them, MB`, late, 1.05 * early),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(measure(Number(process.argv[2] ?? 60))));
}
