import { CholeskyDecomposition, inverse, Matrix } from "ml-matrix";
import { ConvergenceError } from "../../core/index.js";
import { newton } from "../../numerics/index.js";
import { type Comparisons, itemName, mergeComparisons } from "../comparisons.js";
import { type Noise, noiseFloor } from "../noise.js";
import { requireFiniteEstimate } from "./existence.js";
import { fixGauge, type Gauge, gaugeCovariance } from "./gauge.js";
import { gradient, hessian, information, logLikelihood } from "./likelihood.js";
import { logPrior, type Prior, priorCurvature, priorGradient } from "./prior.js";

export interface FitOptions {
  /** With a prior the estimate is the mode of the posterior (MAP), which always exists. */
  prior?: Prior;
  /** Where the common level is put; "sum-zero" by default. */
  gauge?: Gauge;
  /** What is known of the noise in the answers; none by default. */
  noise?: Noise;
  /** Stop when no component of the gradient is larger. */
  tolerance?: number;
  iterations?: number;
  /** Called with the abilities before each step and at the end, for pictures of the path. */
  watch?: (theta: ArrayLike<number>, iteration: number) => void;
}

export interface Fit {
  /** Abilities in nats (log-odds), [n], in the gauge asked for. */
  theta: number[];
  /** At theta, in nats, without the prior. */
  logLikelihood: number;
  iterations: number;
  /** The largest component of the gradient (of the posterior, with a prior), in size. */
  gradientNorm: number;
}

/**
 * The maximum-likelihood abilities by Newton's method; with a prior, the most probable ones. Without noise the log-likelihood is
 * concave and the maximum is unique up to a shift. With a known flip or lapse rate it need not be; then Fisher scoring climbs
 * to the maximum near the noise-free one. Each step factorises one [n, n] matrix.
 * @throws ConvergenceError if there is no finite estimate (names the items and the cure) or the iterations run out
 */
export function fit(data: Comparisons, options: FitOptions = {}): Fit {
  const { prior, noise = {}, gauge = "sum-zero", tolerance, iterations, watch } = options;
  const floor = noiseFloor(noise);
  if (prior === undefined) requireFiniteEstimate(data);
  const merged = mergeComparisons(data);
  const found = newton(
    {
      value: (theta) => logLikelihood(theta, merged, noise) + (prior ? logPrior(theta, prior) : 0),
      gradient: (theta) => {
        const slope = gradient(theta, merged, noise);
        return prior ? add(slope, priorGradient(theta, prior)) : slope;
      },
      curvature: (theta) => steepness(theta, merged, { prior, noise }),
    },
    new Float64Array(data.items),
    { tolerance, iterations, watch },
  );
  if (floor > 0 && prior === undefined) requireBounded(found.at, merged, noise);
  return {
    theta: fixGauge(found.at, gauge),
    logLikelihood: logLikelihood(found.at, merged, noise),
    iterations: found.iterations,
    gradientNorm: found.gradientNorm,
  };
}

/**
 * How the objective bends at theta, [n, n], positive definite: the information, plus the prior's curvature. Without a prior the
 * flat direction (1, ..., 1) is given a curvature of its own, which fixes the sum and changes no difference.
 */
export function curvature(
  theta: ArrayLike<number>,
  data: Comparisons,
  options: { prior?: Prior; noise?: Noise },
): Matrix {
  const matrix = new Matrix(information(theta, data, options.noise));
  const n = data.items;
  if (options.prior) {
    priorCurvature(theta, options.prior).forEach((bend, i) => {
      matrix.set(i, i, matrix.get(i, i) + bend);
    });
    return matrix;
  }
  return matrix.add(Math.max(matrix.trace(), Number.MIN_VALUE) / n ** 2);
}

/** Newton's curvature where the objective bends down in every direction; under flips it may not, and then the expected one. */
function steepness(theta: ArrayLike<number>, data: Comparisons, options: { prior?: Prior; noise: Noise }): Matrix {
  const expected = curvature(theta, data, options);
  if (noiseFloor(options.noise) === 0) return expected;
  const difference = Matrix.add(information(theta, data, options.noise), hessian(theta, data, options.noise));
  const observed = Matrix.sub(expected, difference);
  return new CholeskyDecomposition(observed).isPositiveDefinite() ? observed : expected;
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]);
}

/**
 * Under flips the likelihood levels off far out instead of rising, so that a runaway estimate looks like a maximum; but there
 * nothing bends any more, and its standard error is astronomical.
 */
function requireBounded(theta: Float64Array, data: Comparisons, noise: Noise): void {
  const spread = gaugeCovariance(inverse(curvature(theta, data, { noise })).to2DArray(), "sum-zero");
  const worst = spread.reduce((most, row, i) => (row[i] > spread[most][most] ? i : most), 0);
  if (Math.sqrt(spread[worst][worst]) < 1000 * (noise.temperature ?? 1)) return;
  throw new ConvergenceError(
    `Bradley-Terry: the answers about ${itemName(data, worst)} agree more than the stated lapse and flip rates allow, so its ` +
      "ability runs off to infinity. Lower the rates, or give the fit a prior: { prior: { gaussian: 2 } }",
  );
}
