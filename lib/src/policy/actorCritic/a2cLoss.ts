import { checkFiniteAt, type LossAndTokenGradient, meanOverTokens } from "../meanOverTokens.js";

/**
 * `a2cLoss` on plain lists of one length, with d loss / d logp.
 * @throws ShapeError if lengths differ; DomainError for a mask of other numbers than 0 and 1 or without any 1, or a
 *   token that counts and is not finite
 */
export function a2cLossAndGradient(
  logpNew: ArrayLike<number>,
  advantages: ArrayLike<number>,
  mask: ArrayLike<number>,
): LossAndTokenGradient {
  const lists = { logpNew, advantages };
  return meanOverTokens(lists, mask, (i) => {
    checkFiniteAt(lists, i);
    return { loss: -advantages[i] * logpNew[i], slope: -advantages[i] };
  });
}
