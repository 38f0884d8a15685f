import { checkFiniteAt, type LossAndTokenGradient, meanOverTokens } from "../meanOverTokens.js";

/**
 * `valueLoss` in float64 on plain arrays, one number per token, and d loss / d values.
 * @throws ShapeError if the lengths differ; DomainError for what is not finite and not masked, or a mask of other
 *   numbers than 0 and 1 or without any 1
 */
export function valueLossAndGradient(
  values: ArrayLike<number>,
  returns: ArrayLike<number>,
  mask: ArrayLike<number>,
): LossAndTokenGradient {
  const lists = { values, returns };
  return meanOverTokens(lists, mask, (i) => {
    checkFiniteAt(lists, i);
    const error = values[i] - returns[i];
    return { loss: (error * error) / 2, slope: error };
  });
}
