import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { lbfgs, logSumExp } from "../../numerics/index.js";
import { exactPreferenceLoss, type PreferenceOf } from "./exactPreferences.js";
import type { MarginLoss } from "./margin.js";

/**
 * The scores s [N] whose differences make a pairwise loss smallest on infinitely many comparisons,
 *
 *   argmin of the mean over pairs i, j of P(i > j) f(s_i - s_j) + P(j > i) f(s_j - s_i),
 *
 * pairs drawn from `logSampling` (log-probabilities [N], all finite), with `of` = f. A convex f gives one minimum, up
 * to a constant that all scores share; here their mean under exp(logSampling) is 0. Found by L-BFGS on
 * sqrt(exp(logSampling)) s, in which all outcomes bend alike, with losses in units of f(0) and margins in units of f(0)
 * / f'(0), so that neither a factor before f nor beta matters to it.
 * @throws as `exactPreferenceLoss`; DomainError for an outcome that is never sampled, whose score nothing decides;
 *   ConvergenceError where the loss falls for ever. (Where it flattens as it falls, as DPO's on answers without doubt,
 *   the scores are those of a slope of 1e-10 in these units.)
 */
export function pairScores(
  logSampling: ArrayLike<number>,
  prefer: PreferenceOf,
  of: (margin: number) => MarginLoss,
): Float64Array {
  checkLogSampling(logSampling);
  const root = Float64Array.from(logSampling, (log) => Math.exp(log / 2));
  const nothing = new Float64Array(root.length);
  const atNothing = of(0);
  const size = atNothing.loss > 0 ? atNothing.loss : 1;
  const unit = atNothing.slope === 0 ? 1 : size / Math.abs(atNothing.slope);
  const scores = (at: Float64Array) => at.map((x, i) => (x * unit) / root[i]);
  const found = lbfgs(
    (at, slope) => {
      const { loss, gradient } = exactPreferenceLoss(scores(at), nothing, logSampling, prefer, of);
      for (let i = 0; i < slope.length; i++) slope[i] = (-gradient[i] * unit) / root[i] / size;
      return -loss / size;
    },
    nothing,
    { tolerance: 1e-10, iterations: 300 },
  );
  const best = scores(found.at);
  let [sum, mass] = [0, 0];
  for (let i = 0; i < best.length; i++) {
    sum += root[i] * root[i] * best[i];
    mass += root[i] * root[i];
  }
  return best.map((s) => s - sum / mass);
}

/**
 * What a loss of margins against a reference (DPO, conservative DPO, robust DPO, IPO) reaches over all policies on
 * infinitely many comparisons: ref(y) exp(s(y)) / Z with the scores of `pairScores`, [N] log-probabilities in nats. The
 * loss sees only differences of log-ratios, and any differences can be had: so the best ones are found first, and
 * dividing by Z costs nothing. With Bradley-Terry preferences of a utility, DPO's is the KL-regularised optimum;
 * conservative DPO's is not: its labels, each drawn towards 1/2, are those of no utility.
 * @throws as `pairScores`; ShapeError if the lengths differ
 */
export function pairOptimum(
  logRef: ArrayLike<number>,
  logSampling: ArrayLike<number>,
  prefer: PreferenceOf,
  of: (margin: number) => MarginLoss,
): Float64Array {
  checkLength("logRef", logRef, logSampling.length, "one per outcome");
  const tilted = pairScores(logSampling, prefer, of).map((s, i) => logRef[i] + s);
  const logZ = logSumExp(tilted);
  return tilted.map((log) => log - logZ);
}

/** @throws DomainError unless every outcome is sampled with a positive probability */
export function checkLogSampling(logSampling: ArrayLike<number>): void {
  for (let i = 0; i < logSampling.length; i++) {
    if (Number.isFinite(logSampling[i])) continue;
    const hint = "Of an outcome that is never compared, comparisons say nothing";
    throw new DomainError(complaint(`logSampling[${i}]`, "a finite log-probability", logSampling[i], hint));
  }
}
