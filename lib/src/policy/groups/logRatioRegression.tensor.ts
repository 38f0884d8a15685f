import { tf } from "../../tensor/index.js";
import { checkRollout, maskedLogRatios } from "./logRatio.tensor.js";
import { checkWholeGroups, type LogRatioRegressionOptions } from "./logRatioRegression.js";

/**
 * Least squares for a policy that has been worked out up to a factor, pi = base exp(target) / normaliser: the mean over
 * completions of
 *
 *   (sum over t of mask (logpNew - logpBase) - target[b])^2,
 *
 * in groups with the mean of the group taken out of the bracket, which is the normaliser's logarithm. With
 * `sppoTargets` and the policy that wrote as base it is SPPO's loss (Wu et al. 2024, arXiv:2405.00675, which takes the
 * normaliser's logarithm for eta / 2), with `nashMdTargets` a step of mirror descent, with `onlineIpoTargets` and the
 * reference as base online IPO. The bracket of differences is that of REBEL (Gao et al. 2024, arXiv:2404.16767) and
 * INPO (Zhang et al. 2024, arXiv:2407.00617).
 *
 * Log-probabilities in nats [B, T], targets in nats [B], mask [B, T] of 0 and 1. The float64 twin is
 * `logRatioRegressionLossAndGradient`.
 * @throws ShapeError if the shapes differ or groups do not fill the rows; DomainError for a group that cannot be
 */
export function logRatioRegressionLoss(
  logpNew: tf.Tensor,
  logpBase: tf.Tensor,
  targets: tf.Tensor,
  mask: tf.Tensor,
  { group = 1 }: LogRatioRegressionOptions = {},
): tf.Scalar {
  checkRollout(logpNew, logpBase, targets, mask);
  checkWholeGroups(logpNew.shape[0], group);
  return tf.tidy(() => {
    const residuals = tf.reshape(tf.sub(tf.sum(maskedLogRatios(logpNew, logpBase, mask), 1), targets), [-1, group]);
    const own = group > 1 ? tf.sub(residuals, tf.mean(residuals, 1, true)) : residuals;
    return tf.mean(tf.square(own)) as tf.Scalar;
  });
}
