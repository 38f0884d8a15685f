import { logRatioRange } from "../ppo/clip.js";
import { type LossAndRowGradient, type Rows, sequenceLoss } from "./logRatio.js";

export interface RlooOptions {
  /** The ratio of a whole completion counts in full in [1 - clip, 1 + clip]; default Infinity, nothing is clipped. */
  readonly clip?: number;
}

/** `rlooLoss` in float64 on plain rows, with d loss / d logpNew. @throws as `grpoLossAndGradient` */
export function rlooLossAndGradient(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  { clip = Number.POSITIVE_INFINITY }: RlooOptions = {},
): LossAndRowGradient {
  return sequenceLoss(logpNew, logpOld, advantages, mask, logRatioRange(clip, clip), false);
}
