import { checkLength, checkNonNegative, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";
import { choleskyFactor, solveLower, solveLowerRows, solveUpper } from "../../numerics/index.js";
import type { Kernel } from "./kernels.js";
import { type MostImproving, mostImproving } from "./mostImproving.js";

/** A point of the domain, [d]. */
export type Point = ArrayLike<number>;

/** What is believed about f at some points. */
export interface Beliefs {
  /** [n] */
  mean: Float64Array;
  /** The standard deviation of f, without the noise of measuring, [n]. */
  deviation: Float64Array;
}

/** The same, jointly. */
export interface JointBeliefs extends Beliefs {
  /** Cov(f(a), f(b)), by rows [n * n]. */
  covariance: Float64Array;
}

export interface GaussianProcess {
  /** f at each of the points, one by one. */
  at(points: readonly Point[]): Beliefs;
  /** f at all of the points together. */
  jointly(points: readonly Point[]): JointBeliefs;
  /**
   * The point where `expectedImprovement` over `best` is greatest, found without the variance at every point.
   * @throws ShapeError without a point
   */
  mostImproving(points: readonly Point[], best: number): MostImproving;
  /** ln p(y), what the measurements say about kernel and noise, in nats. */
  readonly logEvidence: number;
}

/**
 * Gaussian process regression: f with mean 0 and covariance `kernel`, measured at points x [n][d] as y [n], each with
 * independent normal noise of standard deviation `noise`, in the unit of y. With K = kernel(x, x) + noise^2 I,
 *   mean(z) = k(z)' K^-1 y,  cov(z, z') = kernel(z, z') - k(z)' K^-1 k(z'),
 * by Cholesky's factor of K (Rasmussen and Williams 2006, algorithm 2.1). Without a point it is the prior. Mean 0 is a
 * belief too: centre y if it has another.
 * @throws ShapeError unless x and y are of one length and all points of one; DomainError for numbers that are not
 *   finite, noise below 0, a kernel that is not positive definite on the points (the same point twice needs noise)
 * @example
 * const process = gaussianProcess(squaredExponential({ length: 1 }), [[0], [1]], [1, 0], 0.1);
 * process.at([[0], [0.5]]).mean // [0.9845, 0.5459]
 */
export function gaussianProcess(
  kernel: Kernel,
  x: readonly Point[],
  y: ArrayLike<number>,
  noise: number,
): GaussianProcess {
  const n = x.length;
  checkPoints("x", x, x[0]?.length ?? 0);
  checkLength("y", y, n, "one per point");
  checkNumbers("y", y, n);
  checkNonNegative("noise", noise);
  const covariance = gram(kernel, x);
  for (let i = 0; i < n; i++) covariance[i * n + i] += noise * noise;
  const lower = choleskyFactor(covariance, n);
  if (lower === undefined) throw new DomainError(complaint("kernel", ...notDefinite(noise)));
  const white = solveLower(lower, y);
  const weights = solveUpper(lower, white);
  let logEvidence = -dot(white, white) / 2 - (n * Math.log(2 * Math.PI)) / 2;
  for (let i = 0; i < n; i++) logEvidence -= Math.log(lower[i * n + i]);
  const meet = (points: readonly Point[]) => {
    if (n > 0) checkPoints("points", points, x[0].length);
    return meanAndShared(kernel, points, x, weights);
  };
  /** Each point's mean, and what the measurements take from the covariance of two. */
  const seen = (points: readonly Point[]) => {
    const { mean, shared: whitened } = meet(points);
    solveLowerRows(lower, n, whitened);
    const known = (i: number, j: number) =>
      dot(whitened.subarray(i * n, (i + 1) * n), whitened.subarray(j * n, (j + 1) * n));
    return { mean, known };
  };
  // What rounding takes below 0 is 0.
  const root = (variance: number) => Math.sqrt(Math.max(variance, 0));
  return {
    logEvidence,
    at(points) {
      const { mean, known } = seen(points);
      return { mean, deviation: mean.map((_, i) => root(kernel(points[i], points[i]) - known(i, i))) };
    },
    mostImproving(points, best) {
      if (points.length === 0) throw new ShapeError(complaint("points", "at least one point", points));
      const { mean, shared } = meet(points);
      const prior = Float64Array.from(points, (point) => kernel(point, point));
      return mostImproving(lower, shared, prior, mean, best);
    },
    jointly(points) {
      const { mean, known } = seen(points);
      const m = points.length;
      const covariance = gram(kernel, points);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j <= i; j++) covariance[j * m + i] = covariance[i * m + j] -= known(i, j);
      }
      return { mean, deviation: mean.map((_, i) => root(covariance[i * m + i])), covariance };
    },
  };
}

/** Each point's mean, and its covariances with the measurements at x, by rows [m * n]. */
function meanAndShared(
  kernel: Kernel,
  points: readonly Point[],
  x: readonly Point[],
  weights: Float64Array,
): { mean: Float64Array; shared: Float64Array } {
  const n = x.length;
  const shared = new Float64Array(points.length * n);
  const mean = Float64Array.from(points, (point, i) => {
    let centre = 0;
    for (let j = 0; j < n; j++) {
      const own = kernel(point, x[j]);
      shared[i * n + j] = own;
      centre += own * weights[j];
    }
    return centre;
  });
  return { mean, shared };
}

/** kernel(x, x), by rows [n * n]. */
function gram(kernel: Kernel, x: readonly Point[]): Float64Array {
  const n = x.length;
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) out[j * n + i] = out[i * n + j] = kernel(x[i], x[j]);
  }
  return out;
}

function checkPoints(what: string, points: readonly Point[], size: number): void {
  for (let i = 0; i < points.length; i++) checkNumbers(`${what}[${i}]`, points[i], size);
}

function notDefinite(noise: number): [expected: string, got: string, hint: string] {
  return [
    "a positive definite kernel on the points",
    `one that is not, with noise ${noise}`,
    "More noise makes it so: a point measured twice, or two points that are nearly one, need some",
  ];
}
