import { tf } from "../../tensor/index.js";
import { logRatioRange } from "../ppo/clip.js";
import { clippedTokenLosses, type LossAndRowGradient, type Rows, weightedTokenLoss } from "./logRatio.js";

export interface DapoOptions {
  /** Ratios count in full from 1 - clipLow on; default 0.2. */
  readonly clipLow?: number;
  /** ... up to 1 + clipHigh; default 0.28, so that unlikely tokens have more room to rise. */
  readonly clipHigh?: number;
}

/**
 * DAPO's loss, mean over all tokens of the batch of -min(rho A, clip(rho, 1 - clipLow, 1 + clipHigh) A): every token counts
 * the same, whether its completion is short or long. 0 for a batch without tokens. Shapes, units and bounds as `grpoLoss`.
 * Its companions: `overlongPenalty` for the reward, `informativeRows` for dynamic sampling. The float64 twin is
 * `dapoLossAndGradient`. Yu et al. 2025, arXiv:2503.14476, eq. 8.
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

/** `dapoLoss` in float64 on plain rows, with d loss / d logpNew. @throws as `grpoLossAndGradient` */
export function dapoLossAndGradient(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  { clipLow = 0.2, clipHigh = 0.28 }: DapoOptions = {},
): LossAndRowGradient {
  const range = logRatioRange(clipLow, clipHigh);
  return weightedTokenLoss(
    logpNew,
    logpOld,
    advantages,
    mask,
    range,
    (_, tokens) =>
      1 /
      Math.max(
        1,
        tokens.reduce((a, b) => a + b),
      ),
  );
}
