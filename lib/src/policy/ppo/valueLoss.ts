import { complain, DomainError, ShapeError } from "../../core/index.js";
import { checkShapes, maskedMean, tf, withGradient } from "../../tensor/index.js";
import { checkMask } from "../checkMask.js";

/**
 * The critic's loss: token mean of (V_t - R_t)^2 / 2, a scalar in squared units of reward. values, returns, mask [B, T].
 * What stands where the mask is 0 is never looked at. Differentiated in the values only.
 * The float64 twin is `valueLossAndGradient`.
 * @throws ShapeError if the shapes differ
 */
export function valueLoss(values: tf.Tensor, returns: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  checkShapes({ values: [values, ["B", "T"]], returns: [returns, ["B", "T"]], mask: [mask, ["B", "T"]] });
  return tf.tidy(() => {
    const error = tf.where(mask.toBool(), tf.sub(values, returns), tf.zerosLike(values));
    return maskedMean(tf.mul(tf.square(error), 0.5), mask);
  });
}

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
 * `valueLoss` in float64 on plain arrays, one number per token, and d loss / d values.
 * @throws ShapeError if the lengths differ; DomainError for what is not finite and not masked, or a mask of other numbers than 0
 *   and 1 or without any 1
 */
export function valueLossAndGradient(
  values: ArrayLike<number>,
  returns: ArrayLike<number>,
  mask: ArrayLike<number>,
): { loss: number; gradient: Float64Array } {
  return squares({ values, returns }, mask, (i) => {
    const error = values[i] - returns[i];
    return [error, error];
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
): { loss: number; gradient: Float64Array } {
  checkClip(clip);
  return squares({ values, oldValues, returns }, mask, (i) => {
    const error = values[i] - returns[i];
    const held = oldValues[i] + Math.min(Math.max(values[i] - oldValues[i], -clip), clip) - returns[i];
    return Math.abs(error) >= Math.abs(held) ? [error, error] : [held, 0];
  });
}

function squares(
  lists: Record<string, ArrayLike<number>>,
  mask: ArrayLike<number>,
  errorAndSlope: (i: number) => [error: number, slope: number],
): { loss: number; gradient: Float64Array } {
  const n = lists.values.length;
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== n) throw new ShapeError(complain(name, `${n} numbers, one per token`, list));
  }
  const tokens = checkMask(mask, n);
  const gradient = new Float64Array(n);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    if (mask[i] === 0) continue;
    for (const [name, list] of Object.entries(lists)) {
      if (!Number.isFinite(list[i])) throw new DomainError(complain(`${name}[${i}]`, "a finite number", list[i]));
    }
    const [error, slope] = errorAndSlope(i);
    loss += (error * error) / 2 / tokens;
    gradient[i] = slope / tokens;
  }
  return { loss, gradient };
}

function checkClip(clip: number): void {
  if (!(clip > 0)) throw new DomainError(complain("clip", "a positive number, in units of reward", clip));
}
