import { complaint, ShapeError } from "../../core/index.js";
import { countTokens } from "../checkMask.js";
import { type ClipOptions, clipRange, isClipped } from "./clip.js";

/**
 * `clipFraction` in float64 on plain arrays, both ways: `clipped` takes no part in the gradient,
 * `outside` has left the range.
 * @throws ShapeError if the lengths differ; DomainError unless clip > 0, and the mask is of 0 and 1 with at least one 1
 */
export function clipShares(
  logpNew: ArrayLike<number>,
  logpOld: ArrayLike<number>,
  advantages: ArrayLike<number>,
  mask: ArrayLike<number>,
  options: ClipOptions = {},
): { clipped: number; outside: number } {
  const range = clipRange(options);
  const n = logpNew.length;
  for (const [name, list] of Object.entries({ logpOld, advantages })) {
    if (list.length !== n) throw new ShapeError(complaint(name, `${n} numbers, one per token`, list));
  }
  const tokens = countTokens(mask, n);
  let clipped = 0;
  let outside = 0;
  for (let i = 0; i < n; i++) {
    if (mask[i] === 0) continue;
    const logRatio = logpNew[i] - logpOld[i];
    if (isClipped(logRatio, advantages[i], range)) clipped++;
    if (logRatio > range.high || logRatio < range.low) outside++;
  }
  return { clipped: clipped / tokens, outside: outside / tokens };
}
