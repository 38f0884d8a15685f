import { checkCount, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/** The attention of one head over one sequence: weights[i][j] is how much position i looks at j. */
export type AttentionMatrix = readonly ArrayLike<number>[];

/**
 * How much a head is an induction head: on a sequence that repeats itself with period L, the mean weight from i to
 * i - L + 1, the place after the earlier copy of what stands at i, over the positions i = L ... T - 1 that have one.
 * Olsson et al. 2022, arXiv:2209.11895.
 * @throws DomainError unless 1 <= period < T
 */
export function inductionScore(weights: AttentionMatrix, period: number): number {
  checkCount("period", period);
  return meanAhead(weights, period - 1, period);
}

/**
 * How much a head looks at the token before: the mean weight from i to i - 1 over i = 1 ... T - 1.
 * @throws DomainError for a sequence of one
 */
export function previousTokenScore(weights: AttentionMatrix): number {
  return meanAhead(weights, 1, 1);
}

/** The mean weight from i to i - back over i = from ... T - 1. */
function meanAhead(weights: AttentionMatrix, back: number, from: number): number {
  const length = weights.length;
  if (length <= from) throw new DomainError(complaint("weights", `more than ${from} positions`, length));
  let sum = 0;
  for (let i = 0; i < length; i++) {
    checkNumbers(`weights[${i}]`, weights[i], length);
    if (i >= from) sum += weights[i][i - back];
  }
  return sum / (length - from);
}
