import { choleskyFactor, solveLower, solveUpper } from "../../numerics/index.js";
import type { Kernel } from "./kernels.js";
import type { MostImproving } from "./mostImproving.js";
import { checkMeasurements, gram, notDefinite, processOf } from "./processOf.js";

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
  checkMeasurements(x, y, noise);
  const covariance = gram(kernel, x);
  for (let i = 0; i < n; i++) covariance[i * n + i] += noise * noise;
  const lower = choleskyFactor(covariance, n);
  if (lower === undefined) throw notDefinite(noise);
  const white = solveLower(lower, y);
  return processOf(kernel, x, { lower, white, weights: solveUpper(lower, white) });
}
