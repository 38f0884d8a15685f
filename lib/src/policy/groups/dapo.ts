import { logRatioRange } from "../ppo/clip.js";
import { type LossAndRowGradient, type Rows, weightedTokenLoss } from "./logRatio.js";

export interface DapoOptions {
  /** Ratios count in full from 1 - clipLow on; default 0.2. */
  readonly clipLow?: number;
  /** ... up to 1 + clipHigh; default 0.28, so that unlikely tokens have more room to rise. */
  readonly clipHigh?: number;
}

/** `dapoLoss` in float64 on plain rows, with d loss / d logpNew. @throws as `grpoLossAndGradient` */
export function dapoLossAndGradient(
  logpNew: Rows,
  logpOld: Rows,
  advantages: ArrayLike<number>,
  mask: Rows,
  { clipLow = 0.2, clipHigh = 0.28 }: DapoOptions = {},
): LossAndRowGradient {
  const range = logRatioRange(clipLow, clipHigh);
  return weightedTokenLoss(
    logpNew,
    logpOld,
    advantages,
    mask,
    range,
    (_, tokens) =>
      1 /
      Math.max(
        1,
        tokens.reduce((a, b) => a + b),
      ),
  );
}
