import { complain, DomainError } from "../../core/index.js";
import { checkShapes, maskedMean, tf, withGradient } from "../../tensor/index.js";
import { checkFiniteAt, type LossAndTokenGradient, meanOverTokens } from "../meanOverTokens.js";

export interface ValueClipOptions {
  /** How far a value may move from the old one before it stops to count, in units of reward. There is no good default. */
  readonly clip: number;
}

/**
 * The critic's loss with PPO's value clipping: token mean of
 *
 *   max((V_t - R_t)^2, (Vold_t + clip(V_t - Vold_t, -clip, clip) - R_t)^2) / 2.
 *
 * A value that has gone towards its return by more than `clip` gets no gradient; one that has gone away from it does. `clip` has
 * the unit of rewards, so a value of 0.2 means nothing before rewards are scaled. It came with OpenAI's baselines, is not in the
 * paper, and did not help where it was tested (Engstrom et al. 2020, arXiv:2005.12729; Andrychowicz et al. 2020, arXiv:2006.05990).
 * values, oldValues, returns, mask [B, T]; a scalar. Differentiated in the values only.
 * The float64 twin is `clippedValueLossAndGradient`.
 * @throws ShapeError if the shapes differ; DomainError unless clip > 0
 */
export function clippedValueLoss(
  values: tf.Tensor,
  oldValues: tf.Tensor,
  returns: tf.Tensor,
  mask: tf.Tensor,
  { clip }: ValueClipOptions,
): tf.Scalar {
  checkClip(clip);
  checkShapes({
    values: [values, ["B", "T"]],
    oldValues: [oldValues, ["B", "T"]],
    returns: [returns, ["B", "T"]],
    mask: [mask, ["B", "T"]],
  });
  return tf.tidy(() => {
    const live = mask.toBool();
    const kept = (x: tf.Tensor) => tf.where(live, x, tf.zerosLike(x));
    const [old, target] = [kept(oldValues), kept(returns)];
    const losses = withGradient(
      [kept(values)],
      (v) => {
        const error = tf.sub(v, target);
        const held = tf.sub(tf.add(old, tf.minimum(tf.maximum(tf.sub(v, old), -clip), clip)), target);
        // Where the clipped error is the larger one, it does not depend on v.
        const free = tf.greaterEqual(tf.abs(error), tf.abs(held));
        const worse = tf.where(free, error, held);
        return [tf.mul(tf.square(worse), 0.5), tf.where(free, error, tf.zerosLike(error))];
      },
      (dy, [, slope]) => [tf.mul(dy, slope)],
    );
    return maskedMean(losses, mask);
  });
}

/**
 * `clippedValueLoss` in float64 on plain arrays, one number per token, and d loss / d values.
 * @throws as `valueLossAndGradient`; DomainError unless clip > 0
 */
export function clippedValueLossAndGradient(
  values: ArrayLike<number>,
  oldValues: ArrayLike<number>,
  returns: ArrayLike<number>,
  mask: ArrayLike<number>,
  { clip }: ValueClipOptions,
): LossAndTokenGradient {
  checkClip(clip);
  const lists = { values, oldValues, returns };
  return meanOverTokens(lists, mask, (i) => {
    checkFiniteAt(lists, i);
    const error = values[i] - returns[i];
    const held = oldValues[i] + Math.min(Math.max(values[i] - oldValues[i], -clip), clip) - returns[i];
    // Where the clipped error is the larger one, it does not depend on the value.
    return Math.abs(error) >= Math.abs(held)
      ? { loss: error ** 2 / 2, slope: error }
      : { loss: held ** 2 / 2, slope: 0 };
  });
}

function checkClip(clip: number): void {
  if (!(clip > 0)) throw new DomainError(complain("clip", "a positive number, in units of reward", clip));
}
