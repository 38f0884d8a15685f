import { checkShare } from "../../core/checks.js";
import { klBallWorst } from "../balls/index.js";

/**
 * Entropic value at risk of losses, inf over z > 0 of (ln E e^(z X) - ln tail) / z: the worst mean of all q with
 * KL(q || p) <= -ln tail. Coherent, and the tightest such bound on CVaR that Chernoff gives: VaR <= CVaR <= EVaR at
 * each tail. Tail 1 is the mean, tail 0 the greatest loss that can happen. Values and p are [N]. (Ahmadi-Javid 2012.)
 * @throws ShapeError unless values and p are of one length; DomainError for a tail outside [0, 1], a value that is not
 *   finite, a p that is no distribution
 * @example entropicValueAtRisk([0, 1], [0.5, 0.5], 0.8) // 0.8209
 */
export function entropicValueAtRisk(values: ArrayLike<number>, p: ArrayLike<number>, tail: number): number {
  checkShare("tail", tail);
  return klBallWorst(values, p, tail === 1 ? 0 : -Math.log(tail)).value;
}
