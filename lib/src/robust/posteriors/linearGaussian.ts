import { Matrix } from "ml-matrix";
import { checkFinite, checkLength, checkNumbers, checkPositive } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { inversePositiveDefinite } from "../../numerics/index.js";
import type { Posterior } from "../../preferences/index.js";

/** y = X w + noise, w ~ N(0, prior^2 I), each noise ~ N(0, noise^2). */
export interface LinearGaussian {
  /** Standard deviation of the noise on each y. */
  noise: number;
  /** Standard deviation of each weight before the first row. */
  prior: number;
}

/**
 * The exact posterior of a linear model with normal noise: covariance S = (X'X / noise^2 + I / prior^2)^-1, mean
 * S X'y / noise^2. `x` [rows][d], `y` [rows].
 * @throws ShapeError if sizes differ or there are no features; DomainError unless all is finite and both deviations are
 *   above 0
 * @example linearPosterior([[1], [1]], [1, 2], { noise: 1, prior: 1 }) // { mean: [1], covariance: [[0.3333]] }
 */
export function linearPosterior(
  x: ReadonlyArray<ArrayLike<number>>,
  y: ArrayLike<number>,
  options: LinearGaussian,
): Posterior {
  const { covariance, mean } = linearSolution(x, y, options);
  return { mean: mean(y, new Float64Array(covariance.length)), covariance };
}

/** The covariance, and the mean for any answers and any centre of the prior. */
export function linearSolution(
  x: ReadonlyArray<ArrayLike<number>>,
  y: ArrayLike<number>,
  { noise, prior }: LinearGaussian,
): { covariance: number[][]; mean: (y: ArrayLike<number>, centre: ArrayLike<number>) => number[] } {
  checkPositive("noise", noise);
  checkPositive("prior", prior);
  const d = x.length === 0 ? 0 : x[0].length;
  if (d === 0) throw new ShapeError(complaint("x", "rows of at least one feature", x));
  checkLength("y", y, x.length, "one for each row of x");
  const sums = new Float64Array(d * d);
  x.forEach((row, k) => {
    checkNumbers(`x[${k}]`, row, d);
    checkFinite(`y[${k}]`, y[k]);
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) sums[i * d + j] += row[i] * row[j];
  });
  const precision = Matrix.from1DArray(d, d, sums)
    .mul(1 / noise ** 2)
    .add(Matrix.eye(d, d, 1 / prior ** 2));
  const covariance = (inversePositiveDefinite(precision) as Matrix).to2DArray();
  const mean = (answers: ArrayLike<number>, centre: ArrayLike<number>) => {
    const pull = Array.from(centre, (a) => a / prior ** 2);
    x.forEach((row, k) => {
      for (let j = 0; j < d; j++) pull[j] += (row[j] * answers[k]) / noise ** 2;
    });
    return covariance.map((row) => row.reduce((sum, s, j) => sum + s * pull[j], 0));
  };
  return { covariance, mean };
}
