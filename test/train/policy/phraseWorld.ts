// The phrase task as a world for transformer policies: exact values by enumerating every reply.

import { type TransformerParams, transformer } from "../../../lib/src/models/index.js";
import { exactExpectation, exactKL } from "../../../lib/src/numerics/index.js";
import { type Key, key, randint } from "../../../lib/src/random/index.js";
import { tf } from "../../../lib/src/tensor/index.js";
import type { RewardFunction } from "../../../lib/src/train/index.js";
import { sequenceIndex, sequenceRows } from "../../../lib/src/trees/index.js";
import { phraseTask } from "../../../lib/src/worlds/index.js";

export const task = phraseTask({ length: 3 });
export const model = transformer({ vocabulary: 7, context: 4, width: 16, layers: 1, heads: 2, deviation: 0.3 });
export const start = model.init(key(11));

/** One of the two prompts. */
export const prompts = (k: Key, count: number) => Array.from(randint(k, count, 0, 2), (which) => [task.prompts[which]]);

/** The true utility of what was written. */
export const utility: RewardFunction = ({ prompts, written }) =>
  written.map((reply, b) => task.utility[task.prompts.indexOf(prompts[b][0])][sequenceIndex(task.tree, reply)]);

/** log pi(reply) of every reply, per prompt. */
export function logProbsOf(params: TransformerParams): Float32Array[] {
  return task.prompts.map((prompt) => {
    const { tokens, mask, rows, width } = sequenceRows(task.tree, [prompt]);
    return tf.tidy(
      () =>
        model
          .logProbs(params, tf.tensor2d(tokens, [rows, width], "int32"), tf.tensor2d(mask, [rows, width]))
          .sum.dataSync() as Float32Array,
    );
  });
}

/** Exact E[utility] and KL(policy || start), means over the two prompts. */
export function exactly(params: TransformerParams): { utility: number; kl: number } {
  const [now, before] = [logProbsOf(params), logProbsOf(start)];
  const over = (f: (which: number) => number) => (f(0) + f(1)) / 2;
  return {
    utility: over((i) => exactExpectation(now[i], task.utility[i])),
    kl: over((i) => exactKL(now[i], before[i])),
  };
}
