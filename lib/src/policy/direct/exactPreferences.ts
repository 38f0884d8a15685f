import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { exactRegularisedOptimum, sigmoid } from "../../numerics/index.js";
import type { MarginLoss } from "./margin.js";

// Infinitely many comparisons, exactly: all pairs of outcomes, each as often as it is drawn, each answered in the
// proportion that the labelers have. Outcomes are few enough to be counted, [N].

/** How people answer: the probability that outcome i is preferred to outcome j. */
export type PreferenceOf = (i: number, j: number) => number;

/** Bradley-Terry preferences of known utilities [N] in nats: sigmoid((utility[i] - utility[j]) / temperature). */
export function bradleyTerryPreference(utility: ArrayLike<number>, temperature = 1): PreferenceOf {
  checkPositive("temperature", temperature);
  return (i, j) => sigmoid((utility[i] - utility[j]) / temperature);
}

/**
 * The mean of a pairwise loss over infinitely many comparisons, and its slope for the policy's log-probability of each
 * outcome, [N]:
 *
 *   sum over i, j of mu(i) mu(j) [ P(i > j) f(h_ij) + P(j > i) f(h_ji) ] / 2 over pairs i != j,
 *
 * where h_ij = (logp[i] - logRef[i]) - (logp[j] - logRef[j]), divided by the probability that the two outcomes differ.
 * mu are the outcomes that are shown, by their log-probabilities [N]. `of` is a loss of one margin, such as
 * `(h) => dpoOfMargin(h, { beta })`; it costs N^2 / 2 calls of it twice.
 * @throws ShapeError if the lengths differ; DomainError if only one outcome is ever sampled
 */
export function exactPreferenceLoss(
  logProbs: ArrayLike<number>,
  logRef: ArrayLike<number>,
  logSampling: ArrayLike<number>,
  prefer: PreferenceOf,
  of: (margin: number) => MarginLoss,
): { loss: number; gradient: Float64Array } {
  const n = logProbs.length;
  for (const [name, list] of Object.entries({ logRef, logSampling })) {
    if (list.length !== n) throw new ShapeError(complaint(name, `${n} numbers, one per outcome`, list));
  }
  const mu = Float64Array.from(logSampling, Math.exp);
  const gain = Float64Array.from(logProbs, (logp, i) => logp - logRef[i]);
  const gradient = new Float64Array(n);
  let [total, mass] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const weight = mu[i] * mu[j];
      if (weight === 0) continue;
      mass += weight;
      const p = prefer(i, j);
      const h = gain[i] - gain[j];
      let slope = 0;
      // An answer that is never given adds nothing, even where its loss is infinite.
      if (p > 0) {
        const won = of(h);
        total += weight * p * won.loss;
        slope += p * won.slope;
      }
      if (p < 1) {
        const lost = of(-h);
        total += weight * (1 - p) * lost.loss;
        slope -= (1 - p) * lost.slope;
      }
      gradient[i] += weight * slope;
      gradient[j] -= weight * slope;
    }
  }
  if (!(mass > 0))
    throw new DomainError(complaint("logSampling", "at least two outcomes of positive probability", logSampling));
  for (let i = 0; i < n; i++) gradient[i] /= mass;
  return { loss: total / mass, gradient };
}

/**
 * The probability that each outcome wins against one drawn from mu, [N]: sum over j of mu(j) P(i > j), where an outcome
 * against itself counts 1/2. What IPO takes for the reward.
 * @throws ShapeError if `logSampling` is empty
 */
export function winRates(logSampling: ArrayLike<number>, prefer: PreferenceOf): Float64Array {
  if (logSampling.length === 0) throw new ShapeError(complaint("logSampling", "at least one outcome", logSampling));
  const mu = Float64Array.from(logSampling, Math.exp);
  return mu.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < mu.length; j++) if (mu[j] > 0) sum += mu[j] * (i === j ? 0.5 : prefer(i, j));
    return sum;
  });
}

/**
 * Who wins and who loses in infinitely many comparisons of two different outcomes, each drawn from `logSampling`
 * (log-probabilities [N]): the shares [N] of the chosen completions that are y and of the rejected ones, each adding up
 * to 1; with mu = exp(logSampling) and the mass of all pairs, sum over i < j of mu(i) mu(j).
 * @throws DomainError if only one outcome is ever sampled
 */
export function comparisonShares(
  logSampling: ArrayLike<number>,
  prefer: PreferenceOf,
): { mu: Float64Array; won: Float64Array; lost: Float64Array; mass: number } {
  const mu = Float64Array.from(logSampling, Math.exp);
  const [won, lost] = [new Float64Array(mu.length), new Float64Array(mu.length)];
  let mass = 0;
  for (let i = 0; i < mu.length; i++) {
    for (let j = 0; j < i; j++) {
      const weight = mu[i] * mu[j];
      if (weight === 0) continue;
      const p = prefer(i, j);
      mass += weight;
      won[i] += weight * p;
      lost[i] += weight * (1 - p);
      won[j] += weight * (1 - p);
      lost[j] += weight * p;
    }
  }
  if (!(mass > 0))
    throw new DomainError(complaint("logSampling", "at least two outcomes of positive probability", logSampling));
  return { mu, won: won.map((w) => w / mass), lost: lost.map((l) => l / mass), mass };
}

/**
 * What IPO converges to on infinitely many comparisons: ref(y) exp(winRate(y) / beta) / Z, the optimum of
 * E[win rate against mu] - beta KL. Log-ratios differ by at most 1 / beta, however sure people are (Azar et al. 2023,
 * arXiv:2310.12036, theorem 2).
 * @throws as `winRates` and `exactRegularisedOptimum`
 */
export function ipoOptimum(
  logRef: ArrayLike<number>,
  logSampling: ArrayLike<number>,
  prefer: PreferenceOf,
  { beta }: { readonly beta: number },
): Float64Array {
  return exactRegularisedOptimum(logRef, winRates(logSampling, prefer), beta).logProbs;
}
