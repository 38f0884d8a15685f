import { logRatioRange } from "../ppo/clip.js";
import { type LossAndRowGradient, type Rows, weightedTokenLoss } from "./logRatio.js";

export interface GrpoOptions {
  /** epsilon: ratios count in full in [1 - clip, 1 + clip]; default 0.2. Infinity clips nothing. */
  readonly clip?: number;
}

/**
 * `grpoLoss` in float64 on plain rows, with d loss / d logpNew.
 * @throws ShapeError if rows differ in number or length; DomainError for an empty batch, a mask that is not 0 or 1,
 *   or a number under the mask that is not finite
 */
export function grpoLossAndGradient(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  { clip = 0.2 }: GrpoOptions = {},
): LossAndRowGradient {
  return weightedTokenLoss(
    logpNew,
    logpOld,
    advantages,
    mask,
    logRatioRange(clip, clip),
    (b, tokens) => 1 / (tokens.length * Math.max(1, tokens[b])),
  );
}
