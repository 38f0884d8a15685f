import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";

/**
 * A steering vector: the mean of activations [n][d] where something is so, minus the mean [m][d] where it is not. Added
 * to an activation it pushes towards "so". Turner et al. 2023, arXiv:2308.10248; Rimsky et al. 2023, arXiv:2312.06681.
 * @throws DomainError if either side is empty, ShapeError for ragged rows
 * @example steeringVector([[1, 2], [3, 2]], [[0, 0]]) // [2, 2]
 */
export function steeringVector(so: readonly ArrayLike<number>[], notSo: readonly ArrayLike<number>[]): Float64Array {
  const [one, other] = [meanRow("so", so), meanRow("notSo", notSo)];
  checkNumbers("the mean of notSo", other, one.length);
  return one.map((x, i) => x - other[i]);
}

/**
 * x without its part along a direction of any length: x - (x . u) u, u = direction / |direction| (Arditi et al. 2024,
 * arXiv:2406.11717).
 * @throws ShapeError if the lengths differ, DomainError for a direction of length 0
 * @example ablateDirection([3, 4], [2, 0]) // [0, 4]
 */
export function ablateDirection(x: ArrayLike<number>, direction: ArrayLike<number>): Float64Array {
  checkNumbers("direction", direction, x.length);
  const square = dot(direction, direction);
  if (!(square > 0)) throw new DomainError(complaint("direction", "a vector that is not 0", direction));
  const along = dot(x, direction) / square;
  return Float64Array.from(x, (value, i) => value - along * direction[i]);
}

function meanRow(what: string, rows: readonly ArrayLike<number>[]): Float64Array {
  if (rows.length === 0) throw new DomainError(complaint(what, "at least one row", rows));
  const sum = new Float64Array(rows[0].length);
  rows.forEach((row, i) => {
    checkNumbers(`${what}[${i}]`, row, sum.length);
    for (let j = 0; j < sum.length; j++) sum[j] += row[j] / rows.length;
  });
  return sum;
}
