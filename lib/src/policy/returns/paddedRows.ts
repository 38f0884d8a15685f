import { checkLength } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { checkMask } from "../checkMask.js";
import { discountedReturns } from "./discountedReturns.js";
import { generalizedAdvantages } from "./generalizedAdvantages.js";
import type { LambdaOptions } from "./lambdaReturns.js";

/**
 * Applies a function of one sequence to every row of a padded batch. `columns` are arrays [B, T], row-major and of one
 * length; of each row the entries where mask is 1 are handed over, in order and without gaps, and the answer is put
 * back into their places. Everywhere else, in prompts, padding and rows without a token, stands 0.
 * @throws ShapeError if lengths differ, or are no multiple of the width, or the function answers with
 *   another number of entries
 */
export function overPaddedRows(
  columns: readonly ArrayLike<number>[],
  mask: ArrayLike<number>,
  width: number,
  fn: (row: Float64Array[], b: number) => ArrayLike<number>,
): Float64Array {
  if (!(Number.isInteger(width) && width >= 1 && mask.length % width === 0)) {
    throw new ShapeError(
      complaint("width", `a whole number that divides ${mask.length}, the length of the mask`, width),
    );
  }
  columns.forEach((column, c) => {
    checkLength(`column ${c}`, column, mask.length, "as many as the mask");
  });
  checkMask(mask, mask.length);
  const out = new Float64Array(mask.length);
  for (let start = 0; start < mask.length; start += width) {
    const places: number[] = [];
    for (let i = start; i < start + width; i++) if (mask[i] === 1) places.push(i);
    const b = start / width;
    const row = columns.map((column) => Float64Array.from(places, (i) => column[i]));
    const answer = fn(row, b);
    checkLength(`answer of row ${b}`, answer, places.length, "one per token");
    places.forEach((i, k) => {
      out[i] = answer[k];
    });
  }
  return out;
}

/**
 * `discountedReturns` of every row of a padded batch: rewards and mask [B, T],
 * row-major -> [B, T], 0 where the mask is 0.
 */
export function paddedReturns(
  rewards: ArrayLike<number>,
  mask: ArrayLike<number>,
  { width, discount }: { width: number; discount: number },
): Float64Array {
  return overPaddedRows([rewards], mask, width, ([row]) => discountedReturns(row, discount));
}

/**
 * `generalizedAdvantages` of every row of a padded batch. rewards, values and mask [B, T], row-major. values[b, t]
 * judges the state in which token t is about to be written: a model's number after token t - 1. `last` [B] are the
 * values after the rows' last tokens; 0, a true end, when left out. Returns advantages [B, T] and the critic's targets,
 * advantages + values; both 0 where the mask is 0.
 */
export function paddedAdvantages(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  mask: ArrayLike<number>,
  { width, discount, lambda, last }: Omit<LambdaOptions, "discount"> & PaddedOptions,
): { advantages: Float64Array; returns: Float64Array } {
  if (last !== undefined && last.length * width !== mask.length) {
    throw new ShapeError(complaint("last", `${mask.length / width} numbers, one per row`, last));
  }
  const advantages = overPaddedRows([rewards, values], mask, width, ([r, v], b) =>
    generalizedAdvantages(r, [...v, last?.[b] ?? 0], { discount, lambda }),
  );
  return { advantages, returns: advantages.map((advantage, i) => (mask[i] === 1 ? advantage + values[i] : 0)) };
}

interface PaddedOptions {
  /** T, the length of a row. */
  width: number;
  discount: number;
  last?: ArrayLike<number>;
}
