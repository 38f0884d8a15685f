import { complaint, DomainError } from "../../core/index.js";
import { checkFiniteAt, type LossAndTokenGradient, meanOverTokens } from "../meanOverTokens.js";

export interface ValueClipOptions {
  /**
   * How far a value may move from the old one before it stops to count, in units of reward. There is no good default.
   */
  readonly clip: number;
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

export function checkClip(clip: number): void {
  if (!(clip > 0)) throw new DomainError(complaint("clip", "a positive number, in units of reward", clip));
}
