import { checkShare } from "../../core/checks.js";
import { checkOutcomes } from "../checkOutcomes.js";

/**
 * Value at risk of losses: the least outcome x with P(X > x) <= tail. `tail` is the mass beyond, so that a VaR "at 95%"
 * has tail 0.05; for rewards, take minus the VaR of minus them. Tail 0 is the greatest loss that can happen, tail 1
 * the least. Values and p are [N]; the answer is in the unit of the values. Says nothing about how bad the tail is,
 * and may punish mixing (Artzner et al. 1999).
 * @throws ShapeError unless values and p are of one length; DomainError for a tail outside [0, 1], a value that is not
 *   finite, a p that is no distribution
 * @example valueAtRisk([0, 100], [0.96, 0.04], 0.05) // 0
 */
export function valueAtRisk(values: ArrayLike<number>, p: ArrayLike<number>, tail: number): number {
  checkOutcomes("values", values, p);
  checkShare("tail", tail);
  const order = descending(values, p);
  let beyond = 0;
  let k = 0;
  for (; k + 1 < order.length; k++) {
    // Sums such as 0.1 + 0.2 may stand a rounding above 0.3.
    if (beyond + p[order[k]] > tail * (1 + 1e-12)) break;
    beyond += p[order[k]];
  }
  return values[order[k]];
}

/** The outcomes that p allows, the greatest value first. */
export function descending(values: ArrayLike<number>, p: ArrayLike<number>): number[] {
  return Array.from(p, (_, i) => i)
    .filter((i) => p[i] > 0)
    .sort((i, j) => values[j] - values[i]);
}
