import { checkFinite, checkLength, checkNonNegative, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { logSoftmax } from "../../numerics/index.js";
import { checkAllFinite } from "../returns/inputs.js";

// Discrete soft actor-critic (Haarnoja et al. 2018, arXiv:1801.01290; for discrete actions Christodoulou 2019,
// arXiv:1910.07207). A departure: entropy may be measured against a reference policy, so that the optimum is that of
// RLHF, pi* = ref exp(Q / alpha) / Z. Without a reference log ref is 0, and this is the papers' algorithm. Sums over
// actions are exact: nothing is sampled within a state. An action that the policy cannot take (-Infinity) adds nothing.

/**
 * Soft value of one state, sum_a pi(a) (Q(a) - alpha (log pi(a) - log ref(a))): expected value plus alpha times entropy
 * (minus alpha times KL to ref). Lists [A]; log-probabilities in nats; alpha >= 0, in units of Q per nat.
 * Infinite where pi writes what ref cannot.
 * @throws ShapeError if lengths differ; DomainError for a negative alpha
 */
export function softValue(
  q: ArrayLike<number>,
  logp: ArrayLike<number>,
  alpha: number,
  logpRef?: ArrayLike<number>,
): number {
  checkActions(q, { logp, logpRef });
  checkAlpha(alpha);
  let value = 0;
  for (let a = 0; a < q.length; a++) {
    if (logp[a] === Number.NEGATIVE_INFINITY) continue;
    const surprise = logp[a] - (logpRef?.[a] ?? 0);
    value += Math.exp(logp[a]) * (q[a] - (alpha === 0 ? 0 : alpha * surprise));
  }
  return value;
}

/**
 * Targets of the soft Q function, r + gamma * softValue(next state), [N]; where the sequence ended with this action, r
 * alone: `ended` is 1 there and 0 elsewhere.
 * @throws ShapeError if lengths differ; DomainError for a discount outside [0, 1], an `ended` that is not 0 or 1, or
 *   numbers that are not finite
 */
export function softTargets(
  rewards: ArrayLike<number>,
  nextSoftValues: ArrayLike<number>,
  ended: ArrayLike<number>,
  discount: number,
): Float64Array {
  checkShare("discount", discount);
  checkAllFinite("rewards", rewards);
  for (const [name, list] of Object.entries({ nextSoftValues, ended })) {
    checkLength(name, list, rewards.length, "one per reward");
  }
  return Float64Array.from(rewards, (reward, i) => {
    if (ended[i] === 1) return reward;
    if (ended[i] !== 0) throw new DomainError(complaint(`ended[${i}]`, "0 or 1", ended[i]));
    checkFinite(`nextSoftValues[${i}]`, nextSoftValues[i]);
    return reward + discount * nextSoftValues[i];
  });
}

/**
 * The policy's loss in one state, with its gradient in the logits: pi(a) (c(a) - loss) with
 * c = alpha (log pi - log ref) - Q.
 * @throws ShapeError if lengths differ; DomainError for a negative alpha
 */
export function softPolicyLossAndGradient(
  logits: ArrayLike<number>,
  q: ArrayLike<number>,
  alpha: number,
  logpRef?: ArrayLike<number>,
): { loss: number; gradient: Float64Array } {
  checkActions(q, { logits, logpRef });
  const logp = logSoftmax(logits);
  const loss = -softValue(q, logp, alpha, logpRef);
  const gradient = Float64Array.from(logp, (log, a) => {
    if (log === Number.NEGATIVE_INFINITY) return 0;
    const cost = (alpha === 0 ? 0 : alpha * (log - (logpRef?.[a] ?? 0))) - q[a];
    return Math.exp(log) * (cost - loss);
  });
  return { loss, gradient };
}

/**
 * The policy that the loss is smallest at, log pi* = log ref + Q / alpha - log Z, [A], and its soft value alpha log Z:
 * one step of soft policy improvement, which the gradient above only approaches.
 * @throws ShapeError if lengths differ; DomainError unless alpha > 0
 */
export function softGreedyPolicy(
  q: ArrayLike<number>,
  alpha: number,
  logpRef?: ArrayLike<number>,
): { logp: Float64Array; value: number } {
  checkActions(q, { logpRef });
  checkAlpha(alpha);
  if (alpha === 0) {
    throw new DomainError(
      complaint("alpha", "a positive number", alpha, "Without a penalty the best action takes all"),
    );
  }
  const logp = Float64Array.from(logSoftmax(Array.from(q, (value, a) => value / alpha + (logpRef?.[a] ?? 0))));
  return { logp, value: softValue(q, logp, alpha, logpRef) };
}

/**
 * One gradient step on `temperatureLoss`: log alpha - rate * (mean entropy - target). Returns the new log alpha, in log
 * units of reward per nat.
 * @throws DomainError for no entropy, a number that is not finite, or a rate that is not positive
 */
export function temperatureStep(
  logAlpha: number,
  entropies: ArrayLike<number>,
  { targetEntropy, rate }: { targetEntropy: number; rate: number },
): number {
  checkAllFinite("logAlpha, targetEntropy, rate", [logAlpha, targetEntropy, rate]);
  checkAllFinite("entropies", entropies);
  if (entropies.length === 0) throw new DomainError(complaint("entropies", "at least one number", entropies));
  if (rate <= 0) throw new DomainError(complaint("rate", "a positive number", rate));
  let sum = 0;
  for (let i = 0; i < entropies.length; i++) sum += entropies[i];
  return logAlpha - rate * (sum / entropies.length - targetEntropy);
}

export function checkAlpha(alpha: number): void {
  checkNonNegative("alpha", alpha);
}

function checkActions(q: ArrayLike<number>, lists: Record<string, ArrayLike<number> | undefined>): void {
  for (const name in lists) {
    const list = lists[name];
    if (list !== undefined && list.length !== q.length) {
      throw new ShapeError(complaint(name, `${q.length} numbers, one per action`, list));
    }
  }
}
