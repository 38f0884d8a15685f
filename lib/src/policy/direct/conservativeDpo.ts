import { type DpoOptions, dpoOfMargin } from "./dpo.js";
import { checkNoise, type LossAndPairGradient, type MarginLoss, meanOverPairs } from "./margin.js";

export interface NoisyDpoOptions extends DpoOptions {
  /** epsilon, the share of labels that are flipped, in [0, 0.5); default 0.1. */
  readonly noise?: number;
}

/** The loss of one margin, and its slope. @throws DomainError unless beta > 0 and 0 <= noise < 1/2 */
export function conservativeDpoOfMargin(margin: number, { beta = 0.1, noise = 0.1 }: NoisyDpoOptions = {}): MarginLoss {
  checkNoise(noise);
  const { loss, slope } = dpoOfMargin(margin, { beta });
  return { loss: loss + noise * beta * margin, slope: slope + noise * beta };
}

/** `conservativeDpoLoss` in float64 on plain lists, with its slopes. @throws as `dpoLossAndGradient` */
export function conservativeDpoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  refChosen: ArrayLike<number>,
  refRejected: ArrayLike<number>,
  options: NoisyDpoOptions = {},
): LossAndPairGradient {
  return meanOverPairs({ chosen, rejected, refChosen, refRejected }, (h) => conservativeDpoOfMargin(h, options));
}
