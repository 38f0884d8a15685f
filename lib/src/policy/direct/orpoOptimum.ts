import { lbfgs, logSumExp, sigmoid, softplus } from "../../numerics/index.js";
import { comparisonShares, type PreferenceOf } from "./exactPreferences.js";
import { checkWeight, logOdds, type OrpoOptions } from "./orpo.js";
import { checkLogSampling } from "./pairOptimum.js";
import { checkLengths } from "./simpoOptimum.js";

export interface OrpoProblem {
  /** Tokens of each outcome, [N]. */
  readonly lengths: ArrayLike<number>;
  /** log-probability with which each outcome is sampled for a comparison, [N], finite. */
  readonly logSampling: ArrayLike<number>;
  readonly prefer: PreferenceOf;
}

/**
 * `orpoLoss` on infinitely many comparisons of outcomes whose log-probabilities are `logProbs` [N], and its slope for
 * each of them: the mean over pairs of different outcomes.
 * @throws ShapeError if the lengths differ; DomainError for a length below 1, or an outcome that
 *   is never sampled or certain
 */
export function exactOrpoLoss(
  logProbs: ArrayLike<number>,
  problem: OrpoProblem,
  { weight = 0.1 }: OrpoOptions = {},
): { loss: number; gradient: Float64Array } {
  const { lengths, logSampling, prefer } = problem;
  checkWeight(weight);
  checkLogSampling(logSampling);
  checkLengths(lengths, logSampling);
  const n = logProbs.length;
  const { mu, won, mass } = comparisonShares(logSampling, prefer);
  const odds = Array.from({ length: n }, (_, y) => logOdds("logProbs", logProbs[y] / lengths[y], y));
  const gradient = Float64Array.from({ length: n }, (_, y) => -won[y] / lengths[y]);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    loss -= (won[i] * logProbs[i]) / lengths[i];
    for (let j = 0; j < i; j++) {
      const share = (weight * mu[i] * mu[j]) / mass;
      const p = prefer(i, j);
      const gap = odds[i].value - odds[j].value;
      loss += share * (p * softplus(-gap) + (1 - p) * softplus(gap));
      const slope = share * (sigmoid(gap) - p);
      gradient[i] += (slope * odds[i].slope) / lengths[i];
      gradient[j] -= (slope * odds[j].slope) / lengths[j];
    }
  }
  return { loss, gradient };
}

/**
 * What ORPO reaches over all policies on infinitely many comparisons, [N] log-probabilities in nats, by L-BFGS on the
 * logits of outcomes from `start` (uniform without). The loss is not convex; on the phrase task all starts that were
 * tried end at one point. Its likelihood term asks for the chosen completions as they are, each divided by its length:
 * a short completion is worth more than a long one that is chosen as often.
 * @throws as `exactOrpoLoss`; ConvergenceError
 */
export function orpoOptimum(
  problem: OrpoProblem,
  options: OrpoOptions = {},
  start: ArrayLike<number> = new Float64Array(problem.logSampling.length),
): Float64Array {
  const root = Float64Array.from(problem.logSampling, (log) => Math.exp(log / 2));
  const logProbsAt = (at: Float64Array) => {
    const logits = at.map((x, y) => x / root[y]);
    const total = logSumExp(logits);
    return logits.map((z) => z - total);
  };
  // A step that makes an outcome certain is too long: its odds are infinite.
  const certain = (logProbs: Float64Array) => logProbs.some((log) => !(log < 0));
  const found = lbfgs(
    (at, slope) => {
      const logProbs = logProbsAt(at);
      if (certain(logProbs)) return Number.NEGATIVE_INFINITY;
      const { loss, gradient } = exactOrpoLoss(logProbs, problem, options);
      const sum = gradient.reduce((a, b) => a + b);
      for (let y = 0; y < slope.length; y++) slope[y] = -(gradient[y] - Math.exp(logProbs[y]) * sum) / root[y];
      return -loss;
    },
    root.map((r, y) => r * start[y]),
    // Of the weights of both terms, the second beside the first.
    { tolerance: 1e-9, iterations: 1000, weight: root.map(() => 1 + (options.weight ?? 0.1)) },
  );
  return logProbsAt(found.at);
}
