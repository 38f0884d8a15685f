import { dot } from "../../numerics/dot.js";
import { logSumExp } from "../../numerics/index.js";
import { checkOutcomes, checkRadius } from "../checkOutcomes.js";
import { descending } from "./valueAtRisk.js";

/**
 * Entropic risk of losses, ln E e^(b X) / b: the certainty equivalent of exponential utility, and the worst
 * E_q X - KL(q || p) / b. `aversion` b is per unit of loss; at 0 it is the mean, at Infinity the greatest loss that can
 * happen; about mean + b Var / 2 between. Not positively homogeneous: twice the loss is more than twice the risk.
 * Values and p are [N]. (Howard and Matheson 1972; Follmer and Schied 2002.)
 * @throws ShapeError unless values and p are of one length; DomainError for an aversion below 0, a value that is not
 *   finite, a p that is no distribution
 * @example entropicRisk([0, 1], [0.5, 0.5], 1) // 0.6201
 */
export function entropicRisk(values: ArrayLike<number>, p: ArrayLike<number>, aversion: number): number {
  checkOutcomes("values", values, p);
  checkRadius("aversion", aversion);
  const order = descending(values, p);
  const most = values[order[0]];
  if (aversion === Number.POSITIVE_INFINITY) return most;
  const mean = dot(values, p);
  const spread = most - values[order[order.length - 1]];
  // About the mean, so that a small aversion is not lost in 1 + b X.
  if (aversion * spread < 1e-3) {
    const moment = (k: number) => order.reduce((sum, i) => sum + p[i] * (values[i] - mean) ** k, 0);
    const [second, third] = [moment(2), moment(3)];
    return mean + (aversion * second) / 2 + (aversion ** 2 * third) / 6;
  }
  return logSumExp(order.map((i) => Math.log(p[i]) + aversion * values[i])) / aversion;
}
