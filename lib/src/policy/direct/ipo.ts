import { tf } from "../../tensor/index.js";
import { checkBeta, type LossAndPairGradient, type MarginLoss, margins, meanOverPairs } from "./margin.js";

export interface IpoOptions {
  /** beta (tau in the paper), nats of preference for a nat of log-ratio; default 0.1. */
  readonly beta?: number;
}

/**
 * IPO's loss, mean over b of (h - 1 / (2 beta))^2, h = (chosen - refChosen) - (rejected - refRejected): a margin that is
 * large enough is not pushed further, so that preferences without doubt do not push it to infinity as DPO's do. Arguments as
 * `dpoLoss`; log-probabilities are sums over tokens, as in the paper (some libraries take means). The float64 twin is
 * `ipoLossAndGradient`; what it converges to is `ipoOptimum`. Azar et al. 2023, arXiv:2310.12036, eq. 17.
 * @throws ShapeError if the shapes differ; DomainError unless beta > 0
 */
export function ipoLoss(
  chosen: tf.Tensor,
  rejected: tf.Tensor,
  refChosen: tf.Tensor,
  refRejected: tf.Tensor,
  { beta = 0.1 }: IpoOptions = {},
): tf.Scalar {
  checkBeta(beta);
  return tf.tidy(() => {
    const h = margins(chosen, rejected, refChosen, refRejected);
    return tf.mean(tf.square(tf.sub(h, 1 / (2 * beta)))) as tf.Scalar;
  });
}

/** (h - 1 / (2 beta))^2 of one margin h, and its slope. @throws DomainError unless beta > 0 */
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
