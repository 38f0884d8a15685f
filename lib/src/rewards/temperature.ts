import { checkFinite } from "../core/checks.js";
import { ConvergenceError, complaint, DomainError } from "../core/index.js";
import { sigmoid } from "../numerics/index.js";

/**
 * The temperature T > 0 that makes sigmoid(margin / T) most probable on held-out pairs: one number that mends a
 * model whose order is right and whose confidence is not (Guo et al. 2017, arXiv:1706.04599). Accuracy cannot
 * change, since no margin changes its sign. T > 1 says that the model was too sure. Found by bisection on the slope
 * of the convex loss in 1 / T.
 * @throws ConvergenceError if every margin has the same sign: the best temperature is then 0, or infinite.
 *   DomainError for no margins, or one that is not finite
 */
export function fitTemperature(margins: ArrayLike<number>): number {
  if (margins.length === 0) throw new DomainError(complaint("margins", "at least one number", margins));
  let size = 0;
  for (let k = 0; k < margins.length; k++) {
    checkFinite(`margins[${k}]`, margins[k]);
    size = Math.max(size, Math.abs(margins[k]));
  }
  // In the unit of the largest margin, so that T is found on the scale of the margins, whatever that is.
  const scaled = Float64Array.from(margins, (margin) => margin / (size || 1));
  let [right, wrong] = [0, 0];
  for (const margin of scaled) {
    if (margin > 0) right += margin;
    else wrong -= margin;
  }
  // The slope at 1/T = 0 is minus half the sum of margins; without a wrong pair it never turns up.
  if (wrong === 0) {
    throw new ConvergenceError(
      "fitTemperature: no pair is ordered wrongly, so ever smaller temperatures are ever better. Take pairs the model has not seen, or more",
    );
  }
  if (right <= wrong) {
    throw new ConvergenceError(
      "fitTemperature: on the whole the margins point the wrong way, so that no temperature is better than infinity. Are chosen and " +
        "rejected swapped?",
    );
  }
  const slope = (scale: number) => {
    let sum = 0;
    for (const margin of scaled) sum -= margin * sigmoid(-scale * margin);
    return sum;
  };
  let [low, high] = [-40, 40]; // log of size / T
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) < 0) low = middle;
    else high = middle;
  }
  return size * Math.exp(-(low + high) / 2);
}
