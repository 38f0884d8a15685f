import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";
import { largest } from "../../numerics/largest.js";

/**
 * How much of a dimension each feature has to itself, D_i = |W_i|^2 / sum_j (u_i . W_j)^2 with u_i = W_i / |W_i|, for
 * directions W_i [n][m]. 1: its own; 1/2: two features at the ends of one line; 2/5: five in a pentagon; 0: not
 * represented. Elhage et al. 2022, arXiv:2209.10652.
 * @throws ShapeError for ragged directions, DomainError for none
 * @example featureDimensionality([[1, 0], [-1, 0], [0, 1]]) // [0.5, 0.5, 1]
 */
export function featureDimensionality(directions: readonly ArrayLike<number>[]): Float64Array {
  if (directions.length === 0) throw new DomainError(complaint("directions", "at least one", directions));
  directions.forEach((row, i) => {
    checkNumbers(`directions[${i}]`, row, directions[0].length);
  });
  const size = directions.reduce((most, row) => Math.max(most, largest(row)), 0) || 1;
  const scaled = directions.map((row) => Float64Array.from(row, (x) => x / size)); // so that no square underflows
  return Float64Array.from(scaled, (own) => {
    const square = dot(own, own);
    if (square === 0) return 0;
    const unit = own.map((x) => x / Math.sqrt(square));
    return square / scaled.reduce((sum, other) => sum + dot(unit, other) ** 2, 0);
  });
}
