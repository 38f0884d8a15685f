// Every trainer on something small: what all of them promise alike is tested on these.

import type { MetricsRecord } from "../../lib/src/core/index.js";
import { transformer } from "../../lib/src/models/index.js";
import { key, randint } from "../../lib/src/random/index.js";
import { processReward } from "../../lib/src/rewards/tensor.js";
import { tokenScoreReward } from "../../lib/src/rewards/tokenScoreReward.tensor.js";
import { tokenInputs, transformerReward } from "../../lib/src/rewards/transformerReward.tensor.js";
import { adam, type Tree } from "../../lib/src/tensor/index.js";
import {
  type Algorithm,
  algorithms,
  directMethods,
  type LoopOptions,
  type LoopState,
  trainDirect,
  trainGroupReward,
  trainLanguageModel,
  trainPolicy,
  trainProcessReward,
  trainRewardModel,
  trainSupervised,
} from "../../lib/src/train/index.js";
import { phraseComparisons, phraseDemonstrations, phraseTokens } from "../../lib/src/worlds/index.js";
import { model, prompts, start, task, utility } from "./policy/phraseWorld.js";

export type Shared = Pick<LoopOptions<LoopState>, "folder" | "checkpointEvery" | "resume" | "label" | "onRecord">;
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

export const [rewardPairs, heldOut] = [read(4), read(5)];
export const rewardBody = transformerReward(small);
export const trainers: Record<string, Trainer> = {
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
