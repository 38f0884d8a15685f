import { ConvergenceError } from "../../core/index.js";
import { inversePositiveDefinite, normalInterval } from "../../numerics/index.js";
import { type Gauge, gaugeCovariance } from "../bradleyTerry/gauge.js";
import type { Prior } from "../bradleyTerry/prior.js";
import type { Rankings } from "../rankings.js";
import { requireFiniteEstimate } from "./existence.js";
import { curvature } from "./fit.js";

export interface RankingUncertaintyOptions {
  gauge?: Gauge;
  prior?: Prior;
}

/**
 * The approximate covariance of the estimated abilities, [n, n]: the inverse of the observed information at theta, in a
 * gauge; with a prior, Laplace's approximation to the posterior. It inverts a whole matrix, in time n^3.
 * @throws ConvergenceError if there is no finite estimate to be uncertain about
 */
export function covariance(
  theta: ArrayLike<number>,
  rankings: Rankings,
  options: RankingUncertaintyOptions = {},
): number[][] {
  if (options.prior === undefined) requireFiniteEstimate(rankings);
  const spread = inversePositiveDefinite(curvature(theta, rankings, options.prior));
  if (spread === undefined) {
    throw new ConvergenceError(
      "Plackett-Luce: at these abilities the rankings carry no information about some difference, so its error is not finite. " +
        "Were the abilities fitted to these rankings?",
    );
  }
  return gaugeCovariance(spread.to2DArray(), options.gauge ?? "sum-zero");
}

/** The standard error of each ability, [n], in nats. @throws as `covariance` */
export function standardErrors(
  theta: ArrayLike<number>,
  rankings: Rankings,
  options: RankingUncertaintyOptions = {},
): number[] {
  return covariance(theta, rankings, options).map((row, i) => Math.sqrt(Math.max(row[i], 0)));
}

/** Normal (Wald) intervals theta_i +- z * error_i that each cover with probability `level`. @throws as `covariance` */
export function intervals(
  theta: ArrayLike<number>,
  rankings: Rankings,
  options: RankingUncertaintyOptions & { level?: number } = {},
): { low: number; high: number }[] {
  return standardErrors(theta, rankings, options).map((error, i) => normalInterval(theta[i], error, options.level));
}
