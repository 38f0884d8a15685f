import { sigmoid, softplus } from "../../numerics/index.js";
import { checkBeta, type LossAndPairGradient, type MarginLoss, meanOverPairs } from "./margin.js";

export interface DpoOptions {
  /** beta, nats of reward for a nat of log-ratio; default 0.1. Small: the policy may go far from the reference. */
  readonly beta?: number;
}

/**
 * -log sigmoid(beta h) of one margin h, and its slope.
 * @throws DomainError unless beta > 0
 * @example dpoOfMargin(0) // { loss: 0.6931, slope: -0.05 }
 */
export function dpoOfMargin(margin: number, { beta = 0.1 }: DpoOptions = {}): MarginLoss {
  checkBeta(beta);
  return { loss: softplus(-beta * margin), slope: -beta * sigmoid(-beta * margin) };
}

/**
 * `dpoLoss` in float64 on plain lists, with d loss / d chosen and d loss / d rejected.
 * @throws ShapeError if the lengths differ; DomainError unless beta > 0, for empty lists, or for a
 *   log-probability that is not finite
 * @example dpoLossAndGradient([-1], [-3], [-2], [-2], { beta: 0.5 }).loss // 0.3133
 */
export function dpoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  refChosen: ArrayLike<number>,
  refRejected: ArrayLike<number>,
  options: DpoOptions = {},
): LossAndPairGradient {
  return meanOverPairs({ chosen, rejected, refChosen, refRejected }, (h) => dpoOfMargin(h, options));
}
