import { checkLength, checkNonNegative, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { sortedScores } from "./conformalThreshold.js";

/**
 * Weighted split conformal prediction, for a point that is drawn from another distribution than the calibration
 * points: the least q such that the weights of scores up to q make up 1 - miss of all weights, the point's `own`
 * included (its score counts as Infinity); Infinity where even all scores do not. A weight is proportional to how much
 * more probable the new distribution finds the point, policy / reference; a constant factor changes nothing. Equal
 * weights give `conformalThreshold`. (Tibshirani et al. 2019, arXiv:1904.06019.)
 * @throws DomainError without a score, for NaN, a weight below 0, an own weight not positive, or unless 0 < miss < 1;
 *   ShapeError for another number of weights
 * @example weightedConformalThreshold([1, 2, 3], [1, 1, 1], 1, 0.5) // 2
 */
export function weightedConformalThreshold(
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
  own: number,
  miss: number,
): number {
  sortedScores(scores, miss);
  return weightedThresholds(scores, weights, miss)(own);
}

/** The threshold for any own weight: sorted once, asked often. @throws as `weightedConformalThreshold` */
export function weightedThresholds(
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
  miss: number,
): (own: number) => number {
  const sorted = sortedScores(scores, miss);
  checkLength("weights", weights, scores.length, "one for each score");
  const order = Array.from({ length: sorted.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  const sums = new Float64Array(order.length);
  let sum = 0;
  order.forEach((i, place) => {
    checkNonNegative(`weights[${i}]`, weights[i]);
    sum += weights[i];
    sums[place] = sum;
  });
  if (!Number.isFinite(sum)) throw new DomainError(complaint("weights", "a finite sum", weights));
  return (own) => {
    checkPositive("own", own);
    const enough = (1 - miss) * (sum + own) * (1 - 1e-12);
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] >= enough) high = middle;
      else low = middle + 1;
    }
    return low === order.length ? Number.POSITIVE_INFINITY : sorted[low];
  };
}
