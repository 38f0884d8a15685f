import type { Transformer, TransformerParams } from "../models/index.js";
import { exactExpectation, exactKL, exactRegularisedOptimum, mean } from "../numerics/index.js";
import { type Key, randint } from "../random/index.js";
import { completionLogProbs, type RewardFunction } from "../train/index.js";
import { sequenceIndex } from "../trees/index.js";
import type { PhraseTask } from "../worlds/index.js";

/** The phrase task for `trainPolicy`, with exact answers. */
export interface PhraseTrial {
  /** One of the task's prompts at a time, all equally likely. */
  prompts(key: Key, count: number): number[][];
  /** The true utility of what was written. */
  reward: RewardFunction;
  /**
   * By how much E[utility] - beta KL(policy || reference) misses its greatest value, beta log Z, mean over
   * prompts, by enumeration.
   */
  gap(policy: TransformerParams): number;
}

/** What a policy is tried on, whose reference and beta are given. @throws DomainError unless beta > 0 */
export function phraseTrial(
  { tree, prompts, utility }: PhraseTask,
  model: Transformer,
  { reference, beta }: { reference: TransformerParams; beta: number },
): PhraseTrial {
  const every = prompts.flatMap((prompt) => tree.sequences.map((completion) => ({ prompt: [prompt], completion })));
  const N = tree.sequences.length;
  const logProbs = (params: TransformerParams) => {
    const all = completionLogProbs(model, params, every, { batch: N });
    return prompts.map((_, x) => all.subarray(x * N, (x + 1) * N));
  };
  const before = logProbs(reference);
  const best = utility.map((reward, x) => exactRegularisedOptimum(before[x], reward, beta).value);
  return {
    prompts: (key, count) => Array.from(randint(key, count, 0, prompts.length), (x) => [prompts[x]]),
    reward: ({ prompts: asked, written }) =>
      written.map((reply, b) => utility[prompts.indexOf(asked[b][0])][sequenceIndex(tree, reply)]),
    gap: (policy) =>
      mean(
        logProbs(policy).map((now, x) => {
          return best[x] - (exactExpectation(now, utility[x]) - beta * exactKL(now, before[x]));
        }),
      ),
  };
}
