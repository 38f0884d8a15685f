import { type LossAndTokenGradient, meanOverTokens } from "../meanOverTokens.js";
import { logRatio } from "./estimators.js";

/**
 * `klK2Penalty` in float64 on plain arrays, one number per token, and d loss / d logpNew.
 * @throws ShapeError, DomainError as `klEstimates`, for what is not masked; DomainError for a mask of other numbers
 *   than 0 and 1, or without any 1
 */
export function klK2PenaltyAndGradient(
  logpNew: ArrayLike<number>,
  logpRef: ArrayLike<number>,
  mask: ArrayLike<number>,
): LossAndTokenGradient {
  return meanOverTokens({ logpNew, logpRef }, mask, (i) => {
    const d = logRatio(logpNew[i], logpRef[i], i);
    return { loss: (d * d) / 2, slope: d };
  });
}

/**
 * `klK3Penalty` in float64 on plain arrays, one number per token, and d loss / d logpNew.
 * @throws as `klK2PenaltyAndGradient`
 */
export function klK3PenaltyAndGradient(
  logpNew: ArrayLike<number>,
  logpRef: ArrayLike<number>,
  mask: ArrayLike<number>,
): LossAndTokenGradient {
  return meanOverTokens({ logpNew, logpRef }, mask, (i) => {
    const d = logRatio(logpNew[i], logpRef[i], i);
    return { loss: d === Number.POSITIVE_INFINITY ? d : Math.expm1(-d) + d, slope: -Math.expm1(-d) };
  });
}
