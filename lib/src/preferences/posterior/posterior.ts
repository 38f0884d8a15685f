import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { normalCdf, normalInterval } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import { featureDesign } from "../covariates/fit.js";
import { type Design, designFromRows } from "../logistic/design.js";
import { totalWeight } from "../weights.js";
import { tilted } from "./tilted.js";

/** A Gaussian that stands for what is known of abilities, [n], or of features' coefficients, [d]. */
export interface Posterior {
  mean: number[];
  covariance: number[][];
}

export interface PosteriorOptions {
  /** Each ability (or coefficient) is Normal(0, deviation^2) before the first comparison. */
  deviation: number;
  /**
   * [items, features]: then the posterior is of the coefficients w in theta = X w. Default: of
   * the abilities themselves.
   */
  features?: ReadonlyArray<ArrayLike<number>>;
}

/** Intervals that each hold their parameter with probability `level`, if the Gaussian is right. */
export function credibleIntervals(posterior: Posterior, level = 0.95): { low: number; high: number }[] {
  return posterior.mean.map((mean, i) => normalInterval(mean, Math.sqrt(posterior.covariance[i][i]), level));
}

/** P(theta_i > theta_j) under a posterior of abilities. @throws DomainError for no such item */
export function probabilityBetter(posterior: Posterior, i: number, j: number): number {
  const { mean, variance } = difference(posterior, i, j);
  return variance === 0 ? (Math.sign(mean) + 1) / 2 : normalCdf(mean / Math.sqrt(variance));
}

/**
 * P(i is preferred to j, the next time they are compared): the posterior's average of sigmoid(theta_i - theta_j),
 * nearer to 1/2 than the probability at the mean. @throws DomainError for no such item
 */
export function predictiveProbability(posterior: Posterior, i: number, j: number): number {
  const { mean, variance } = difference(posterior, i, j);
  return variance === 0 ? 1 / (1 + Math.exp(-mean)) : Math.exp(tilted(mean, variance).logMass);
}

function difference({ mean, covariance }: Posterior, i: number, j: number): { mean: number; variance: number } {
  for (const item of [i, j]) {
    if (!(Number.isInteger(item) && item >= 0 && item < mean.length)) {
      throw new DomainError(complaint("item", `a number from 0 to ${mean.length - 1}`, item));
    }
  }
  const variance = covariance[i][i] + covariance[j][j] - 2 * covariance[i][j];
  return { mean: mean[i] - mean[j], variance: Math.max(variance, 0) };
}

/** One row for each different winner and loser: their difference in abilities or in features. */
export function posteriorDesign(data: Comparisons, { deviation, features }: PosteriorOptions): Design {
  checkPositive("deviation", deviation);
  if (features) return featureDesign(data, features);
  totalWeight(data); // checks it
  const { winner, loser, weight } = mergeComparisons(data);
  return designFromRows(
    data.items,
    Array.from(winner, (won, k) => ({
      weight: weight[k],
      entries: [
        [won, 1],
        [loser[k], -1],
      ] as const,
    })),
  );
}
