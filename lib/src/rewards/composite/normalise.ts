import { complaint, DomainError } from "../../core/index.js";
import { type Moments, momentsDeviation, noMoments, updateMoments } from "./moments.js";

/** A spread below this share of the numbers' size is rounding, not spread. */
const ROUNDING = 1e-12;

/**
 * A reward over a batch in units of its own spread: (x - mean) / deviation, [B], with the deviation over n. What it was
 * measured in no longer matters, and neither does its offset. A batch without spread (one element, or all equal) says
 * nothing: zeros. The answer depends on who else is in the batch.
 * @throws DomainError for an empty batch or a number that is not finite
 */
export function normaliseOverBatch(values: ArrayLike<number>): Float64Array {
  if (values.length === 0) throw new DomainError(complaint("values", "at least one number", values));
  return normaliseBy(updateMoments(noMoments, values), values);
}

/**
 * The same with the mean and deviation of everything seen so far: (x - mean) / deviation, [B]. Update first,
 * `updateMoments(state, values)`, or the first batch meets an empty state. Zeros while nothing has varied. The scale
 * moves slowly: one odd batch cannot blow it up.
 * @throws DomainError if nothing has been seen, or numbers too large to be squared
 */
export function normaliseBy(moments: Moments, values: ArrayLike<number>): Float64Array {
  if (moments.count === 0) {
    throw new DomainError(complaint("moments", "those of at least one number", moments, "updateMoments comes first"));
  }
  const deviation = momentsDeviation(moments);
  if (!Number.isFinite(deviation)) {
    const hint =
      "Divided by it, every number would be 0. Rewards of 1e154 and more cannot be squared: change their unit";
    throw new DomainError(complaint("deviation", "a finite number", deviation, hint));
  }
  if (!(deviation > ROUNDING * Math.abs(moments.mean))) return new Float64Array(values.length);
  return Float64Array.from(values, (value) => (value - moments.mean) / deviation);
}

/**
 * Each value brought into [-most, most]: an outlier keeps its sign and loses its power.
 * @throws DomainError unless most > 0, or for NaN
 */
export function clipRewards(values: ArrayLike<number>, most: number): Float64Array {
  if (!(most > 0)) throw new DomainError(complaint("most", "a positive number", most));
  return Float64Array.from(values, (value, i) => {
    if (Number.isNaN(value)) throw new DomainError(complaint(`values[${i}]`, "a number", value));
    return Math.min(most, Math.max(-most, value));
  });
}
