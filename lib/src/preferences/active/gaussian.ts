import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { checkFinite, checkLength, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { sigmoid } from "../../numerics/index.js";
import { type Key, normal } from "../../random/index.js";
import type { Posterior } from "../posterior/index.js";
import { binaryEntropy, entropyOfLogOdds } from "./entropy.js";
import type { EntropySplit } from "./informationGain.js";

/** What a Gaussian posterior of w believes about the log-odds x'w of a question: mean and variance. */
export interface LogOdds {
  mean: number;
  variance: number;
}

/**
 * The log-odds of a question whose items differ by x in features (first less second), [d]: mean x'm, variance x'Sx.
 * @throws ShapeError if x has another length than the posterior; DomainError for an x that is not finite
 */
export function logOddsOf({ mean, covariance }: Posterior, x: ArrayLike<number>): LogOdds {
  const d = mean.length;
  checkLength("x", x, d, "as many as the posterior has");
  let [centre, variance] = [0, 0];
  for (let i = 0; i < d; i++) {
    centre += x[i] * mean[i];
    for (let j = 0; j < d; j++) variance += x[i] * covariance[i][j] * x[j];
  }
  if (!Number.isFinite(centre + variance)) {
    throw new DomainError(complaint("log-odds", "a finite mean and variance", [centre, variance]));
  }
  return { mean: centre, variance: Math.max(variance, 0) };
}

/**
 * The information gain of a question whose log-odds are Normal(mean, variance), to about 10 digits: the oracle
 * for sampled gains. By the trapezoid rule, whose error shrinks exponentially on functions that are analytic
 * in a strip, as these are.
 * @throws DomainError if the mean is not finite or the variance is below 0
 */
export function gaussianInformationGain({ mean, variance }: LogOdds): EntropySplit {
  checkFinite("mean", mean);
  checkNonNegative("variance", variance);
  if (variance === 0) return { total: entropyOfLogOdds(mean), noise: entropyOfLogOdds(mean), gain: 0 };
  const deviation = Math.sqrt(variance);
  const step = Math.min(1, 1 / deviation) / 2; // in deviations
  const reach = Math.ceil(8.5 / step);
  let [mass, probability, noise] = [0, 0, 0];
  for (let k = -reach; k <= reach; k++) {
    const weight = Math.exp(-0.5 * (k * step) ** 2);
    const z = mean + deviation * k * step;
    mass += weight;
    probability += weight * sigmoid(z);
    noise += weight * entropyOfLogOdds(z);
  }
  const total = binaryEntropy(Math.min(probability / mass, 1));
  return { total, noise: noise / mass, gain: Math.max(total - noise / mass, 0) };
}

/**
 * A committee: n draws from a Gaussian posterior, [n, d].
 * @throws DomainError if the covariance is not positive definite
 */
export function posteriorMembers(key: Key, { mean, covariance }: Posterior, n: number): number[][] {
  const d = mean.length;
  // Rounding leaves an inverse not quite symmetric.
  const symmetric = covariance.map((row, i) => row.map((value, j) => (value + covariance[j][i]) / 2));
  const cholesky = new CholeskyDecomposition(new Matrix(symmetric));
  if (!cholesky.isPositiveDefinite()) {
    throw new DomainError("posteriorMembers: the covariance is not positive definite. Was a prior forgotten?");
  }
  const lower = cholesky.lowerTriangularMatrix;
  const noise = normal(key, n * d);
  return Array.from({ length: n }, (_, m) =>
    mean.map((centre, i) => {
      let value = centre;
      for (let j = 0; j <= i; j++) value += lower.get(i, j) * noise[m * d + j];
      return value;
    }),
  );
}

/** What each member, [members, d], thinks of a question: sigmoid(x'w), [members]. */
export function memberProbabilities(members: readonly ArrayLike<number>[], x: ArrayLike<number>): Float64Array {
  return Float64Array.from(members, (w) => {
    let z = 0;
    for (let i = 0; i < x.length; i++) z += x[i] * w[i];
    return sigmoid(z);
  });
}
