// Our trainers, on the data and with the settings that TRL gets.
import { key, type MetricsRecord } from "rlhf-lab";
import { randint } from "rlhf-lab/random";
import { adam } from "rlhf-lab/tensor";
import {
  algorithms,
  directMethods,
  type PolicyAlgorithm,
  textReward,
  trainDirect,
  trainPolicy,
  trainSupervised,
} from "rlhf-lab/train";
import { answers, model, prompts, SHAPE, tokenizer, vowels } from "./data.js";

/** Makes so many steps and hands back the records. */
type Run = (steps: number, onRecord?: (record: MetricsRecord) => void) => Promise<readonly MetricsRecord[]>;

// TRL's settings: the rate, and gradients of a norm of at most 1.
const optimizer = adam({ rate: 1e-5, maxNorm: 1 });
const start = model.init(key(0));
const { rows, group, completion } = SHAPE;
const count = 8192;
const asked = prompts(count).map((text) => tokenizer.encode(text));
const [good, bad] = [1, 2].map((seed) => answers(seed, count).map((text) => tokenizer.encode(text, { eos: true })));
// As TRL, which computes logits of completions alone where it trains a policy (bench/README.md).
const common = { model, start, optimizer, batch: rows, label: false, skipPrompts: true } as const;

function policy(algorithm: PolicyAlgorithm): Run {
  return async (steps, onRecord) => {
    const { history } = await trainPolicy(key(1), {
      ...common,
      algorithm,
      prompts: (promptKey, n) => Array.from(randint(promptKey, n, 0, count), (i) => asked[i]),
      reward: textReward(tokenizer, vowels),
      beta: 0.05,
      newTokens: completion,
      stop: tokenizer.special.eos,
      iterations: steps,
      onRecord,
    });
    return history;
  };
}

export const trainers = {
  rloo: policy(algorithms.rloo({ group })),
  grpo: policy(algorithms.grpo({ group })),
  /** So many pairs that (nearly) every step meets new ones, whose reference log-probabilities are not known yet. */
  async dpo(steps, onRecord) {
    const comparisons = asked.map((prompt, i) => ({ prompt, chosen: good[i], rejected: bad[i] }));
    const method = directMethods.dpo({ beta: 0.1 });
    return (await trainDirect(key(1), { ...common, method, comparisons, steps, onRecord })).history;
  },
  async sft(steps, onRecord) {
    const demonstrations = asked.map((prompt, i) => ({ prompt, completion: good[i] }));
    return (await trainSupervised(key(1), { ...common, demonstrations, steps, onRecord })).history;
  },
} satisfies Record<string, Run>;

export type Trainer = keyof typeof trainers;
