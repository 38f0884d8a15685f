import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";

/**
 * How well a dictionary found the true directions: for each true one the greatest cosine with any found one, averaged
 * (Sharkey et al. 2022). Signs count: the opposite direction is another feature. A found direction of 0 matches
 * nothing.
 * @throws DomainError for none, or a true direction of 0; ShapeError for other lengths
 * @example meanMaxCosine([[1, 0], [0, 1]], [[2, 0], [1, 1]]) // 0.8536
 */
export function meanMaxCosine(truth: readonly ArrayLike<number>[], found: readonly ArrayLike<number>[]): number {
  for (const [name, rows] of Object.entries({ truth, found })) {
    if (rows.length === 0) throw new DomainError(complaint(name, "at least one direction", rows));
    rows.forEach((row, i) => {
      checkNumbers(`${name}[${i}]`, row, truth[0].length);
    });
  }
  const length = (row: ArrayLike<number>) => Math.sqrt(dot(row, row));
  let sum = 0;
  for (const [i, own] of truth.entries()) {
    if (length(own) === 0) throw new DomainError(complaint(`truth[${i}]`, "a vector that is not 0", own));
    let best = -1;
    for (const other of found) {
      const size = length(own) * length(other);
      if (size > 0) best = Math.max(best, dot(own, other) / size);
    }
    sum += best;
  }
  return sum / truth.length;
}
