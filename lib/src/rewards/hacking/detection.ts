import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { exactExpectation } from "../../numerics/index.js";

/**
 * The outcomes that a learned reward overestimates: reward - utility, each from its own mean under the reference, is
 * more than `threshold` (nats). Without a common zero "much larger" has no meaning: comparisons leave the reward's
 * open. Lists [N]; true where overestimated.
 * @throws ShapeError if the lengths differ; DomainError unless the threshold is a number
 * @example overestimationSet([0.5, 0.5].map(Math.log), [9, 5], [0, 0], { threshold: 1 }) // [true, false]
 */
export function overestimationSet(
  logRef: ArrayLike<number>,
  reward: ArrayLike<number>,
  utility: ArrayLike<number>,
  { threshold }: { readonly threshold: number },
): boolean[] {
  if (Number.isNaN(threshold)) throw new DomainError(complaint("threshold", "a number", threshold));
  const offset = exactExpectation(logRef, reward) - exactExpectation(logRef, utility);
  return Array.from({ length: logRef.length }, (_, y) => reward[y] - utility[y] - offset > threshold);
}

/**
 * The area under the ROC curve of a detector: the probability that a positive outcome scores higher than a negative
 * one, a tie counting half; 0.5 is a coin. `positive[y]` and `negative[y]` are how much probability y has in each
 * group, [N]: give the policy's own replies split into hacked and honest, or the policy's against the reference's. The
 * two are different questions.
 * @throws ShapeError if the lengths differ; DomainError for NaN, a negative weight, or an empty group
 * @example detectorAuc([1, 2, 2], [0, 0, 1], [1, 1, 0]) // 0.75
 */
export function detectorAuc(
  score: ArrayLike<number>,
  positive: ArrayLike<number>,
  negative: ArrayLike<number>,
): number {
  for (const [name, weights] of Object.entries({ positive, negative })) {
    if (weights.length !== score.length) {
      throw new ShapeError(complaint(name, `${score.length} weights, one per outcome`, weights));
    }
    let sum = 0;
    for (let y = 0; y < weights.length; y++) {
      if (!(weights[y] >= 0)) throw new DomainError(complaint(`${name}[${y}]`, "a weight of at least 0", weights[y]));
      sum += weights[y];
    }
    if (!(sum > 0)) throw new DomainError(complaint(name, "at least one outcome of weight above 0", weights));
  }
  const order = Array.from({ length: score.length }, (_, y) => y).sort((a, b) => score[a] - score[b]);
  const wrong = order.find((y) => Number.isNaN(score[y]));
  if (wrong !== undefined) throw new DomainError(complaint(`score[${wrong}]`, "a number", score[wrong]));
  let [won, below, all] = [0, 0, 0];
  for (let first = 0; first < order.length; ) {
    let last = first;
    let [plus, minus] = [0, 0];
    while (last < order.length && score[order[last]] === score[order[first]]) {
      plus += positive[order[last]];
      minus += negative[order[last]];
      last++;
    }
    won += plus * (below + minus / 2);
    below += minus;
    all += plus;
    first = last;
  }
  return won / (all * below);
}
