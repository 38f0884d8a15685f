import { tf } from "../../tensor/index.js";
import type { IpoOptions } from "./ipo.js";
import { checkBeta } from "./margin.js";
import { margins } from "./margin.tensor.js";

/**
 * IPO's loss, mean over b of (h - 1 / (2 beta))^2, h = (chosen - refChosen) - (rejected - refRejected): a margin
 * that is large enough is not pushed further, so that preferences without doubt do not push it to infinity as DPO's
 * do. Arguments as `dpoLoss`; log-probabilities are sums over tokens, as in the paper (some libraries take means).
 * The float64 twin is `ipoLossAndGradient`; what it converges to is `ipoOptimum`. Azar et al. 2023,
 * arXiv:2310.12036, eq. 17.
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
