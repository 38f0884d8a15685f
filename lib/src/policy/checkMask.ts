import { complain, DomainError, ShapeError } from "../core/index.js";

/**
 * How many of n tokens count. In a tensor an empty mask makes a mean NaN, which a training loop refuses; on plain arrays it is an
 * error at once.
 * @throws ShapeError if the length is another one; DomainError for other numbers than 0 and 1, or no 1 at all
 */
export function checkMask(mask: ArrayLike<number>, n: number): number {
  if (mask.length !== n) throw new ShapeError(complain("mask", `${n} numbers, one per token`, mask));
  let tokens = 0;
  for (let i = 0; i < n; i++) {
    if (mask[i] !== 0 && mask[i] !== 1) throw new DomainError(complain(`mask[${i}]`, "0 or 1", mask[i]));
    tokens += mask[i];
  }
  if (tokens === 0) {
    throw new DomainError(complain("mask", "at least one 1", mask, "There is no mean over no tokens"));
  }
  return tokens;
}
