// Killed again and again, at moments of chance, and gone on with: the same bits and the same records as a run that never stopped.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { MetricsRecord } from "../../lib/src/core/index.js";
import { foldIn, key, randint } from "../../lib/src/random/index.js";
import { namedLeaves, type Tree } from "../../lib/src/tensor/index.js";
import { killedRuns } from "./killed.js";

const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const numbers = (history: MetricsRecord[]) => history.map(({ seconds, ...rest }) => rest);
const program = join(dirname(fileURLToPath(import.meta.url)), "killed.ts");

/** How often each run is killed: RLHF_LAB_KILLS of them, 5 when it is not said. */
const kills = Number(process.env.RLHF_LAB_KILLS ?? 5);

/** Lets the run go on until it has written so many records more, or has begun to, and kills it there. */
async function killAfter(name: string, folder: string, records: number, moment: number): Promise<void> {
  const metrics = join(folder, "metrics.jsonl");
  const lines = () => (existsSync(metrics) ? readFileSync(metrics, "utf8").split("\n").length - 1 : 0);
  const child = spawn(process.execPath, ["--import", "tsx", program, name, folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const gone = new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
  const before = lines();
  // On a resume the file first becomes shorter: what was written after the checkpoint is written anew.
  while (child.exitCode === null && lines() < before + records) await wait(5);
  await wait(moment);
  child.kill("SIGKILL");
  expect(await gone).to.equal("SIGKILL");
}

describe("killed at random moments and gone on with", () => {
  for (const [r, [name, run]] of Object.entries(killedRuns).entries()) {
    it(`${name}: the same bits, the same history`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-killed-"));
      try {
        const [records, moments] = [0, 1].map((i) => randint(foldIn(key(70 + r), i), kills, 0, 30));
        for (let i = 0; i < kills; i++) await killAfter(name, join(folder, "killed"), 1 + records[i], moments[i]);
        const written = readFileSync(join(folder, "killed", "metrics.jsonl"), "utf8").split("\n").length;
        const steps = written + 5;
        const resumed = await run(steps, join(folder, "killed"));
        const straight = await run(steps, join(folder, "straight"));
        expect(bits(resumed.params)).to.deep.equal(bits(straight.params));
        expect(numbers(resumed.history)).to.deep.equal(numbers(straight.history));
        expect(resumed.history.map(({ step }) => step)).to.deep.equal(Array.from({ length: steps }, (_, i) => i + 1));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
