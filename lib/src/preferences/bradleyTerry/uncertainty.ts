import { ConvergenceError, complaint, DomainError } from "../../core/index.js";
import { conjugateGradients, inversePositiveDefinite, normalInterval } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import type { Noise } from "../noise.js";
import { requireFiniteEstimate } from "./existence.js";
import { bend } from "./fit.js";
import { type Gauge, gaugeCovariance } from "./gauge.js";
import { checkAbilities, information } from "./likelihood.js";
import type { Prior } from "./prior.js";
import { DENSE, informationOperator } from "./sparse.js";

export interface UncertaintyOptions {
  gauge?: Gauge;
  prior?: Prior;
  noise?: Noise;
}

/**
 * The approximate covariance of the estimated abilities, [n, n]: the inverse of the Fisher information at theta, in a
 * gauge; with a prior, Laplace's approximation to the posterior. In the reference gauge the reference's row is 0: it is
 * exact by definition. The variance of a difference is C_ii + C_jj - 2 C_ij, and does not depend on the gauge. It
 * inverts the whole matrix, in time n^3: about ten seconds for 1,500 items. For one difference take `differenceError`.
 * @throws ConvergenceError if there is no finite estimate to be uncertain about
 */
export function covariance(theta: ArrayLike<number>, data: Comparisons, options: UncertaintyOptions = {}): number[][] {
  if (options.prior === undefined) requireFiniteEstimate(data);
  const known = information(theta, mergeComparisons(data), options.noise);
  const spread = inversePositiveDefinite(bend(known, 1, theta, options.prior));
  if (spread === undefined) throw nothingKnown();
  return gaugeCovariance(spread.to2DArray(), options.gauge ?? "sum-zero");
}

function nothingKnown(): ConvergenceError {
  return new ConvergenceError(
    "Bradley-Terry: at these abilities the comparisons carry no information about some difference, so its error is not " +
      "finite. Were the abilities fitted to these comparisons?",
  );
}

/** The standard error of each ability, [n], in nats. @throws as `covariance` */
export function standardErrors(
  theta: ArrayLike<number>,
  data: Comparisons,
  options: UncertaintyOptions = {},
): number[] {
  return covariance(theta, data, options).map((row, i) => Math.sqrt(Math.max(row[i], 0)));
}

/**
 * The standard error of theta_i - theta_j, the same in every gauge: the root of v' I^-1 v with v = e_i - e_j and I the
 * information. Beyond 100 items by conjugate gradients for this one v, without a matrix: as cheap as a step of `fit`.
 * @throws as `covariance`, DomainError for no such item
 */
export function differenceError(
  theta: ArrayLike<number>,
  data: Comparisons,
  i: number,
  j: number,
  options: UncertaintyOptions = {},
): number {
  for (const item of [i, j]) {
    if (!Number.isInteger(item) || item < 0 || item >= data.items) {
      throw new DomainError(complaint("item", `a number from 0 to ${data.items - 1}`, item));
    }
  }
  if (data.items > DENSE) return sparseDifferenceError(theta, data, i, j, options);
  const c = covariance(theta, data, options);
  return Math.sqrt(Math.max(c[i][i] + c[j][j] - 2 * c[i][j], 0));
}

function sparseDifferenceError(
  theta: ArrayLike<number>,
  data: Comparisons,
  i: number,
  j: number,
  { prior, noise }: UncertaintyOptions,
): number {
  if (prior === undefined) requireFiniteEstimate(data);
  checkAbilities(theta, data);
  if (i === j) return 0;
  const v = new Float64Array(data.items);
  v[i] = 1;
  v[j] = -1;
  const solved = conjugateGradients(informationOperator(theta, mergeComparisons(data), noise, prior), v, {
    tolerance: 1e-12,
  });
  const variance = solved[i] - solved[j];
  if (!(variance > 0 && Number.isFinite(variance))) throw nothingKnown();
  return Math.sqrt(variance);
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
