import type { NoisyDpoOptions } from "./conservativeDpo.js";
import { dpoOfMargin } from "./dpo.js";
import { checkNoise, type LossAndPairGradient, type MarginLoss, meanOverPairs } from "./margin.js";

/** The loss of one margin, and its slope. @throws DomainError unless beta > 0 and 0 <= noise < 1/2 */
export function robustDpoOfMargin(margin: number, { beta = 0.1, noise = 0.1 }: NoisyDpoOptions = {}): MarginLoss {
  checkNoise(noise);
  const { loss, slope } = dpoOfMargin(margin, { beta });
  const pull = (noise * beta) / (1 - 2 * noise);
  return { loss: loss - pull * margin, slope: slope - pull };
}

/** `robustDpoLoss` in float64 on plain lists, with its slopes. @throws as `dpoLossAndGradient` */
export function robustDpoLossAndGradient(
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
  refChosen: ArrayLike<number>,
  refRejected: ArrayLike<number>,
  options: NoisyDpoOptions = {},
): LossAndPairGradient {
  return meanOverPairs({ chosen, rejected, refChosen, refRejected }, (h) => robustDpoOfMargin(h, options));
}
