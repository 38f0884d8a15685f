import { complaint, DomainError } from "../core/index.js";
import { tf } from "../tensor/index.js";
import { checkTokenIds } from "../tokenizers/index.js";
import type { Prompts, Rollout } from "./generate.js";

/**
 * Prompts of any lengths as one batch: padded on the left to the longest, or to `length`, with their starts. Where no
 * row is shorter than the others there are no starts, which makes a smaller graph.
 * @throws DomainError if there are no rows, or a row is empty, longer than `length`, or holds what is no token
 */
export function leftPad(rows: readonly ArrayLike<number>[], { pad = 0, length = 0 } = {}): Prompts {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const columns = length || longest;
  if (rows.length === 0) throw new DomainError(complaint("prompts", "at least one", rows));
  rows.forEach((row, i) => {
    if (row.length === 0) {
      throw new DomainError(complaint(`prompts[${i}]`, "at least one token", row, "Begin it with the tokenizer's bos"));
    }
    checkTokenIds(`prompts[${i}]`, row);
    if (row.length > columns)
      throw new DomainError(complaint(`prompts[${i}]`, `at most ${columns} tokens`, row.length));
  });
  const tokens = new Int32Array(rows.length * columns).fill(pad);
  rows.forEach((row, i) => {
    tokens.set(row, (i + 1) * columns - row.length);
  });
  const starts = Int32Array.from(rows, (row) => columns - row.length);
  return {
    tokens: tf.tensor2d(tokens, [rows.length, columns], "int32"),
    ...(starts.some((start) => start > 0) && { starts: tf.tensor1d(starts, "int32") }),
  };
}

/** The tokens that were drawn, per row, the stop token included; prompts and padding left out. */
export function completions(rollout: Rollout): number[][] {
  const tokens = rollout.tokens.arraySync();
  const mask = rollout.mask.arraySync();
  return tokens.map((row, b) => row.filter((_, t) => mask[b][t] === 1));
}

/**
 * The column of each row's last 1 in a mask [B, T], [B] int32: where a reward model reads a rollout. A row
 * of zeros gives column 0.
 */
export function lastColumns(mask: tf.Tensor): tf.Tensor1D {
  const T = mask.shape[1] as number;
  return tf.tidy(() => {
    const columns = tf.tensor2d(
      Int32Array.from({ length: T }, (_, t) => t),
      [1, T],
      "int32",
    );
    return tf.max(tf.mul(columns, mask.toInt()), 1) as tf.Tensor1D;
  });
}
