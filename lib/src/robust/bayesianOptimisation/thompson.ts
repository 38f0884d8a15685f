import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { pivotedCholesky } from "../../numerics/index.js";
import { type Key, normal } from "../../random/index.js";
import type { JointBeliefs } from "./gaussianProcess.js";

/**
 * Thompson sampling: draws f at all points at once from what is believed and takes the point where the draw is greatest
 * (Thompson 1933). So each point is taken as often as it is believed to be the best. `draw` is [n].
 * @throws ShapeError without a point; DomainError if the covariance is not positive semi-definite
 */
export function thompson(key: Key, beliefs: JointBeliefs): { choice: number; draw: Float64Array } {
  const { mean } = beliefs;
  if (mean.length === 0) throw new ShapeError(complaint("beliefs", "at least one point", mean));
  const draw = drawFunction(key, beliefs);
  let choice = 0;
  for (let i = 1; i < draw.length; i++) if (draw[i] > draw[choice]) choice = i;
  return { choice, draw };
}

/**
 * One function, at all points, from what is believed about them jointly, [n].
 * @throws as `thompson`
 */
export function drawFunction(key: Key, { mean, covariance }: Omit<JointBeliefs, "deviation">): Float64Array {
  const n = mean.length;
  if (n === 0) return new Float64Array();
  // A posterior of smooth functions is known along most directions: semi-definite, to rounding.
  const columns = pivotedCholesky(covariance, n);
  if (columns === undefined) {
    throw new DomainError(complaint("covariance", "a positive semi-definite matrix", covariance));
  }
  const z = normal(key, n);
  const draw = mean.slice();
  columns.forEach((column, k) => {
    for (let i = 0; i < n; i++) draw[i] += column[i] * z[k];
  });
  return draw;
}
