// Killed again and again, at moments of chance, and gone on with: the same bits and the same records as
// a run that never stopped.
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
import { program } from "../program.js";
import { sized } from "../sized.js";
import { killedRuns } from "./killed.js";

const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const numbers = (history: MetricsRecord[]) => history.map(({ seconds, ...rest }) => rest);
const here = dirname(fileURLToPath(import.meta.url));

/** How often each run is killed. */
const kills = sized(5, 30);

const spawned = (args: readonly string[]) => spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });

const recordsIn = (folder: string) => {
  const metrics = join(folder, "metrics.jsonl");
  return existsSync(metrics) ? readFileSync(metrics, "utf8").split("\n").slice(0, -1) : [];
};

/** Lets the run go on until it has written so many records more, or has begun to, and kills it there. */
async function killAfter(command: readonly string[], folder: string, records: number, moment: number): Promise<void> {
  const lines = () => recordsIn(folder).length;
  const child = spawned(command);
  const gone = new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
  const before = lines();
  // On a resume the file first becomes shorter: what was written after the checkpoint is written anew.
  while (child.exitCode === null && lines() < before + records) await wait(5);
  await wait(moment);
  child.kill("SIGKILL");
  expect(await gone).to.equal("SIGKILL");
}

describe("soak: killed at random moments and gone on with", () => {
  for (const [r, [name, run]] of Object.entries(killedRuns).entries()) {
    it(`${name}: the same bits, the same history`, async () => {
      const file = await program(join(here, "killed.ts"));
      const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-killed-"));
      try {
        // In the midst of the first three checkpoints or at them: a record more or less of a later one is nothing new.
        const [records, moments] = [0, 1].map((i) => randint(foldIn(key(70 + r), i), kills, 0, [sized(9, 30), 30][i]));
        for (let i = 0; i < kills; i++) {
          const killed = join(folder, "killed");
          await killAfter([file, name, killed], killed, 1 + records[i], moments[i]);
        }
        const steps = recordsIn(join(folder, "killed")).length + 6;
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

  it("npm run train:demo: the same checkpoint and model, the same history", async () => {
    const demo = await program(join(here, "../../scripts/train-demo.ts"));
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-killed-"));
    try {
      const [times, steps] = [sized(1, 30), sized(20, 100)];
      const [killed, straight] = ["killed", "straight"].map((name) => join(folder, name));
      const command = (into: string) => [
        demo,
        ..."--resume --characters 5 --folder".split(" "),
        into,
        "--steps",
        `${steps}`,
      ];
      const finish = (into: string) =>
        new Promise((resolve) => spawned(command(into)).on("exit", (code, signal) => resolve(code ?? signal)));
      const [records, moments] = [0, 1].map((i) => randint(foldIn(key(80), i), times, 0, [3, 40][i]));
      for (let i = 0; i < times; i++) await killAfter(command(killed), killed, 1 + records[i], moments[i]);
      expect([await finish(killed), await finish(straight)]).to.deep.equal([0, 0]);
      const history = (from: string) => numbers(recordsIn(from).map((text) => JSON.parse(text)));
      expect(history(killed)).to.deep.equal(history(straight));
      expect(history(killed)).to.have.length(steps);
      for (const file of ["checkpoint.safetensors", "gpt2/model.safetensors", "gpt2/config.json"]) {
        expect(readFileSync(join(killed, file)).equals(readFileSync(join(straight, file))), file).to.equal(true);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
