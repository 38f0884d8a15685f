import { complaint, DomainError } from "../../core/index.js";

export interface ClipOptions {
  /**
   * epsilon: ratios beyond 1 - clip and 1 + clip are clipped where they would raise the objective; default
   * 0.2. Infinity clips nothing.
   */
  readonly clip?: number;
}

/**
 * The range in which ratios count in full, as logarithms: log(1 - low), which is -Infinity from
 * low = 1 on, and log(1 + high).
 */
export interface LogRatioRange {
  readonly low: number;
  readonly high: number;
}

/** The range of one clip for both sides. @throws DomainError unless clip > 0 */
export function clipRange({ clip = 0.2 }: ClipOptions): LogRatioRange {
  return logRatioRange(clip, clip);
}

/** The range from 1 - low to 1 + high. @throws DomainError unless both are above 0 */
export function logRatioRange(low: number, high: number): LogRatioRange {
  for (const clip of [low, high]) {
    if (!(clip > 0)) throw new DomainError(complaint("clip", "a positive number", clip, "Infinity turns clipping off"));
  }
  return { low: low >= 1 ? Number.NEGATIVE_INFINITY : Math.log1p(-low), high: Math.log1p(high) };
}

/** Whether a token's gradient is cut: its ratio has left the range on the side to which its advantage pushes it. */
export function isClipped(logRatio: number, advantage: number, { low, high }: LogRatioRange): boolean {
  return (advantage > 0 && logRatio > high) || (advantage < 0 && logRatio < low);
}
