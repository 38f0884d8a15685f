import { tf } from "../../tensor/index.js";
import { logRatioRange } from "../ppo/clip.js";
import type { GrpoOptions } from "./grpo.js";
import { clippedTokenLosses } from "./logRatio.tensor.js";

/**
 * GRPO's loss, mean over completions of the mean over their tokens of
 *
 *   -min(rho A, clip(rho, 1 - clip, 1 + clip) A),   rho[b, t] = exp(logpNew[b, t] - logpOld[b, t]).
 *
 * Log-probabilities in nats [B, T], advantages [B] from `groupAdvantages`, mask [B, T] of 0 and 1. A completion without
 * tokens adds 0. The penalty for leaving the reference is a term of its own, `grpoReferenceLoss`. Dividing by a
 * completion's own length makes long mistakes cheap, and dividing advantages by the group's deviation makes prompts
 * count unequally: neither is a policy gradient. Log-ratios are held in [-20, 20] (`logRatioLimit`). The float64 twin
 * is `grpoLossAndGradient`. Shao et al. 2024, arXiv:2402.03300, eq. 3.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0
 */
export function grpoLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  { clip = 0.2 }: GrpoOptions = {},
): tf.Scalar {
  const range = logRatioRange(clip, clip);
  return tf.tidy(() => {
    const { losses, weights } = clippedTokenLosses(logpNew, logpOld, advantages, mask, range);
    const tokens = tf.maximum(tf.sum(weights, 1), 1);
    return tf.mean(tf.div(tf.sum(losses, 1), tokens)) as tf.Scalar;
  });
}
