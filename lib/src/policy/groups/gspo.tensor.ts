import { tf } from "../../tensor/index.js";
import { logRatioRange } from "../ppo/clip.js";
import type { GspoOptions } from "./gspo.js";
import { checkRollout, clippedLosses, maskedLogRatios } from "./logRatio.tensor.js";

/**
 * GSPO's loss, mean over completions of -min(s A, clip(s, 1 - clipLow, 1 + clipHigh) A) with one ratio for a whole
 * completion, the geometric mean of its tokens':
 *
 *   s[b] = exp((1 / |y_b|) sum over t of mask (logpNew - logpOld)).
 *
 * A completion is clipped as a whole or not at all. Without the root the ratios of long completions would scatter
 * wildly; with it the gradient at logpNew = logpOld is GRPO's, length bias included. A completion without tokens
 * adds -A and no gradient. Shapes, units and bounds as `grpoLoss`. The float64 twin is `gspoLossAndGradient`. Zheng et
 * al. 2025, arXiv:2507.18071, eq. 5 to 7.
 * @throws ShapeError if the shapes differ; DomainError unless both clips are > 0
 */
export function gspoLoss(
  logpNew: tf.Tensor,
  logpOld: tf.Tensor,
  advantages: tf.Tensor,
  mask: tf.Tensor,
  { clipLow = 3e-4, clipHigh = 4e-4 }: GspoOptions = {},
): tf.Scalar {
  const range = logRatioRange(clipLow, clipHigh);
  checkRollout(logpNew, logpOld, advantages, mask);
  return tf.tidy(() => {
    const tokens = tf.maximum(tf.sum(mask.toFloat(), 1), 1);
    const logRatios = tf.div(tf.sum(maskedLogRatios(logpNew, logpOld, mask), 1), tokens);
    return tf.mean(clippedLosses(logRatios, advantages, range)) as tf.Scalar;
  });
}
