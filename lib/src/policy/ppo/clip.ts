import { complain, DomainError } from "../../core/index.js";

export interface ClipOptions {
  /** epsilon: ratios beyond 1 - clip and 1 + clip are cut where that is to the good; default 0.2. Infinity clips nothing. */
  readonly clip?: number;
}

/**
 * The two ends of the clipped range as logarithms of ratios: log(1 - clip), which is -Infinity from clip = 1 on, and log(1 + clip).
 * @throws DomainError unless clip > 0
 */
export function clipRange({ clip = 0.2 }: ClipOptions): { low: number; high: number } {
  if (!(clip > 0)) {
    throw new DomainError(complain("clip", "a positive number", clip, "Infinity turns clipping off"));
  }
  return { low: clip >= 1 ? Number.NEGATIVE_INFINITY : Math.log1p(-clip), high: Math.log1p(clip) };
}

/** Whether a token's gradient is cut: its ratio has left the range on the side to which its advantage pushes it. */
export function isClipped(logRatio: number, advantage: number, { low, high }: { low: number; high: number }): boolean {
  return (advantage > 0 && logRatio > high) || (advantage < 0 && logRatio < low);
}
