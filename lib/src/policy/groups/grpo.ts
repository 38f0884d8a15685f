import { tf } from "../../tensor/index.js";
import { logRatioRange } from "../ppo/clip.js";
import { clippedTokenLosses, type LossAndRowGradient, type Rows, weightedTokenLoss } from "./logRatio.js";

export interface GrpoOptions {
  /** epsilon: ratios count in full in [1 - clip, 1 + clip]; default 0.2. Infinity clips nothing. */
  readonly clip?: number;
}

/**
 * GRPO's loss, mean over completions of the mean over their tokens of
 *
 *   -min(rho A, clip(rho, 1 - clip, 1 + clip) A),   rho[b, t] = exp(logpNew[b, t] - logpOld[b, t]).
 *
 * Log-probabilities in nats [B, T], advantages [B] from `groupAdvantages`, mask [B, T] of 0 and 1. A completion without
 * tokens adds 0. The penalty for leaving the reference is a term of its own, `grpoReferenceLoss`. Dividing by a completion's
 * own length makes long mistakes cheap, and dividing advantages by the group's deviation makes prompts count unequally:
 * neither is a policy gradient. Log-ratios are held in [-20, 20] (`logRatioLimit`). The float64 twin is
 * `grpoLossAndGradient`. Shao et al. 2024, arXiv:2402.03300, eq. 3.
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

/**
 * `grpoLoss` in float64 on plain rows, with d loss / d logpNew.
 * @throws ShapeError if rows differ in number or length; DomainError for an empty batch, a mask that is not 0 or 1, or a number
 *   under the mask that is not finite
 */
export function grpoLossAndGradient(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  { clip = 0.2 }: GrpoOptions = {},
): LossAndRowGradient {
  return weightedTokenLoss(
    logpNew,
    logpOld,
    advantages,
    mask,
    logRatioRange(clip, clip),
    (b, tokens) => 1 / (tokens.length * Math.max(1, tokens[b])),
  );
}
