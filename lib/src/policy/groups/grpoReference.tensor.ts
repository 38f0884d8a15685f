import { checkShapes, tf } from "../../tensor/index.js";
import { stopGradient } from "../actorCritic/stopGradient.tensor.js";
import { logRatioLimit } from "./logRatio.js";
import { maskedLogRatios } from "./logRatio.tensor.js";

/**
 * The term that holds GRPO's policy near the reference, mean over completions of the mean over their tokens of
 *
 *   k3 = exp(logpRef - logpNew) - (logpRef - logpNew) - 1,
 *
 * to be added to `grpoLoss` with the factor beta. For tokens drawn from the new policy its *value* is an
 * unbiased estimate of KL(new || ref) of the next token; its *gradient* is not that KL's but that of
 * KL(ref || new): see policy/kl.
 *
 * For tokens that an older policy drew, give `logpOld`: each token's k3 is then weighted by new/old, a number that no
 * gradient goes through, so that value and gradient are on average what tokens of the new policy would give, after the
 * same prefixes (Liu et al. 2025, arXiv:2510.01555). The log-ratio is held in [-20, 20].
 *
 * Log-probabilities in nats [B, T], mask [B, T] of 0 and 1; a completion without tokens adds 0. The float64 twin is
 * `grpoReferenceLossAndGradient`. Shao et al. 2024, arXiv:2402.03300, eq. 4; Schulman 2020 for k3.
 * @throws ShapeError if the shapes differ
 */
export function grpoReferenceLoss(
  logpNew: tf.Tensor,
  logpRef: tf.Tensor,
  mask: tf.Tensor,
  { logpOld }: { logpOld?: tf.Tensor } = {},
): tf.Scalar {
  checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    logpRef: [logpRef, ["B", "T"]],
    mask: [mask, ["B", "T"]],
    ...(logpOld && { logpOld: [logpOld, ["B", "T"]] }),
  });
  return tf.tidy(() => {
    const d = maskedLogRatios(logpRef, logpNew, mask);
    const tokens = tf.maximum(tf.sum(mask.toFloat(), 1), 1);
    const k3 = tf.sub(tf.expm1(d), d);
    if (logpOld === undefined) return tf.mean(tf.div(tf.sum(k3, 1), tokens)) as tf.Scalar;
    const ratio = tf.exp(tf.clipByValue(maskedLogRatios(logpNew, logpOld, mask), -logRatioLimit, logRatioLimit));
    return tf.mean(tf.div(tf.sum(tf.mul(stopGradient(ratio), k3), 1), tokens)) as tf.Scalar;
  });
}
