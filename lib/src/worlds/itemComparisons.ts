import { type Key, normal, split } from "../random/index.js";
import { type FeaturePairs, featurePairs } from "../rewards/featurePairs.js";
import { labelPairs } from "../rewards/index.js";

/** What is compared, and by whom: a world in which each condition of consistency can be broken by itself. */
export interface ItemWorld {
  /** True weights, in nats per unit of a feature, [d]. */
  theta: readonly number[];
  /** Times the square of the first feature: a part of the utility that no linear reward can say; 0 by default. */
  curve?: number;
  /** Mean of the first feature; all features are normal with deviation 1. 0 by default. */
  centre?: number;
  /** Share of answers that are recorded the wrong way round; 0 by default. */
  flip?: number;
  /** Whether the two items of a pair have the same last feature, so that no answer speaks about it. */
  sameLast?: boolean;
}

/**
 * n comparisons of items with d features, utility theta . a + curve a_0^2, and the true differences of utility, chosen
 * minus rejected, in nats, [n].
 */
export function itemComparisons(
  key: Key,
  { theta, curve = 0, centre = 0, flip = 0, sameLast = false }: ItemWorld,
  n: number,
): { pairs: FeaturePairs; differences: Float64Array } {
  const d = theta.length;
  const [itemKey, labelKey] = split(key);
  const z = normal(itemKey, 2 * n * d);
  const items = Array.from({ length: 2 * n }, (_, i) => {
    const item = z.slice(i * d, (i + 1) * d);
    item[0] += centre;
    return item;
  });
  if (sameLast) for (let k = 0; k < n; k++) items[2 * k + 1][d - 1] = items[2 * k][d - 1];
  const utility = items.map((item) => item.reduce((sum, a, j) => sum + theta[j] * a, curve * item[0] ** 2));
  const first = utility.filter((_, i) => i % 2 === 0);
  const second = utility.filter((_, i) => i % 2 === 1);
  const wins = labelPairs(labelKey, first, second, { flip });
  const pairs = featurePairs(
    Array.from(wins, (won, k) => items[2 * k + (won ? 0 : 1)]),
    Array.from(wins, (won, k) => items[2 * k + (won ? 1 : 0)]),
  );
  return { pairs, differences: Float64Array.from(wins, (won, k) => (won ? 1 : -1) * (first[k] - second[k])) };
}
