import { checkPositive } from "../core/checks.js";
import { type Key, normal, split } from "../random/index.js";
import { type FeaturePairs, featurePairs } from "../rewards/featurePairs.js";
import { labelPairs } from "../rewards/index.js";

/**
 * n comparisons whose differences of features have all one length, `radius`, and any direction: what bounds on linear
 * rewards assume. The labeler's utility of a difference x is truth . x, in nats. One of the two texts has features 0.
 * @throws DomainError unless radius > 0
 */
export function sphereComparisons(key: Key, truth: ArrayLike<number>, n: number, radius: number): FeaturePairs {
  checkPositive("radius", radius);
  const d = truth.length;
  const [where, answers] = split(key);
  const z = normal(where, n * d);
  const rows = Array.from({ length: n }, (_, r) => {
    const x = z.subarray(r * d, (r + 1) * d);
    const length = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
    return x.map((value) => (radius * value) / length);
  });
  const zero = new Float64Array(d);
  const utility = rows.map((x) => x.reduce((sum, value, j) => sum + value * truth[j], 0));
  // One text has features x, the other 0; chosen minus rejected is x or -x.
  const y = labelPairs(answers, utility, new Float64Array(n));
  return featurePairs(
    rows.map((x, r) => (y[r] ? x : zero)),
    rows.map((x, r) => (y[r] ? zero : x)),
  );
}
