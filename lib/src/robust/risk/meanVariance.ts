import { checkNonNegative } from "../../core/checks.js";
import { dot } from "../../numerics/dot.js";
import { checkOutcomes } from "../checkOutcomes.js";

/**
 * Mean plus `weight` times variance of losses (Markowitz 1952), the weight per unit of loss. Not monotone: it can
 * prefer the loss that is greater whatever happens, as it holds good luck against the other. Values and p are [N].
 * @throws ShapeError unless values and p are of one length; DomainError for a weight below 0, a value that is not
 *   finite, a p that is no distribution
 * @example meanVariance([1, -9], [0.5, 0.5], 1) // 21
 */
export function meanVariance(values: ArrayLike<number>, p: ArrayLike<number>, weight: number): number {
  checkOutcomes("values", values, p);
  checkNonNegative("weight", weight);
  const mean = dot(values, p);
  let variance = 0;
  for (let i = 0; i < p.length; i++) variance += p[i] * (values[i] - mean) ** 2;
  return mean + weight * variance;
}
