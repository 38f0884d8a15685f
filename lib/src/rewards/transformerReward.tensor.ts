import { type Comparison, complaint, DomainError } from "../core/index.js";
import {
  type ScalarModelParams,
  scalarModel,
  type TransformerDropout,
  type TransformerOptions,
  transformerDropout,
} from "../models/index.js";
import type { Key } from "../random/index.js";
import { tf } from "../tensor/index.js";
import { checkComparisonTokens, longestComparison } from "./comparisonTokens.js";
import type { RewardModel, RewardPairs } from "./rewardModel.tensor.js";

/** Token rows [B, T] int32, and the column of each row's last token, [B] int32. */
export type TokenRows = { tokens: tf.Tensor2D; ends: tf.Tensor1D };

/**
 * A reward that reads text: a transformer with a scalar head, read at each answer's last token (Ziegler et al. 2019,
 * arXiv:1909.08593). `length` is the number of columns of a batch, for the dropout masks.
 */
export function transformerReward(
  options: TransformerOptions,
  length: number = options.context,
): RewardModel<ScalarModelParams, TokenRows, TransformerDropout> {
  const model = scalarModel(options);
  const { config } = model.backbone;
  return {
    vocabulary: config.vocabulary,
    init: (key) => model.init(key),
    rewards: (params, { tokens, ends }, dropout) => model.rewards(params, tokens, ends, { dropout }),
    ...(config.dropout > 0 && {
      masks: (key: Key, rows: number) => transformerDropout(key, config, rows, length),
    }),
  };
}

/**
 * Comparisons in tokens as input of `transformerReward`, padded on the right to `length` columns, by default those of
 * the longest, with `pad`: a row is the prompt's tokens and the answer's, one after the other.
 * @throws DomainError if a row is empty, longer than `length`, or holds what is no token
 */
export function tokenInputs(
  comparisons: readonly Comparison<ArrayLike<number>>[],
  { length = longestComparison(comparisons), pad = 0 }: { length?: number; pad?: number } = {},
): RewardPairs<TokenRows> {
  const rowOf = (k: number, name: "chosen" | "rejected") => {
    const { prompt, [name]: answer } = comparisons[k];
    return [...Array.from(prompt), ...Array.from(answer)];
  };
  comparisons.forEach((_, k) => {
    for (const name of ["chosen", "rejected"] as const) {
      const row = rowOf(k, name);
      if (row.length >= 1 && row.length <= length) continue;
      throw new DomainError(complaint(`${name}[${k}]`, `1 to ${length} tokens, its prompt's included`, row));
    }
  });
  return {
    rows: comparisons.length,
    checkTokens: checkComparisonTokens(comparisons),
    inputs(rows) {
      const both = (["chosen", "rejected"] as const).flatMap((name) => Array.from(rows, (k) => rowOf(k, name)));
      const tokens = new Int32Array(both.length * length).fill(pad);
      both.forEach((row, i) => {
        tokens.set(row, i * length);
      });
      const ends = Int32Array.from(both, (row) => row.length - 1);
      return { tokens: tf.tensor2d(tokens, [both.length, length], "int32"), ends: tf.tensor1d(ends, "int32") };
    },
  };
}
