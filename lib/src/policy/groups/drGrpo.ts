import { complaint, DomainError } from "../../core/index.js";
import { logRatioRange } from "../ppo/clip.js";
import { type LossAndRowGradient, type Rows, weightedTokenLoss } from "./logRatio.js";

export interface DrGrpoOptions {
  /** epsilon: ratios count in full in [1 - clip, 1 + clip]; default 0.2. Infinity clips nothing. */
  readonly clip?: number;
  /**
   * What every completion's sum is divided by, the same for all; default 1. The paper's code takes the greatest length.
   */
  readonly length?: number;
}

/** `drGrpoLoss` in float64 on plain rows, with d loss / d logpNew. @throws as `grpoLossAndGradient` */
export function drGrpoLossAndGradient(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  { clip = 0.2, length = 1 }: DrGrpoOptions = {},
): LossAndRowGradient {
  const range = logRatioRange(clip, clip);
  checkLength(length);
  return weightedTokenLoss(logpNew, logpOld, advantages, mask, range, (_, tokens) => 1 / (tokens.length * length));
}

export function checkLength(length: number): void {
  if (!(length > 0 && Number.isFinite(length))) {
    throw new DomainError(complaint("length", "a positive number of tokens", length));
  }
}
