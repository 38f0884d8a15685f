import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { mean, variance } from "../../numerics/index.js";

/**
 * The empirical Bernstein bound, an upper confidence bound at level 1 - delta for the mean of n independent numbers in
 * [0, 1]:
 *
 *   mean + sqrt(2 variance ln(2/delta) / n) + 7 ln(2/delta) / (3 (n - 1)),
 *
 * with the sample variance (over n - 1). Where values vary little it is far below Hoeffding's bound, which allows for a
 * variance of 1/4; where they do vary that much it is above. May exceed 1. For a lower confidence bound take 1 minus
 * the bound of 1 - values. Maurer and Pontil 2009, arXiv:0907.3740, theorem 4.
 * @param values [n], each in [0, 1]
 * @throws ShapeError for less than two values; DomainError if one is outside [0, 1] or delta is not between 0 and 1
 * @example empiricalBernstein(new Float64Array(1000), 0.05) // 0.0086
 */
export function empiricalBernstein(values: ArrayLike<number>, delta: number): number {
  const n = values.length;
  if (n < 2) throw new ShapeError(complaint("values", "at least two numbers", values));
  if (!(delta > 0 && delta < 1)) throw new DomainError(complaint("delta", "between 0 and 1", delta));
  for (let i = 0; i < n; i++) {
    if (values[i] >= 0 && values[i] <= 1) continue;
    throw new DomainError(complaint(`values[${i}]`, "a number from 0 to 1", values[i], "Scale bounded values first"));
  }
  const log = Math.log(2 / delta);
  return mean(values) + Math.sqrt((2 * variance(values) * log) / n) + (7 * log) / (3 * (n - 1));
}
