import { tf } from "../../tensor/index.js";
import { logRatioRange } from "../ppo/clip.js";
import { checkLength, type DrGrpoOptions } from "./drGrpo.js";
import { clippedTokenLosses } from "./logRatio.tensor.js";

/**
 * GRPO done right, mean over completions of the sum over their tokens of -min(rho A, clip(rho) A), divided by a
 * constant `length` in place of each completion's own. With advantages that are not divided by the group's deviation
 * (`groupAdvantages` with `normalise: false`) it is, at logpNew = logpOld, the policy gradient times
 * (G - 1) / G / length. Shapes, units and bounds as `grpoLoss`. The float64 twin is `drGrpoLossAndGradient`.
 * Liu et al. 2025, arXiv:2503.20783, section 3.2.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0 and length > 0
 */
export function drGrpoLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  { clip = 0.2, length = 1 }: DrGrpoOptions = {},
): tf.Scalar {
  const range = logRatioRange(clip, clip);
  checkLength(length);
  return tf.tidy(() => {
    const { losses } = clippedTokenLosses(logpNew, logpOld, advantages, mask, range);
    return tf.div(tf.mean(tf.sum(losses, 1)), length) as tf.Scalar;
  });
}
