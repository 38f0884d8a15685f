import { checkFinite } from "../../core/checks.js";
import { sigmoid, softplus } from "../../numerics/index.js";
import { checkBeta, type LossAndPairGradient, type MarginLoss, meanOverPairs } from "./margin.js";

export interface SimpoOptions {
  /**
   * beta, the slope; default 2. Larger than DPO's, since it multiplies log-probabilities of a
   * token, not of a completion.
   */
  readonly beta?: number;
  /** gamma, by how much beta (chosen - rejected) should exceed 0; default 1. */
  readonly margin?: number;
}

/** -log sigmoid(beta d - margin) of one difference d = chosen - rejected, and its slope. @throws as `simpoLoss` */
export function simpoOfMargin(difference: number, { beta = 2, margin = 1 }: SimpoOptions = {}): MarginLoss {
  checkSimpo(beta, margin);
  const short = margin - beta * difference;
  return { loss: softplus(short), slope: -beta * sigmoid(short) };
}

/** `simpoLoss` in float64 on plain lists, with its slopes. @throws as `dpoLossAndGradient` */
export function simpoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  options: SimpoOptions = {},
): LossAndPairGradient {
  return meanOverPairs({ chosen, rejected }, (d) => simpoOfMargin(d, options));
}

export function checkSimpo(beta: number, margin: number): void {
  checkBeta(beta);
  checkFinite("margin", margin);
}
