import { checkLength, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { logSumExp, softplus } from "../../numerics/index.js";
import { comparisonShares, type PreferenceOf } from "./exactPreferences.js";
import { type KtoOptions, withDefaults } from "./kto.js";
import { checkLogSampling } from "./pairOptimum.js";

/**
 * What KTO reaches over all policies on infinitely many comparisons taken apart (each chosen completion desirable, each
 * rejected one not), [N] log-probabilities in nats, for a reference point z that does not move.
 *
 * With w(y) and l(y) the shares of the chosen and of the rejected completions that are y, and
 * c = (lambda_D w - lambda_U l) / 2, the loss is a constant minus sum over y of c(y) sigmoid(beta (g(y) - z)),
 * g = log pi - log ref. Where c <= 0 there is no lower end: pi(y) goes to 0 (ever more slowly, like t^(-1/beta)), the
 * limit here, -Infinity. Elsewhere pi is stationary where
 *
 *   beta c(y) sigmoid'(beta (g(y) - z)) = nu ref(y) exp(g(y)),
 *
 * one nu for all, such that pi adds up to 1; for beta <= 1 there is one solution. So whatever loses more often than it
 * wins against the data goes, however little it loses by, and among the others utility counts only through the win
 * rate. With a small beta pi(y) is nearly c(y). Ethayarajh et al. 2024, arXiv:2402.01306.
 *
 * The point z: 0 by default, which is what `directMethods.kto` has there: its estimate, the mean of g over the data,
 * goes to -Infinity with the completions that vanish, and is cut at 0.
 * @throws ShapeError if the lengths differ; DomainError unless 0 < beta <= 1, for an outcome that is never
 *   shown, or if nothing wins
 */
export function ktoOptimum(
  logRef: ArrayLike<number>,
  logSampling: ArrayLike<number>,
  prefer: PreferenceOf,
  options: KtoOptions & { readonly referencePoint?: number } = {},
): Float64Array {
  const { beta, desirableWeight, undesirableWeight } = withDefaults(options);
  const { referencePoint: z = 0 } = options;
  if (beta > 1) throw new DomainError(complaint("beta", "at most 1", beta, "Above 1 there may be several such points"));
  checkNonNegative("referencePoint", z);
  checkLogSampling(logSampling);
  checkLength("logRef", logRef, logSampling.length, "one per outcome");
  const { won, lost } = comparisonShares(logSampling, prefer);
  // NaN where it loses.
  const logGain = won.map((w, y) => Math.log((desirableWeight * w - undesirableWeight * lost[y]) / 2));
  if (!logGain.some((log) => log > Number.NEGATIVE_INFINITY)) {
    throw new DomainError(complaint("prefer", "one outcome that wins more than it loses", logGain));
  }
  /** log pi(y), from the condition above: the difference of its sides falls in g. */
  const logProb = (y: number, logNu: number) => {
    if (!(logGain[y] > Number.NEGATIVE_INFINITY)) return Number.NEGATIVE_INFINITY;
    const excess = (g: number) => {
      const x = beta * (g - z);
      return Math.log(beta) + logGain[y] - softplus(x) - softplus(-x) - logNu - logRef[y] - g;
    };
    return logRef[y] + fallingRoot(excess);
  };
  const at = (logNu: number) => Float64Array.from(logRef, (_, y) => logProb(y, logNu));
  const logNu = fallingRoot((x) => logSumExp(at(x)));
  const logProbs = at(logNu);
  const total = logSumExp(logProbs);
  return logProbs.map((log) => log - total);
}

/** Where a falling function is 0, by bisection in [-700, 700]. */
function fallingRoot(f: (x: number) => number): number {
  let [low, high] = [-700, 700];
  while (high - low > 1e-14 * (1 + Math.abs(low))) {
    const middle = (low + high) / 2;
    if (f(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
