import { tf } from "../../tensor/index.js";
import { logRatioRange } from "../ppo/clip.js";
import type { DapoOptions } from "./dapo.js";
import { clippedTokenLosses } from "./logRatio.tensor.js";

/**
 * DAPO's loss, mean over all tokens of the batch of -min(rho A, clip(rho, 1 - clipLow, 1 + clipHigh) A): every token
 * counts the same, whether its completion is short or long. 0 for a batch without tokens. Shapes, units and bounds as
 * `grpoLoss`. Its companions: `overlongPenalty` for the reward, `informativeRows` for dynamic sampling. The float64
 * twin is `dapoLossAndGradient`. Yu et al. 2025, arXiv:2503.14476, eq. 8.
 * @throws ShapeError if the shapes differ; DomainError unless both clips are > 0
 */
export function dapoLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  { clipLow = 0.2, clipHigh = 0.28 }: DapoOptions = {},
): tf.Scalar {
  const range = logRatioRange(clipLow, clipHigh);
  return tf.tidy(() => {
    const { losses, weights } = clippedTokenLosses(logpNew, logpOld, advantages, mask, range);
    return tf.div(tf.sum(losses), tf.maximum(tf.sum(weights), 1)) as tf.Scalar;
  });
}
