// What all trainers promise alike: a metrics file, an interrupt that stops for good, and a resumed run that is
// the whole run, bit for bit.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InterruptError, type MetricsRecord, setNotebookHost } from "../../lib/src/core/index.js";
import { key } from "../../lib/src/random/index.js";
import { adam, namedLeaves, type Tree } from "../../lib/src/tensor/index.js";
import { trainRewardModel } from "../../lib/src/train/index.js";
import { heldOut, rewardBody, rewardPairs, trainers } from "./trainers.js";

const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const numbers = (history: MetricsRecord[]) => history.map(({ seconds, ...rest }) => rest);

describe("every trainer", () => {
  for (const [name, train] of Object.entries(trainers)) {
    it(`${name}: interrupted, it stops for good; resumed, it is the run that never stopped, bit for bit; its records are on the disk`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-every-"));
      const whole = await train(8, { label: false });
      expect(whole.history).to.have.length(8);

      const controller = new AbortController();
      const restore = setNotebookHost({ display: () => {}, interrupt: controller.signal, prompt: async () => "" });
      const onRecord = ({ step }: MetricsRecord) => void (step === 5 && controller.abort());
      const interrupted = await train(8, { folder, label: false, onRecord, checkpointEvery: 3 })
        .catch((error) => error)
        .finally(restore);
      expect(interrupted).to.be.instanceOf(InterruptError);
      expect(interrupted.message).to.contain("step 5").and.to.contain(folder);

      const resumed = await train(8, { folder, label: false, resume: true });
      expect(bits(resumed.params)).to.deep.equal(bits(whole.params));
      expect(numbers(resumed.history)).to.deep.equal(numbers(whole.history));
      const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n");
      expect(numbers(lines.map((line) => JSON.parse(line)))).to.deep.equal(numbers(whole.history));
      expect(existsSync(join(folder, "checkpoint.safetensors"))).to.equal(true);
      rmSync(folder, { recursive: true });
    });
  }

  it("a policy's records have one set of names, whatever the algorithm", async () => {
    for (const name of Object.keys(trainers).slice(0, 7)) {
      const { history } = await trainers[name](2, { label: false });
      for (const metric of ["reward", "trueReward", "referenceKl", "approxKl", "entropy", "length", "beta", "loss"]) {
        expect(history[1][metric], `${name}: ${metric}`).to.be.a("number");
      }
      if (/PPO|A2C|SAC/.test(name)) expect(history[1].explainedVariance, name).to.be.at.most(1);
      if (/PPO/.test(name)) expect(history[1].clipFraction, name).to.be.within(0, 1);
    }
  });

  it("early stopping goes on where it was: a run that ended early stays ended, and remembers its best parameters", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-every-"));
    const run = (steps: number, where?: string) =>
      trainRewardModel(key(8), {
        ...{ model: rewardBody, optimizer: adam({ rate: 0.1 }), steps, batch: 8, patience: 3, evaluateEvery: 1 },
        ...{ train: rewardPairs, validation: heldOut, label: false, folder: where, resume: where !== undefined },
      });
    const whole = await run(60);
    expect(whole.history.length)
      .to.equal(whole.step + 3)
      .and.below(60);
    await run(whole.step + 1, folder); // the best is behind already, and patience has begun
    for (const resumed of [await run(60, folder), await run(60, folder)]) {
      expect(resumed.step).to.equal(whole.step);
      expect(bits(resumed.params)).to.deep.equal(bits(whole.params));
      expect(numbers(resumed.history)).to.deep.equal(numbers(whole.history));
    }
    rmSync(folder, { recursive: true });
  });
});
