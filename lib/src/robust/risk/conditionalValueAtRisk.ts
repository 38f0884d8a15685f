import { checkShare } from "../../core/checks.js";
import { checkOutcomes } from "../checkOutcomes.js";
import { descending } from "./valueAtRisk.js";

/**
 * Conditional value at risk (expected shortfall) of losses: the mean of the worst `tail` of the mass,
 *   CVaR_tail = min over nu of nu + E(X - nu)^+ / tail,
 * splitting the outcome that the edge of the tail falls on. It is the worst mean of all q <= p / tail. For rewards,
 * take minus the CVaR of minus them. Tail 1 is the mean, tail 0 the greatest loss that can happen. Some papers and
 * packages call 1 - tail the level. Values and p are [N]. (Rockafellar and Uryasev 2000; Acerbi and Tasche 2002,
 * arXiv:cond-mat/0104295.)
 * @throws ShapeError unless values and p are of one length; DomainError for a tail outside [0, 1], a value that is not
 *   finite, a p that is no distribution
 * @example -conditionalValueAtRisk([-1, -0.5, -2], [1 / 3, 1 / 3, 1 / 3], 0.5) // 0.6667
 */
export function conditionalValueAtRisk(values: ArrayLike<number>, p: ArrayLike<number>, tail: number): number {
  checkOutcomes("values", values, p);
  checkShare("tail", tail);
  const order = descending(values, p);
  if (tail === 0) return values[order[0]];
  let [left, sum] = [tail, 0];
  for (const i of order) {
    const mass = Math.min(p[i], left);
    sum += mass * values[i];
    left -= mass;
  }
  return sum / (tail - Math.max(left, 0));
}
