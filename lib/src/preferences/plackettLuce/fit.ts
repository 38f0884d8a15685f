import type { Matrix } from "ml-matrix";
import { type LinearOperator, newton } from "../../numerics/index.js";
import type { Fit, FitOptions } from "../bradleyTerry/fit.js";
import { fixGauge } from "../bradleyTerry/gauge.js";
import { logPrior, type Prior, priorCurvature, priorGradient } from "../bradleyTerry/prior.js";
import type { Rankings } from "../rankings.js";
import { luceRates } from "../spectral/rates.js";
import { stationaryDistribution } from "../spectral/stationary.js";
import { totalWeight } from "../weights.js";
import { requireFiniteEstimate } from "./existence.js";
import { expectedWins, gradient, informationMatrix, informationTimes, logLikelihood } from "./likelihood.js";

export type RankingFitOptions = Omit<FitOptions, "noise">;

/** Beyond this many items the matrix of second derivatives is not written down; conjugate gradients do without. */
const DENSE = 500;

/**
 * The maximum-likelihood abilities of Plackett-Luce, or with a prior the most probable ones: Newton's method on a
 * concave log-likelihood. Takes full and partial rankings and choices.
 * @throws ConvergenceError if there is no finite estimate (names the items and the cure) or the iterations run out
 */
export function fit(rankings: Rankings, options: RankingFitOptions = {}): Fit {
  const { prior, gauge, tolerance, iterations, watch } = options;
  const weight = totalWeight(rankings);
  if (prior === undefined) requireFiniteEstimate(rankings);
  const value = (theta: Float64Array) => logLikelihood(theta, rankings) + (prior ? logPrior(theta, prior) : 0);
  const slope = (theta: Float64Array) => {
    const own = gradient(theta, rankings);
    if (!prior) return own;
    const pull = priorGradient(theta, prior);
    return own.map((component, i) => component + pull[i]);
  };
  const bend = (theta: Float64Array) =>
    rankings.items <= DENSE ? curvature(theta, rankings, prior) : curvatureOperator(theta, rankings, prior);
  const objective = { value, gradient: slope, curvature: bend };
  const found = newton(objective, startFor(rankings, prior), {
    tolerance,
    weight,
    iterations,
    watch,
  });
  return {
    theta: fixGauge(found.at, gauge),
    logLikelihood: logLikelihood(found.at, rankings),
    iterations: found.iterations,
    gradientNorm: found.gradientNorm,
  };
}

/** Luce spectral ranking is most of the way there, and spares Newton the long steps that it overshoots with. */
function startFor(rankings: Rankings, prior?: Prior): ArrayLike<number> {
  const n = rankings.items;
  if (prior || n > DENSE) return new Float64Array(n);
  return fixGauge(stationaryDistribution(luceRates(new Float64Array(n).fill(1), rankings, 0), n).map(Math.log));
}

/**
 * The information and the prior's curvature; without a prior the flat direction (1, ..., 1)
 * gets one that fixes the sum.
 */
export function curvature(theta: ArrayLike<number>, rankings: Rankings, prior?: Prior): Matrix {
  const matrix = informationMatrix(theta, rankings);
  if (!prior) return matrix.add(Math.max(matrix.trace(), Number.MIN_VALUE) / rankings.items ** 2);
  priorCurvature(theta, prior).forEach((bend, i) => {
    matrix.set(i, i, matrix.get(i, i) + bend);
  });
  return matrix;
}

/** The same without the matrix: only what it does to a vector. */
function curvatureOperator(theta: Float64Array, rankings: Rankings, prior?: Prior): LinearOperator {
  const n = rankings.items;
  const own = prior ? priorCurvature(theta, prior) : new Float64Array(n);
  const diagonal = expectedWins(theta, rankings).map((value, i) => value + own[i]);
  const level = prior ? 0 : diagonal.reduce((sum, value) => sum + value, 0) / n ** 2;
  return {
    diagonal,
    times: (v) => {
      const shift = level * v.reduce((sum, value) => sum + value, 0);
      return informationTimes(theta, rankings, v).map((value, i) => value + own[i] * v[i] + shift);
    },
  };
}
