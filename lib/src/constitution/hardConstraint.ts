import { checkPositive } from "../core/checks.js";
import { complaint, DomainError, InfeasibleError, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";

export interface Conditioned {
  /** log pi(y | V), [N]; -Infinity outside of V. */
  logProbs: Float64Array;
  /** log pi(V), in nats. */
  logProbability: number;
}

/**
 * A policy conditioned on a set V: pi(y | V) = pi(y) / pi(V) in V, 0 outside. Of all policies that write nothing
 * outside of V it is the closest to pi, KL(pi(. | V), pi) = -log pi(V). And if pi maximises E[R] - beta KL to a
 * reference, then pi(. | V) does so among policies with pi(V) = 1 (Csiszar 1975; the course's lesson 12 has the proof).
 * @param logProbs log-probabilities [N], in nats
 * @param allowed [N], 1 or true for what is in V
 * @throws ShapeError if lengths differ; DomainError if a log-probability is NaN or positive, or an entry of `allowed`
 *   is neither 0 nor 1; InfeasibleError if V has no probability
 * @example conditionOn([0.5, 0.25, 0.25].map(Math.log), [0, 1, 1]).logProbs.map(Math.exp) // [0, 0.5, 0.5]
 */
export function conditionOn(logProbs: ArrayLike<number>, allowed: ArrayLike<number | boolean>): Conditioned {
  if (allowed.length !== logProbs.length) {
    throw new ShapeError(complaint("allowed", `${logProbs.length} entries, one per outcome`, allowed));
  }
  const kept = Float64Array.from(logProbs, (log, y) => {
    if (!(log <= 1e-9)) throw new DomainError(complaint(`logProbs[${y}]`, "a log-probability", log));
    const may = allowed[y];
    if (Number(may) !== 0 && Number(may) !== 1) throw new DomainError(complaint(`allowed[${y}]`, "0 or 1", may));
    return Number(may) === 1 ? log : Number.NEGATIVE_INFINITY;
  });
  const logProbability = logSumExp(kept);
  if (logProbability === Number.NEGATIVE_INFINITY) {
    throw new InfeasibleError(complaint("allowed", "an outcome that the policy can write", allowed));
  }
  return { logProbs: kept.map((log) => log - logProbability), logProbability };
}

/**
 * What a hard constraint costs, exactly: with pi* the optimum of J(pi) = E[R] - beta KL(pi, ref) and J_V the best value
 * among policies that write nothing outside of V,
 *
 *   J(pi*) - J_V = -beta log pi*(V) >= 0, in units of reward.
 *
 * What counts is how often the *optimised* policy would have broken the rule, not how often the reference does.
 * @param logProbs log pi*(y), [N], in nats
 * @param beta price of a nat of KL, in reward
 * @throws as `conditionOn`; DomainError unless beta > 0
 * @example priceOfConstraint([0.5, 0.25, 0.25].map(Math.log), [0, 1, 1], 2) // 1.3863
 */
export function priceOfConstraint(
  logProbs: ArrayLike<number>,
  allowed: ArrayLike<number | boolean>,
  beta: number,
): number {
  checkPositive("beta", beta);
  const { logProbability } = conditionOn(logProbs, allowed);
  return Math.max(0, -beta * logProbability);
}
