import type { Transformer, TransformerParams } from "../models/index.js";
import { logSumExp } from "../numerics/index.js";
import { categorical, type Key, split } from "../random/index.js";
import { type adam, disposeTree } from "../tensor/index.js";
import { completionLogProbs, type RewardFunction, trainSupervised } from "../train/index.js";
import { sequenceIndex } from "../trees/index.js";
import type { PhraseTask } from "../worlds/index.js";

/** A transformer that replies to the phrase task's first prompt: where it begins, and all of it by enumeration. */
export interface PhrasePupil {
  /** A policy that has imitated 2,000 replies of people, and its log-probabilities [N]. The caller disposes of it. */
  imitate(key: Key): Promise<{ params: TransformerParams; logProbs: Float64Array }>;
  /** log pi of every reply, [N]. */
  logProbsOf(params: TransformerParams): Float64Array;
  /** What `trainPolicy` needs of the task. */
  readonly asks: { prompts(key: Key, count: number): number[][]; newTokens: number; stop: number };
  /** A reward function out of a table with a number for every reply, [N]. */
  paying(scores: ArrayLike<number>): RewardFunction;
}

/**
 * `model` needs a context of 1 + the task's length; `optimizer` serves all runs, so that its captured steps are found
 * again.
 */
export function phrasePupil(
  { tree, prompts, reference }: PhraseTask,
  model: Transformer,
  optimizer: ReturnType<typeof adam>,
): PhrasePupil {
  const rows = tree.sequences.map((completion) => ({ prompt: [prompts[0]], completion }));
  const logProbsOf = (params: TransformerParams) => {
    const sums = completionLogProbs(model, params, rows, { batch: Math.min(rows.length, 2048) });
    const total = logSumExp(sums); // float32's rounding
    return sums.map((log) => log - total);
  };
  return {
    async imitate(key) {
      const [initKey, dataKey, trainKey] = split(key, 3);
      const start = model.init(initKey);
      const demonstrations = Array.from(categorical(dataKey, reference[0], 2000), (y) => rows[y]);
      const training = { model, start, optimizer, demonstrations, batch: 64, steps: 300, label: false as const };
      const { state } = await trainSupervised(trainKey, training);
      disposeTree([start, state.optimizer]);
      return { params: state.params, logProbs: logProbsOf(state.params) };
    },
    logProbsOf,
    asks: {
      prompts: (_, count) => Array.from({ length: count }, () => [prompts[0]]),
      newTokens: tree.length,
      stop: 0,
    },
    paying:
      (scores) =>
      ({ written }) =>
        written.map((reply) => scores[sequenceIndex(tree, reply)]),
  };
}
