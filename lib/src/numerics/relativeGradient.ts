import { checkLength } from "../core/checks.js";

/**
 * How far a gradient is from 0 for the data that it comes from: the largest |gradient[i]| / weight[i], where weight[i]
 * is how much data pulls at parameter i, such as the total weight of the answers about it. All weights times a number
 * change nothing. A fit without second derivatives stops when this is small. A parameter that nothing pulls at (weight
 * 0, gradient 0) is at rest. NaN if the gradient holds one.
 * @throws ShapeError for another number of weights
 */
export function relativeGradient(gradient: ArrayLike<number>, weight: ArrayLike<number>): number {
  checkLength("weight", weight, gradient.length, "one for each parameter");
  let most = 0;
  for (let i = 0; i < gradient.length; i++) {
    if (Number.isNaN(gradient[i])) return Number.NaN;
    if (gradient[i] !== 0) most = Math.max(most, Math.abs(gradient[i]) / weight[i]);
  }
  return most;
}
