import { tf } from "../../tensor/index.js";
import { logRatioRange } from "../ppo/clip.js";
import {
  checkRollout,
  clippedLosses,
  type LossAndRowGradient,
  maskedLogRatios,
  type Rows,
  sequenceLoss,
} from "./logRatio.js";

export interface GspoOptions {
  /** Ratios count in full from 1 - clipLow on; default 3e-4: the root of a ratio is much closer to 1 than the ratio. */
  readonly clipLow?: number;
  /** ... up to 1 + clipHigh; default 4e-4. */
  readonly clipHigh?: number;
}

/**
 * GSPO's loss, mean over completions of -min(s A, clip(s, 1 - clipLow, 1 + clipHigh) A) with one ratio for a whole
 * completion, the geometric mean of its tokens':
 *
 *   s[b] = exp((1 / |y_b|) sum over t of mask (logpNew - logpOld)).
 *
 * A completion is clipped as a whole or not at all. Without the root the ratios of long completions would scatter wildly;
 * with it the gradient at logpNew = logpOld is GRPO's, length bias included. A completion without tokens adds -A and no
 * gradient. Shapes, units and bounds as `grpoLoss`. The float64 twin is `gspoLossAndGradient`. Zheng et al. 2025,
 * arXiv:2507.18071, eq. 5 to 7.
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

/** `gspoLoss` in float64 on plain rows, with d loss / d logpNew. @throws as `grpoLossAndGradient` */
export function gspoLossAndGradient(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  { clipLow = 3e-4, clipHigh = 4e-4 }: GspoOptions = {},
): LossAndRowGradient {
  return sequenceLoss(logpNew, logpOld, advantages, mask, logRatioRange(clipLow, clipHigh), true);
}
