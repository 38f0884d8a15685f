import { checkShapes, maskedMean, tf, withGradient } from "../../tensor/index.js";
import { checkClip, type ValueClipOptions } from "./clippedValueLoss.js";

/**
 * The critic's loss with PPO's value clipping: token mean of
 *
 *   max((V_t - R_t)^2, (Vold_t + clip(V_t - Vold_t, -clip, clip) - R_t)^2) / 2.
 *
 * A value that has gone towards its return by more than `clip` gets no gradient; one that has gone away from it does.
 * `clip` has the unit of rewards, so a value of 0.2 means nothing before rewards are scaled. It came with OpenAI's
 * baselines, is not in the paper, and did not help where it was tested (Engstrom et al. 2020, arXiv:2005.12729;
 * Andrychowicz et al. 2020, arXiv:2006.05990). values, oldValues, returns, mask [B, T]; a scalar. Differentiated in the
 * values only. The float64 twin is `clippedValueLossAndGradient`.
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
