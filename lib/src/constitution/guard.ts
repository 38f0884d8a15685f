import { checkNumbers, checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/** What a guard before a model lets through. */
export interface GuardedLeak {
  /** Mean leak without the guard. */
  readonly leak: number;
  /** Mean of leak(x) (1 - flag(x)): what gets past both. */
  readonly guarded: number;
  /** leak (1 - mean flag): what it would be if the two missed independently. */
  readonly ifIndependent: number;
}

/**
 * Two layers of defence: E[leak (1 - flag)] = E[leak] (1 - E[flag]) - Cov(leak, flag). The covariance decides: a guard
 * that misses where the model leaks gives nothing, whatever its rate of detection. leak[x] and flag[x] are
 * probabilities for attack x; all alike by default, or with `weights`.
 * @throws DomainError for other numbers than probabilities, ShapeError if the lengths differ
 * @example guardedLeak([1, 0], [0, 1]) // { leak: 0.5, guarded: 0.5, ifIndependent: 0.25 }
 */
export function guardedLeak(
  leak: ArrayLike<number>,
  flag: ArrayLike<number>,
  weights: ArrayLike<number> = Array.from(leak, () => 1),
): GuardedLeak {
  if (leak.length === 0) throw new DomainError(complaint("leak", "at least one probability", leak));
  for (const [name, values] of Object.entries({ leak, flag })) {
    checkNumbers(name, values, leak.length);
    const bad = Array.from(values).find((p) => !(p >= 0 && p <= 1));
    if (bad !== undefined) throw new DomainError(complaint(name, "probabilities in [0, 1]", bad));
  }
  checkNumbers("weights", weights, leak.length);
  let [all, leaks, flags, past] = [0, 0, 0, 0];
  for (let x = 0; x < leak.length; x++) {
    all += weights[x];
    leaks += weights[x] * leak[x];
    flags += weights[x] * flag[x];
    past += weights[x] * leak[x] * (1 - flag[x]);
  }
  if (!(all > 0)) throw new DomainError(complaint("weights", "a sum above 0", all));
  return { leak: leaks / all, guarded: past / all, ifIndependent: (leaks / all) * (1 - flags / all) };
}

/**
 * The share of alarms that are true: prevalence TPR / (prevalence TPR + (1 - prevalence) FPR), by Bayes' rule. Among
 * many harmless requests even a good guard cries wolf.
 * @throws DomainError unless all are probabilities and there is an alarm at all
 * @example alarmPrecision({ prevalence: 0.001, truePositives: 0.5, falsePositives: 0.01 }) // 0.0477
 */
export function alarmPrecision(rates: { prevalence: number; truePositives: number; falsePositives: number }): number {
  for (const [name, value] of Object.entries(rates)) {
    checkShare(name, value);
  }
  const { prevalence, truePositives, falsePositives } = rates;
  const right = prevalence * truePositives;
  const all = right + (1 - prevalence) * falsePositives;
  if (all === 0) throw new DomainError(complaint("alarms", "some, true or false", 0));
  return right / all;
}
