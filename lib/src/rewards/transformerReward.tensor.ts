import { complain, DomainError, ShapeError } from "../core/index.js";
import {
  type ScalarModelParams,
  scalarModel,
  type TransformerDropout,
  type TransformerOptions,
  transformerDropout,
} from "../models/index.js";
import type { Key } from "../random/index.js";
import { tf } from "../tensor/index.js";
import { checkTokenIds } from "../tokenizers/index.js";
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
 * Answers in tokens as input of `transformerReward`, padded on the right to `length` columns with `pad`: chosen[k] and rejected[k]
 * are the prompt's tokens and the answer's, one after the other.
 * @throws ShapeError if there are not as many rejected as chosen; DomainError if a row is empty, longer than `length`, or holds what is
 *   no token
 */
export function tokenInputs(
  chosen: ReadonlyArray<ArrayLike<number>>,
  rejected: ReadonlyArray<ArrayLike<number>>,
  { length, pad = 0 }: { length: number; pad?: number },
): RewardPairs<TokenRows> {
  if (rejected.length !== chosen.length) {
    throw new ShapeError(complain("rejected", `${chosen.length} rows, as many as chosen`, rejected));
  }
  for (const [name, list] of Object.entries({ chosen, rejected })) {
    list.forEach((row, k) => {
      if (row.length >= 1 && row.length <= length) return;
      throw new DomainError(complain(`${name}[${k}]`, `1 to ${length} tokens`, row));
    });
  }
  const checkTokens = (vocabulary?: number) => {
    for (const [name, list] of Object.entries({ chosen, rejected })) {
      list.forEach((row, k) => {
        checkTokenIds(`${name}[${k}]`, row, vocabulary);
      });
    }
  };
  checkTokens();
  return {
    rows: chosen.length,
    checkTokens,
    inputs(rows) {
      const both = [...Array.from(rows, (k) => chosen[k]), ...Array.from(rows, (k) => rejected[k])];
      const tokens = new Int32Array(both.length * length).fill(pad);
      both.forEach((row, i) => {
        tokens.set(row, i * length);
      });
      const ends = Int32Array.from(both, (row) => row.length - 1);
      return { tokens: tf.tensor2d(tokens, [both.length, length], "int32"), ends: tf.tensor1d(ends, "int32") };
    },
  };
}
