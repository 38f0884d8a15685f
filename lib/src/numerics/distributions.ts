import { complaint, DomainError, ShapeError } from "../core/index.js";
import { logSumExp } from "./index.js";

// Expectations by enumeration: every distribution is given by the log-probability of every outcome, [N], in nats.

/**
 * E_p[value] = sum_y p(y) value(y). Outcomes of probability 0 add nothing.
 * @throws ShapeError unless there is one value per outcome; DomainError if a log-probability is NaN
 */
export function exactExpectation(logProbs: ArrayLike<number>, values: ArrayLike<number>): number {
  checkSame("values", logProbs, values);
  let sum = 0;
  for (let y = 0; y < logProbs.length; y++) {
    if (isPossible("logProbs", logProbs, y)) sum += Math.exp(logProbs[y]) * values[y];
  }
  return sum;
}

/**
 * KL(p || q) = sum_y p(y) (log p(y) - log q(y)), in nats; Infinity where p writes what q cannot.
 * @throws ShapeError unless both have the same outcomes; DomainError if a log-probability is NaN
 * @example exactKL([0.5, 0.5].map(Math.log), [0.25, 0.75].map(Math.log)) // 0.1438
 */
export function exactKL(logP: ArrayLike<number>, logQ: ArrayLike<number>): number {
  checkSame("logQ", logP, logQ);
  let sum = 0;
  for (let y = 0; y < logP.length; y++) {
    if (isPossible("logP", logP, y)) sum += Math.exp(logP[y]) * (logP[y] - logQ[y]);
  }
  return sum;
}

/** H(p) = -sum_y p(y) log p(y), in nats. */
export function exactEntropy(logProbs: ArrayLike<number>): number {
  return -exactExpectation(logProbs, logProbs);
}

/**
 * The distribution that maximises E_p[utility] - beta KL(p || ref): p*(y) = ref(y) exp(utility(y) / beta) / Z.
 * `value` is the maximum, beta log Z. (Rafailov et al. 2023, arXiv:2305.18290, eq. 4; Ziebart et al. 2008.)
 * @throws DomainError unless beta > 0
 * @example
 * const logRef = [0.5, 0.5].map(Math.log);
 * exactRegularisedOptimum(logRef, [1, 0], 0.5).logProbs.map(Math.exp) // [0.8808, 0.1192]
 */
export function exactRegularisedOptimum(
  logRef: ArrayLike<number>,
  utility: ArrayLike<number>,
  beta: number,
): { logProbs: Float64Array; logPartition: number; value: number } {
  checkSame("utility", logRef, utility);
  if (!(beta > 0 && Number.isFinite(beta))) {
    throw new DomainError(
      complaint("beta", "a positive number", beta, "Without a penalty the optimum is the best outcome alone"),
    );
  }
  // Not `Float64Array.from` with a function: that takes five times as long, and searches come here thousands of times.
  const scores = new Float64Array(logRef).map((log, y) => log + utility[y] / beta);
  const logPartition = logSumExp(scores);
  return { logProbs: scores.map((score) => score - logPartition), logPartition, value: beta * logPartition };
}

/** E_p[utility] - beta KL(p || ref): what `exactRegularisedOptimum` maximises. */
export function exactRegularisedObjective(
  logProbs: ArrayLike<number>,
  logRef: ArrayLike<number>,
  utility: ArrayLike<number>,
  beta: number,
): number {
  return exactExpectation(logProbs, utility) - beta * exactKL(logProbs, logRef);
}

/**
 * A reward less its price of KL, reward(y) - beta (log p(y) - log ref(y)): for outcomes, [N], or for tokens, [T].
 * Its mean over p is `exactRegularisedObjective`; with beta = 0 the log-probabilities are not read.
 * @throws ShapeError if the lengths differ
 * @example penalisedRewards([1, 0], [-1, -2], [-1.5, -1], 0.1) // [0.95, 0.1]
 */
export function penalisedRewards(
  reward: ArrayLike<number>,
  logp: ArrayLike<number>,
  logRef: ArrayLike<number>,
  beta: number,
): Float64Array {
  checkSame("logp", reward, logp);
  checkSame("logRef", reward, logRef);
  return Float64Array.from(reward, (r, y) => (beta === 0 ? r : r - beta * (logp[y] - logRef[y])));
}

function checkSame(what: string, a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length !== b.length) throw new ShapeError(complaint(what, `${a.length} numbers, one per outcome`, b));
}

/** Whether the outcome has a probability above 0. A NaN, which is above nothing, would be left out unseen. */
function isPossible(what: string, logProbs: ArrayLike<number>, y: number): boolean {
  if (Number.isNaN(logProbs[y])) throw new DomainError(complaint(`${what}[${y}]`, "a log-probability", logProbs[y]));
  return logProbs[y] > Number.NEGATIVE_INFINITY;
}
