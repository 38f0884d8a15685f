import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { foldIn, type Key, permutation, randint, split } from "../random/index.js";

/** Rows that repeat themselves, and where a model could know what comes. */
export interface RepeatedRows {
  /** [rows * length]. */
  readonly tokens: Int32Array;
  /** [rows] the period of each. */
  readonly periods: Int32Array;
  /** [rows * length] 1 where a token can be told from what stands before it: from the second copy's second token on. */
  readonly mask: Float32Array;
}

/**
 * Random tokens, no two alike, said over and over: each row has a period of its own. What comes next can be told only
 * by looking back for an earlier copy of the present token and reading the one after it: *induction* (Olsson et al.
 * 2022, arXiv:2209.11895). Guessing among the k tokens seen costs ln k.
 * @throws DomainError for sizes that cannot be: a period beyond the vocabulary, or too long to be repeated
 */
export function repeatedTokens(
  key: Key,
  options: { rows: number; length: number; vocabulary: number; periods: readonly [least: number, most: number] },
): RepeatedRows {
  const { rows, length, vocabulary, periods } = options;
  for (const [name, count] of Object.entries({ rows, length, vocabulary })) checkCount(name, count);
  const [least, most] = periods;
  if (!(Number.isInteger(least) && Number.isInteger(most) && least >= 1 && most >= least && most <= vocabulary)) {
    throw new DomainError(
      complaint("periods", `two whole numbers from 1 to ${vocabulary}, the smaller first`, periods),
    );
  }
  if (most + 1 >= length)
    throw new DomainError(complaint("periods", `less than ${length - 1}, to be repeated`, periods));
  const [periodKey, tokenKey] = split(key);
  const drawn = Int32Array.from(randint(periodKey, rows, least, most + 1));
  const tokens = new Int32Array(rows * length);
  const mask = new Float32Array(rows * length);
  drawn.forEach((period, r) => {
    const order = permutation(foldIn(tokenKey, r), vocabulary);
    for (let t = 0; t < length; t++) {
      tokens[r * length + t] = order[t % period];
      mask[r * length + t] = t > period ? 1 : 0;
    }
  });
  return { tokens, periods: drawn, mask };
}
