import { complaint, ShapeError } from "../core/index.js";

/**
 * How far a gradient is from 0 for the data that it comes from: the largest |gradient[i]| / weight[i], where weight[i]
 * is how much data pulls at parameter i, such as the total weight of the answers about it. All weights times a number
 * change nothing. A fit without second derivatives stops when this is small. A parameter that nothing pulls at (weight
 * 0, gradient 0) is at rest. NaN if the gradient holds one.
 * @throws ShapeError for another number of weights
 */
export function relativeGradient(gradient: ArrayLike<number>, weight: ArrayLike<number>): number {
  if (weight.length !== gradient.length) {
    throw new ShapeError(complaint("weight", `${gradient.length} numbers, one for each parameter`, weight));
  }
  let most = 0;
  for (let i = 0; i < gradient.length; i++) {
    if (Number.isNaN(gradient[i])) return Number.NaN;
    if (gradient[i] !== 0) most = Math.max(most, Math.abs(gradient[i]) / weight[i]);
  }
  return most;
}
