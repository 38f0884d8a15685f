import { logRatioRange } from "../ppo/clip.js";
import { type LossAndRowGradient, type Rows, sequenceLoss } from "./logRatio.js";

export interface GspoOptions {
  /** Ratios count in full from 1 - clipLow on; default 3e-4: the root of a ratio is much closer to 1 than the ratio. */
  readonly clipLow?: number;
  /** ... up to 1 + clipHigh; default 4e-4. */
  readonly clipHigh?: number;
}

/** `gspoLoss` in float64 on plain rows, with d loss / d logpNew. @throws as `grpoLossAndGradient` */
export function gspoLossAndGradient(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  { clipLow = 3e-4, clipHigh = 4e-4 }: GspoOptions = {},
): LossAndRowGradient {
  return sequenceLoss(logpNew, logpOld, advantages, mask, logRatioRange(clipLow, clipHigh), true);
}
