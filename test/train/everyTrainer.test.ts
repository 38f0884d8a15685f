// What all trainers promise alike: a metrics file, an interrupt that stops for good, and a resumed run that is the whole run, bit for bit.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { InterruptError, setNotebookHost } from "../../lib/src/core/index.js";
import { phraseDemonstrations } from "../../lib/src/envs/index.js";
import { transformer } from "../../lib/src/models/index.js";
import { key, randint } from "../../lib/src/random/index.js";
import {
  phraseComparisons,
  phraseTokens,
  processReward,
  tokenInputs,
  tokenScoreReward,
  transformerReward,
} from "../../lib/src/rewards/index.js";
import { adam, namedLeaves, type Tree } from "../../lib/src/tensor/index.js";
import {
  type Algorithm,
  algorithms,
  directMethods,
  type LoopOptions,
  type LoopState,
  type MetricsRecord,
  trainDirect,
  trainGroupReward,
  trainLanguageModel,
  trainPolicy,
  trainProcessReward,
  trainRewardModel,
  trainSupervised,
} from "../../lib/src/train/index.js";
import { model, prompts, start, task, utility } from "./policy/phraseWorld.js";

type Shared = Pick<LoopOptions<LoopState>, "folder" | "checkpointEvery" | "resume" | "label" | "onRecord">;
type Trained = { params: Tree; history: MetricsRecord[] };
type Trainer = (steps: number, shared: Shared) => Promise<Trained>;

const optimizer = adam({ rate: 1e-2, maxNorm: 1 });
const comparisons = phraseComparisons(key(1), task, 60).map(({ prompt, chosen, rejected }) => ({
  prompt: [prompt],
  chosen: task.tree.sequences[chosen],
  rejected: task.tree.sequences[rejected],
}));
const demonstrations = phraseDemonstrations(key(2), task, 60).map(({ prompt, reply }) => ({
  prompt: [prompt],
  completion: task.tree.sequences[reply],
}));
const read = (seed: number) => {
  const list = phraseComparisons(key(seed), task, 40);
  const tokens = (which: "chosen" | "rejected") => list.map((c) => phraseTokens(task, c.prompt, c[which]));
  return tokenInputs(tokens("chosen"), tokens("rejected"), { length: 4 });
};
const small = { vocabulary: 7, context: 4, width: 8, layers: 1, heads: 2, dropout: 0.1 };

const dpo = directMethods.dpo();
const dropping = transformer(small);
const droppingStart = dropping.init(key(12));
const groupBody = tokenScoreReward(small);
const stepBody = processReward(small);
const labelled = demonstrations.map((row) => ({ ...row, labels: Array.from(row.completion, (token) => token % 2) }));

const policy =
  (algorithm: Algorithm, more: { targetKl?: number; sharedCritic?: boolean } = {}): Trainer =>
  (iterations, shared) =>
    trainPolicy(key(3), {
      ...{ ...shared, ...more, model, start, algorithm, optimizer, prompts, iterations },
      ...{ reward: utility, trueReward: utility, batch: 16, newTokens: 3, stop: 0, beta: 0.1 },
    });
const unwrapped = async (run: Promise<{ state: { params: Tree }; history: MetricsRecord[] }>): Promise<Trained> => {
  const { state, history } = await run;
  return { params: state, history };
};

const [rewardPairs, heldOut] = [read(4), read(5)];
const rewardBody = transformerReward(small);
const trainers: Record<string, Trainer> = {
  "PPO, its KL coefficient steered": policy(algorithms.ppo({ epochs: 2, minibatches: 2 }), { targetKl: 0.5 }),
  "A2C, its critic apart": policy(algorithms.a2c(), { sharedCritic: false }),
  RLOO: policy(algorithms.rloo()),
  DAPO: policy(algorithms.dapo()),
  "SAC, its temperature learned": policy(algorithms.sac({ capacity: 40, rows: 8, updates: 2, targetEntropy: 1 })),
  "SAC, its temperature steered": policy(algorithms.sac({ capacity: 64, rows: 8, updates: 2 }), { targetKl: 0.5 }),
  "expert iteration": policy(algorithms.expertIteration({ steps: 3, rows: 8 })),
  DPO: (steps, shared) =>
    unwrapped(
      trainDirect(key(6), { ...shared, ...{ model, start, optimizer, comparisons, steps, batch: 8 }, method: dpo }),
    ),
  "supervised fine-tuning": (steps, shared) =>
    unwrapped(
      trainSupervised(key(7), {
        ...{ ...shared, start: droppingStart, model: dropping, optimizer, demonstrations, steps, batch: 8 },
        ...{ validation: demonstrations.slice(0, 9), evaluateEvery: 2 },
      }),
    ),
  "a reward model with early stopping": (steps, shared) =>
    trainRewardModel(key(8), {
      ...{ ...shared, model: rewardBody, optimizer, steps, batch: 8, patience: 50, evaluateEvery: 2 },
      ...{ train: rewardPairs, validation: heldOut },
    }),
  "a reward model on groups": (steps, shared) =>
    unwrapped(
      trainGroupReward(key(9), {
        ...{ ...shared, model: groupBody, optimizer, steps, batch: 4, evaluateEvery: 2, length: 4 },
        train: comparisons.map(({ prompt, chosen, rejected }) => {
          return { prompt, completions: [chosen, rejected], wins: [[0, 1] as const] };
        }),
      }),
    ),
  "a process reward model": (steps, shared) =>
    trainProcessReward(key(13), { ...shared, model: stepBody, optimizer, replies: labelled, steps, batch: 8 }),
  "a language model": (steps, shared) =>
    unwrapped(
      trainLanguageModel(key(10), {
        ...{ ...shared, model: dropping, optimizer, steps, batch: 4 },
        train: randint(key(11), 200, 0, 7),
      }),
    ),
};
const bits = (tree: Tree) => namedLeaves(tree).map(([name, leaf]) => [name, [...leaf.dataSync()]]);
const numbers = (history: MetricsRecord[]) => history.map(({ seconds, ...rest }) => rest);

describe("every trainer", function () {
  this.timeout(300_000); // a dozen graphs are traced
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
      for (const metric of ["reward", "trueReward", "referenceKl", "stepKl", "entropy", "length", "beta", "loss"]) {
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
