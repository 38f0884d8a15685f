import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * Split conformal prediction: the ceil((n + 1)(1 - miss))-th smallest of n calibration scores; Infinity where that is
 * beyond n. A score says how wrong a prediction was, for instance predicted - true. If the next score is exchangeable
 * with these, it is at most the threshold with probability at least 1 - miss, whatever the model and the distribution;
 * given the calibration scores, the coverage is distributed as Beta(k, n + 1 - k) (scores without ties).
 * (Vovk et al. 2005; Papadopoulos et al. 2002; Angelopoulos and Bates 2021, arXiv:2107.07511.)
 * @throws DomainError without a score, for NaN, or unless 0 < miss < 1
 * @example conformalThreshold([3, 1, 2], 0.5) // 2
 */
export function conformalThreshold(scores: ArrayLike<number>, miss: number): number {
  const sorted = sortedScores(scores, miss);
  const k = conformalRank(scores.length, miss);
  return k > sorted.length ? Number.POSITIVE_INFINITY : sorted[k - 1];
}

/** ceil((n + 1)(1 - miss)), free of the last digit's rounding. */
export function conformalRank(n: number, miss: number): number {
  const exact = (n + 1) * (1 - miss);
  return Math.ceil(exact - 1e-9 * Math.max(1, exact));
}

/** Sorted upwards, checked. */
export function sortedScores(scores: ArrayLike<number>, miss: number): Float64Array {
  checkCount("scores: how many", scores.length);
  checkMiss(miss);
  const sorted = Float64Array.from(scores).sort();
  if (Number.isNaN(sorted[sorted.length - 1])) {
    throw new DomainError(complaint("scores", "numbers without NaN", scores));
  }
  return sorted;
}

/** @throws DomainError unless 0 < miss < 1 */
export function checkMiss(miss: number): void {
  if (miss > 0 && miss < 1) return;
  throw new DomainError(complaint("miss", "a probability of missing, above 0 and below 1", miss));
}
