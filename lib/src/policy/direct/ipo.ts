import { checkBeta, type LossAndPairGradient, type MarginLoss, meanOverPairs } from "./margin.js";

export interface IpoOptions {
  /** beta (tau in the paper), nats of preference for a nat of log-ratio; default 0.1. */
  readonly beta?: number;
}

/**
 * (h - 1 / (2 beta))^2 of one margin h, and its slope.
 * @throws DomainError unless beta > 0
 * @example ipoOfMargin(4, { beta: 0.1 }) // { loss: 1, slope: -2 }
 */
export function ipoOfMargin(margin: number, { beta = 0.1 }: IpoOptions = {}): MarginLoss {
  checkBeta(beta);
  const gap = margin - 1 / (2 * beta);
  return { loss: gap * gap, slope: 2 * gap };
}

/** `ipoLoss` in float64 on plain lists, with its slopes. @throws as `dpoLossAndGradient` */
export function ipoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  refChosen: ArrayLike<number>,
  refRejected: ArrayLike<number>,
  options: IpoOptions = {},
): LossAndPairGradient {
  return meanOverPairs({ chosen, rejected, refChosen, refRejected }, (h) => ipoOfMargin(h, options));
}
