import { checkCount } from "../core/checks.js";
import { clopperPearsonUpper } from "../numerics/index.js";
import { hoeffdingBound } from "../rewards/index.js";
import { empiricalBernstein, mixtureEValue, watchTrials } from "../safety/index.js";

/** Three bounds from above on how often a trial fails. */
export interface TrialBounds {
  readonly hoeffding: number;
  readonly bernstein: number;
  readonly clopperPearson: number;
}

/**
 * What `failures` of `trials` say about the probability of a failure, at level 1 - delta.
 * @throws DomainError unless 0 <= failures <= trials, trials >= 2 and delta is between 0 and 1
 * @example trialBounds(0, 1000, 0.05).clopperPearson // 0.003
 */
export function trialBounds(failures: number, trials: number, delta: number): TrialBounds {
  const clopperPearson = clopperPearsonUpper(failures, trials, delta); // refuses counts that cannot be
  const failed = Float64Array.from({ length: trials }, (_, i) => (i < failures ? 1 : 0));
  return {
    hoeffding: hoeffdingBound({ error: failures / trials, n: trials, delta }),
    bernstein: empiricalBernstein(failed, delta),
    clopperPearson,
  };
}

/** A rule, and what it does. */
export interface Peeking {
  /** P(it ever says "p < p0" by the last look) where p = p0: its error. */
  readonly error: number;
  /** The same by each look, [looks]. */
  readonly errorBy: Float64Array;
  /** The same where p is the true one. */
  readonly certified: number;
  /** After how many trials half of the runs are certified at the true p; Infinity if never. */
  readonly median: number;
}

/**
 * World: trials that fail with probability p, and somebody who looks from time to time whether "p < p0" can be said at
 * level 1 - delta. Known: p. Oracle: the distribution of the count, passed on from trial to trial (`watchTrials`).
 * Size: at most 3,000 trials. Lesson 20.
 * - `interval`: at each look, Clopper and Pearson's bound, which is meant for one look;
 * - `once`: the same at the last look alone;
 * - `eValue`: `mixtureEValue` at each look, against ln(1/delta).
 * `looks` are the numbers of trials at which somebody looks.
 * @throws DomainError for probabilities or counts that cannot be
 */
export function peekingStudy(
  options: { p0?: number; p?: number; delta?: number; from?: number; to?: number; every?: number } = {},
): { looks: number[]; interval: Peeking; once: Peeking; eValue: Peeking } {
  const { p0 = 0.01, p = 0.002, delta = 0.05, from = 300, to = 3000, every = 10 } = options;
  checkCount("from", from);
  checkCount("to", to, from);
  checkCount("every", every);
  const looks = Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);
  const limits = new Map<number, number>();
  const mostFailures = (n: number) => {
    let k = limits.get(n) ?? -1;
    if (!limits.has(n)) while (k < n && clopperPearsonUpper(k + 1, n, delta) < p0) k++;
    limits.set(n, k);
    return k;
  };
  const byInterval = (k: number, n: number) => k <= mostFailures(n);
  const byEValue = (k: number, n: number) => mixtureEValue(k, n, p0) >= -Math.log(delta);
  const rule = (at: readonly number[], certifies: (k: number, n: number) => boolean): Peeking => {
    const { certified, median } = watchTrials(p, { looks: at, certifies });
    let error = 0;
    const errorBy = watchTrials(p0, { looks: at, certifies }).atLook.map((share) => {
      error += share;
      return error;
    });
    return { error, errorBy, certified, median };
  };
  return {
    looks,
    interval: rule(looks, byInterval),
    once: rule(looks.slice(-1), byInterval),
    eValue: rule(looks, byEValue),
  };
}
