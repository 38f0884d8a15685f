import { complaint, DomainError } from "../../core/index.js";
import { logSoftmax, softmax } from "../../numerics/index.js";

/**
 * The score of a softmax, d log pi(action) / d logits [V]: onehot(action) - pi. Its mean over actions drawn from pi is
 * 0, which is why a baseline costs nothing on average. (Williams 1992, for what he calls a multinomial logistic unit.)
 * @throws DomainError if the action is no place in logits, or logits are NaN, +Infinity, or -Infinity throughout
 * @example reinforce.softmaxScore([0, Math.log(3)], 0) // [0.75, -0.75]
 */
export function softmaxScore(logits: ArrayLike<number>, action: number): Float64Array {
  if (!(Number.isInteger(action) && action >= 0 && action < logits.length)) {
    throw new DomainError(complaint("action", `a place from 0 to ${logits.length - 1}`, action));
  }
  const score = Float64Array.from(probabilities(logits), (p) => -p);
  score[action] += 1;
  return score;
}

/** The entropy of softmax(logits) in nats. @throws DomainError as `softmaxScore` */
export function softmaxEntropy(logits: ArrayLike<number>): number {
  probabilities(logits);
  return logSoftmax(logits).reduce(
    (sum, logp) => (logp === Number.NEGATIVE_INFINITY ? sum : sum - Math.exp(logp) * logp),
    0,
  );
}

/**
 * d entropy / d logits [V]: -pi_v (log pi_v + H). Its step makes likely actions less likely; it vanishes for
 * the uniform distribution, and where one action has all the probability: no entropy bonus wakes a policy that
 * has quite gone to sleep.
 * @throws DomainError as `softmaxScore`
 */
export function softmaxEntropyGradient(logits: ArrayLike<number>): Float64Array {
  const entropy = softmaxEntropy(logits);
  return Float64Array.from(logSoftmax(logits), (logp) =>
    logp === Number.NEGATIVE_INFINITY ? 0 : -Math.exp(logp) * (logp + entropy),
  );
}

function probabilities(logits: ArrayLike<number>): number[] {
  const p = softmax(logits);
  if (p.length === 0 || !p.every(Number.isFinite)) {
    throw new DomainError(
      complaint("logits", "finite numbers (or some -Infinity), at least one of them finite", logits),
    );
  }
  return p;
}
