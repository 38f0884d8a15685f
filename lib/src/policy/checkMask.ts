import { checkLength } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/**
 * How many of n entries count: a mask is 1 where one does and 0 where it is prompt or padding.
 * @throws ShapeError if the length is another one; DomainError for other numbers than 0 and 1
 */
export function checkMask(mask: ArrayLike<number>, n: number): number {
  checkLength("mask", mask, n, "one per token");
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (mask[i] !== 0 && mask[i] !== 1) throw new DomainError(complaint(`mask[${i}]`, "0 or 1", mask[i]));
    count += mask[i];
  }
  return count;
}

/**
 * The same for a mean over tokens, which needs one. In a tensor an empty mask makes the mean NaN, which a training loop
 * refuses; on plain arrays it is an error at once.
 * @throws as `checkMask`; DomainError for no 1 at all
 */
export function countTokens(mask: ArrayLike<number>, n: number): number {
  const tokens = checkMask(mask, n);
  if (tokens > 0) return tokens;
  throw new DomainError(complaint("mask", "at least one 1", mask, "There is no mean over no tokens"));
}
