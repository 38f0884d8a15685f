import { tf } from "../../tensor/index.js";
import { logRatioRange } from "../ppo/clip.js";
import { checkRollout, clippedLosses, maskedLogRatios } from "./logRatio.tensor.js";
import type { RlooOptions } from "./rloo.js";

/**
 * RLOO's loss, mean over completions of -rho A with one ratio for a whole completion,
 *
 *   rho[b] = exp(sum over t of mask (logpNew - logpOld)),
 *
 * and A[b] from `leaveOneOutAdvantages`. At logpNew = logpOld, where the paper uses it, its gradient is
 * REINFORCE's, -A grad log pi(y), and unbiased; on samples of an older policy the ratio corrects for their age.
 * Log-probabilities in nats [B, T], advantages [B], mask [B, T] of 0 and 1. A completion without tokens adds -A and no
 * gradient. Log-ratios are held in [-20, 20] (`logRatioLimit`). The float64 twin is `rlooLossAndGradient`. Ahmadian et
 * al. 2024, arXiv:2402.14740.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0
 */
export function rlooLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  { clip = Number.POSITIVE_INFINITY }: RlooOptions = {},
): tf.Scalar {
  const range = logRatioRange(clip, clip);
  checkRollout(logpNew, logpOld, advantages, mask);
  return tf.tidy(() => {
    const logRatios = tf.sum(maskedLogRatios(logpNew, logpOld, mask), 1);
    return tf.mean(clippedLosses(logRatios, advantages, range)) as tf.Scalar;
  });
}
