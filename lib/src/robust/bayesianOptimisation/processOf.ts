import { checkLength, checkNonNegative, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";
import { solveLowerRows } from "../../numerics/index.js";
import type { GaussianProcess, Point } from "./gaussianProcess.js";
import type { Kernel } from "./kernels.js";
import { mostImproving } from "./mostImproving.js";

/** Measurements, fitted: Cholesky's factor L of their covariance by rows [n * n], L^-1 y and L'^-1 L^-1 y, [n]. */
export interface Fit {
  lower: Float64Array;
  white: Float64Array;
  weights: Float64Array;
}

/** What follows from a fit to measurements at x. */
export function processOf(kernel: Kernel, x: readonly Point[], { lower, white, weights }: Fit): GaussianProcess {
  const n = x.length;
  let logEvidence = -dot(white, white) / 2 - (n * Math.log(2 * Math.PI)) / 2;
  for (let i = 0; i < n; i++) logEvidence -= Math.log(lower[i * n + i]);
  const meet = (points: readonly Point[]) => {
    checkCandidates(points, x);
    return meanAndShared(kernel, points, x, weights);
  };
  /** Each point's mean, and what the measurements take from the covariance of two. */
  const seen = (points: readonly Point[]) => {
    const { mean, shared: whitened } = meet(points);
    solveLowerRows(lower, n, whitened);
    const known = (i: number, j: number) => {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += whitened[i * n + k] * whitened[j * n + k];
      return sum;
    };
    return { mean, known };
  };
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
export function gram(kernel: Kernel, x: readonly Point[]): Float64Array {
  const n = x.length;
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) out[j * n + i] = out[i * n + j] = kernel(x[i], x[j]);
  }
  return out;
}

/** The standard deviation; what rounding takes below 0 is 0. */
export function root(variance: number): number {
  return Math.sqrt(Math.max(variance, 0));
}

/** @throws as `gaussianProcess`, but for the kernel */
export function checkMeasurements(x: readonly Point[], y: ArrayLike<number>, noise: number): void {
  checkPoints("x", x, x[0]?.length ?? 0);
  checkLength("y", y, x.length, "one per point");
  checkNumbers("y", y, x.length);
  checkNonNegative("noise", noise);
}

/** @throws unless the points are of the size of those measured */
export function checkCandidates(points: readonly Point[], x: readonly Point[]): void {
  if (x.length > 0) checkPoints("points", points, x[0].length);
}

function checkPoints(what: string, points: readonly Point[], size: number): void {
  for (let i = 0; i < points.length; i++) checkNumbers(`${what}[${i}]`, points[i], size);
}

export function notDefinite(noise: number): DomainError {
  return new DomainError(
    complaint(
      "kernel",
      "a positive definite kernel on the points",
      `one that is not, with noise ${noise}`,
      "More noise makes it so: a point measured twice, or two points that are nearly one, need some",
    ),
  );
}
