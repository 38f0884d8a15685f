import { ConvergenceError, complaint, DomainError } from "../../core/index.js";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "../../numerics/index.js";

/** One point of the frontier: no policy with this KL to the reference has a higher expected utility. */
export interface FrontierPoint {
  readonly beta: number;
  /** KL(optimum || ref) in nats. */
  readonly kl: number;
  /** E_optimum[utility]. */
  readonly utility: number;
  /** log-probabilities of the optimum, [N]. */
  readonly logProbs: Float64Array;
}

/**
 * The best that can be had at each price: for each beta, the optimum of E[utility] - beta KL(. || ref), in closed form,
 * and its utility and KL. Small beta: far from ref. `logRef` and `utility` [N], one number per outcome.
 * @throws ShapeError, DomainError as `exactRegularisedOptimum`
 */
export function klFrontier(
  logRef: ArrayLike<number>,
  utility: ArrayLike<number>,
  betas: readonly number[],
): FrontierPoint[] {
  return betas.map((beta) => {
    const { logProbs } = exactRegularisedOptimum(logRef, utility, beta);
    return { beta, kl: exactKL(logProbs, logRef), utility: exactExpectation(logProbs, utility), logProbs };
  });
}

/**
 * How much expected utility a policy leaves lying: that of the best policy with the same KL to ref, minus its own; in
 * units of utility, at least 0. It asks for no beta, so that policies of methods whose betas mean different things can
 * be compared. All lists [N].
 * @throws ShapeError, DomainError as `exactRegularisedOptimum`; ConvergenceError if utility does not vary
 */
export function frontierShortfall(
  logProbs: ArrayLike<number>,
  logRef: ArrayLike<number>,
  utility: ArrayLike<number>,
): number {
  const own = exactExpectation(logProbs, utility);
  const kl = exactKL(logProbs, logRef);
  const { best, farthest } = extremes(logRef, utility);
  let most = best; // from the KL of the best outcomes alone on, and farther out, there is no more to be had
  if (kl < farthest) {
    most =
      kl > 0
        ? klFrontier(logRef, utility, [betaForKl(logRef, utility, kl)])[0].utility
        : exactExpectation(logRef, utility);
  }
  return Math.max(0, most - own);
}

/**
 * The beta whose optimum has this KL to the reference: what to set if the budget is given in nats. By bisection:
 * the KL falls as beta rises.
 * @throws DomainError unless the target is positive and below -log ref(best outcomes), which no beta reaches;
 *   ConvergenceError if utility does not vary
 * @example betaForKl([0.5, 0.5].map(Math.log), [1, 0], 0.1) // 1.0599
 */
export function betaForKl(logRef: ArrayLike<number>, utility: ArrayLike<number>, target: number): number {
  const { best, worst, farthest } = extremes(logRef, utility);
  if (!(target > 0 && target < farthest)) {
    const hint = "More than that even the best outcomes alone do not differ from the reference";
    throw new DomainError(complaint("target", `a KL between 0 and ${farthest.toPrecision(4)}`, target, hint));
  }
  const klOf = (logBeta: number) => klFrontier(logRef, utility, [Math.exp(logBeta)])[0].kl;
  // For utilities of any unit: at a beta of this size the weights exp(utility / beta) differ by a factor e.
  let low = Math.log(best - worst) - 1;
  let high = low + 2;
  while (klOf(low) < target && low > -600) low -= 1;
  while (klOf(high) > target && high < 600) high += 1;
  for (let step = 0; step < 100 && high - low > 1e-14 * Math.abs(low); step++) {
    const middle = (low + high) / 2;
    if (klOf(middle) > target) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/**
 * The ends of utility, and the KL to ref of the best outcomes alone.
 * @throws ConvergenceError if utility does not vary
 */
function extremes(
  logRef: ArrayLike<number>,
  utility: ArrayLike<number>,
): { best: number; worst: number; farthest: number } {
  let [best, worst] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let y = 0; y < utility.length; y++) {
    best = Math.max(best, utility[y]);
    worst = Math.min(worst, utility[y]);
  }
  if (!(best > worst && Number.isFinite(best - worst))) {
    throw new ConvergenceError(complaint("utility", "finite numbers that vary", utility, "Every beta gives KL 0"));
  }
  let mass = 0;
  for (let y = 0; y < utility.length; y++) if (utility[y] === best) mass += Math.exp(logRef[y]);
  return { best, worst, farthest: -Math.log(mass) };
}
