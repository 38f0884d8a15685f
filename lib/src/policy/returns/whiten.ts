import { complaint, DomainError } from "../../core/index.js";
import { checkMask } from "../checkMask.js";
import { checkAllFinite } from "./inputs.js";

export interface WhitenOptions {
  /** false keeps the mean where it was and changes the spread alone: for rewards, whose sign means something. */
  shiftMean?: boolean;
  /** 1 where a value counts, 0 where it is padding: those are left out of the statistics and come back as 0. */
  mask?: ArrayLike<number>;
}

/**
 * (x - mean) / sqrt(variance + 1e-8), with the variance of the list itself (divided by n), as in Ziegler et al. 2019
 * (arXiv:1909.08593). Values that do not vary become 0 (or stay what they were, with shiftMean false);
 * an empty list stays empty.
 * @throws ShapeError if the mask has another length; DomainError if a value that counts is not finite or too large to
 *   be squared (dividing by an infinite spread would leave nothing of the others), or a mask is not 0 or 1
 * @example whiten([1, 2, 3]) // [-1.2247, 0, 1.2247]
 */
export function whiten(values: ArrayLike<number>, { shiftMean = true, mask }: WhitenOptions = {}): Float64Array {
  const kept = maskedEntries(values, mask);
  checkAllFinite("values", kept);
  const n = Math.max(kept.length, 1);
  const mean = kept.reduce((a, b) => a + b, 0) / n;
  const variance = kept.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
  if (!Number.isFinite(variance)) {
    throw new DomainError(complaint("values", "numbers that can be squared, below 1e154", widest(kept)));
  }
  const scale = 1 / Math.sqrt(variance + 1e-8);
  return Float64Array.from(values, (x, i) => {
    if (mask !== undefined && mask[i] === 0) return 0;
    return (x - mean) * scale + (shiftMean ? 0 : mean);
  });
}

/** The values whose mask is 1; all of them without a mask. @throws ShapeError, DomainError */
export function maskedEntries(values: ArrayLike<number>, mask?: ArrayLike<number>): Float64Array {
  const list = Float64Array.from(values);
  if (mask === undefined) return list;
  checkMask(mask, values.length);
  return list.filter((_, i) => mask[i] === 1);
}

function widest(values: Float64Array): number {
  return values.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most));
}
