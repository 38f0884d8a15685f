import { checkCount, checkShare } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/** A sequential test on a count of failures: when it looks, and when it stops. */
export interface StoppingRule {
  /** The numbers of trials at which the rule is applied, increasing. */
  readonly looks: readonly number[];
  /** Whether `failures` of `trials` are few enough to stop and certify. */
  readonly certifies: (failures: number, trials: number) => boolean;
}

/** The operating characteristics of a stopping rule, exactly. */
export interface StoppingOutcome {
  /** P(certified at one of the looks). */
  readonly certified: number;
  /** P(certified at this look, and at none before), [looks]. */
  readonly atLook: Float64Array;
  /** After how many trials half of all runs are certified; Infinity if fewer ever are. */
  readonly median: number;
}

/**
 * The stopping time of a sequential test on independent trials that fail with probability p: at which look it certifies
 * first. Exact, by a forward recursion on the count of failures of the runs that have not stopped. With p on the border
 * of the null hypothesis, `certified` is the test's type I error.
 * @throws DomainError unless p is in [0, 1] and the looks are increasing counts
 * @example
 * const never = { looks: [10], certifies: (failures: number) => failures === 0 };
 * watchTrials(0.1, never).certified // 0.3487
 */
export function watchTrials(p: number, { looks, certifies }: StoppingRule): StoppingOutcome {
  checkShare("p", p);
  looks.forEach((n, i) => {
    checkCount(`looks[${i}]`, n);
    if (i > 0 && n <= looks[i - 1]) throw new DomainError(complaint(`looks[${i}]`, `more than ${looks[i - 1]}`, n));
  });
  let running = Float64Array.of(1); // P(k failures so far, and not stopped)
  const atLook = new Float64Array(looks.length);
  let trials = 0;
  looks.forEach((look, i) => {
    for (; trials < look; trials++) running = oneMoreTrial(running, p);
    for (let k = 0; k <= look; k++) {
      if (running[k] === 0 || !certifies(k, look)) continue;
      atLook[i] += running[k];
      running[k] = 0;
    }
  });
  let [certified, median] = [0, Number.POSITIVE_INFINITY];
  atLook.forEach((share, i) => {
    certified += share;
    if (median === Number.POSITIVE_INFINITY && certified >= 0.5) median = looks[i];
  });
  return { certified, atLook, median };
}

function oneMoreTrial(running: Float64Array, p: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(running.length + 1);
  for (let k = 0; k < running.length; k++) {
    next[k] += running[k] * (1 - p);
    next[k + 1] += running[k] * p;
  }
  return next;
}

/**
 * The sample size without failures that rejects "fails with probability p or more" at level 1 - delta, fixed in
 * advance: the least n with (1 - p)^n <= delta, about ln(1/delta) / p.
 * @throws DomainError unless p and delta are between 0 and 1
 * @example cleanTrials(0.001, 0.05) // 2995
 */
export function cleanTrials(p: number, delta: number): number {
  for (const [name, value] of Object.entries({ p, delta })) {
    if (!(value > 0 && value < 1)) throw new DomainError(complaint(name, "between 0 and 1", value));
  }
  return Math.ceil(Math.log(delta) / Math.log1p(-p));
}

/**
 * The coverage of an interval at p, exactly: the probability of all counts k of n whose interval has p in it.
 * @throws DomainError unless n is a count and p in [0, 1]
 * @example intervalCoverage(0.5, 2, (k) => ({ low: k / 2, high: k / 2 })) // 0.5
 */
export function intervalCoverage(
  p: number,
  n: number,
  interval: (successes: number, trials: number) => { low: number; high: number },
): number {
  checkShare("p", p);
  checkCount("n", n);
  let counts = Float64Array.of(1);
  for (let i = 0; i < n; i++) counts = oneMoreTrial(counts, p);
  let covered = 0;
  counts.forEach((probability, k) => {
    const { low, high } = interval(k, n);
    if (low <= p && p <= high) covered += probability;
  });
  return covered;
}
