import { ConvergenceError, complain, DomainError } from "../../core/index.js";
import { inversePositiveDefinite, normalInterval } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import type { Noise } from "../noise.js";
import { requireFiniteEstimate } from "./existence.js";
import { bend } from "./fit.js";
import { type Gauge, gaugeCovariance } from "./gauge.js";
import { information } from "./likelihood.js";
import type { Prior } from "./prior.js";

export interface UncertaintyOptions {
  gauge?: Gauge;
  prior?: Prior;
  noise?: Noise;
}

/**
 * The approximate covariance of the estimated abilities, [n, n]: the inverse of the Fisher information at theta, in a gauge;
 * with a prior, Laplace's approximation to the posterior. In the reference gauge the reference's row is 0: it is exact by
 * definition. The variance of a difference is C_ii + C_jj - 2 C_ij, and does not depend on the gauge.
 * @throws ConvergenceError if there is no finite estimate to be uncertain about
 */
export function covariance(theta: ArrayLike<number>, data: Comparisons, options: UncertaintyOptions = {}): number[][] {
  if (options.prior === undefined) requireFiniteEstimate(data);
  const known = information(theta, mergeComparisons(data), options.noise);
  const spread = inversePositiveDefinite(bend(known, 1, theta, options.prior));
  if (spread === undefined) {
    throw new ConvergenceError(
      "Bradley-Terry: at these abilities the comparisons carry no information about some difference, so its error is not " +
        "finite. Were the abilities fitted to these comparisons?",
    );
  }
  return gaugeCovariance(spread.to2DArray(), options.gauge ?? "sum-zero");
}

/** The standard error of each ability, [n], in nats. @throws as `covariance` */
export function standardErrors(
  theta: ArrayLike<number>,
  data: Comparisons,
  options: UncertaintyOptions = {},
): number[] {
  return covariance(theta, data, options).map((row, i) => Math.sqrt(Math.max(row[i], 0)));
}

/** The standard error of theta_i - theta_j, the same in every gauge. @throws as `covariance`, DomainError for no such item */
export function differenceError(
  theta: ArrayLike<number>,
  data: Comparisons,
  i: number,
  j: number,
  options: UncertaintyOptions = {},
): number {
  for (const item of [i, j]) {
    if (!Number.isInteger(item) || item < 0 || item >= data.items) {
      throw new DomainError(complain("item", `a number from 0 to ${data.items - 1}`, item));
    }
  }
  const c = covariance(theta, data, options);
  return Math.sqrt(Math.max(c[i][i] + c[j][j] - 2 * c[i][j], 0));
}

/** Normal (Wald) intervals theta_i +- z * error_i that each cover with probability `level`. @throws as `covariance` */
export function intervals(
  theta: ArrayLike<number>,
  data: Comparisons,
  options: UncertaintyOptions & { level?: number } = {},
): { low: number; high: number }[] {
  const errors = standardErrors(theta, data, options);
  return errors.map((error, i) => normalInterval(theta[i], error, options.level));
}
