import { checkShapes, maskedMean, maskedSum, tf } from "../../tensor/index.js";
import { type ClipOptions, clipRange } from "./clip.js";
import { clippedObjective } from "./clippedObjective.tensor.js";

/**
 * PPO's loss with a ratio for each token: minus the token mean of
 *
 *   min(r_t A_t, clip(r_t, 1 - clip, 1 + clip) A_t),    r_t = exp(logpNew_t - logpOld_t),
 *
 * a scalar. logpNew, logpOld, advantages, mask [B, T]; log-probabilities in nats of tokens drawn from the old policy.
 * Schulman et al. 2017, arXiv:1707.06347, eq. 7. Differentiated in logpNew only. What stands where the mask is 0 is
 * never looked at. Neither a trust region nor sure to improve the policy: see lesson 08. Takes a logpNew of -Infinity
 * (the ratio is 0). Infinity or NaN if a drawn token had logpOld = -Infinity, which cannot be; NaN if the mask is
 * all 0. The float64 twin is `ppoLossAndGradient`.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0
 */
export function ppoLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  options: ClipOptions = {},
): tf.Scalar {
  const range = clipRange(options);
  checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    logpOld: [logpOld, ["B", "T"]],
    advantages: [advantages, ["B", "T"]],
    mask: [mask, ["B", "T"]],
  });
  return tf.tidy(() => {
    const live = mask.toBool();
    const logRatio = tf.where(live, tf.sub(logpNew, logpOld), tf.zerosLike(logpNew));
    const gains = tf.where(live, advantages, tf.zerosLike(advantages));
    return tf.neg(maskedMean(clippedObjective(logRatio, gains, range), mask)) as tf.Scalar;
  });
}

/**
 * PPO's loss with one ratio for the whole sequence, the product of its tokens' ratios (their logarithms add up): minus
 * the mean, over the rows that have tokens, of min(r A, clip(r, 1 - clip, 1 + clip) A). A scalar. logpNew, logpOld,
 * mask [B, T]; advantages [B]. Differentiated in logpNew only. The product of n ratios leaves the range about sqrt(n)
 * (drift: n) times as fast as one: clip = 0.2 is tight for long texts. (GSPO takes the geometric mean instead.) Rows
 * without tokens do not count; NaN if there are no others. The float64 twin is `ppoSequenceLossAndGradient`.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0
 */
export function ppoSequenceLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  options: ClipOptions = {},
): tf.Scalar {
  const range = clipRange(options);
  checkShapes({
    logpNew: [logpNew, ["B", "T"]],
    logpOld: [logpOld, ["B", "T"]],
    advantages: [advantages, ["B"]],
    mask: [mask, ["B", "T"]],
  });
  return tf.tidy(() => {
    const ratios = tf.where(mask.toBool(), tf.sub(logpNew, logpOld), tf.zerosLike(logpNew));
    const written = tf.max(mask, 1);
    const gains = tf.where(written.toBool(), advantages, tf.zerosLike(advantages));
    return tf.neg(maskedMean(clippedObjective(maskedSum(ratios, mask), gains, range), written)) as tf.Scalar;
  });
}
