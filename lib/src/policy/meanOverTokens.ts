import { checkFinite } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { countTokens } from "./checkMask.js";

/** A mean over tokens, and its slope for each number of the first list: 0 where the mask is 0. */
export interface LossAndTokenGradient {
  loss: number;
  gradient: Float64Array;
}

/**
 * Mean over the tokens whose mask is 1 of `at(i)`, with its slopes: what the float64 twins of losses on tokens share.
 * Lists of one length, one number per token, in any order. Where the mask is 0 `at` is not asked.
 * @throws ShapeError if lengths differ; DomainError for a mask of other numbers than 0 and 1, or
 *   without any 1; what `at` throws
 */
export function meanOverTokens(
  lists: Record<string, ArrayLike<number>>,
  mask: ArrayLike<number>,
  at: (i: number) => { loss: number; slope: number },
): LossAndTokenGradient {
  const [first, ...others] = Object.entries(lists);
  const n = first[1].length;
  for (const [name, list] of others) {
    if (list.length !== n) throw new ShapeError(complaint(name, `${n} numbers, as many as ${first[0]}`, list));
  }
  const tokens = countTokens(mask, n);
  const gradient = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    if (mask[i] === 0) continue;
    const { loss, slope } = at(i);
    total += loss / tokens;
    gradient[i] = slope / tokens;
  }
  return { loss: total, gradient };
}

/** @throws DomainError if what one of the lists says of token i is NaN or infinite */
export function checkFiniteAt(lists: Record<string, ArrayLike<number>>, i: number): void {
  for (const name in lists) if (!Number.isFinite(lists[name][i])) checkFinite(`${name}[${i}]`, lists[name][i]);
}
