import { checkShare } from "../../core/checks.js";
import { complaint, DivergenceError, DomainError, ShapeError } from "../../core/index.js";
import { logSoftmax, penalisedRewards } from "../../numerics/index.js";

// Two small problems on which actor and critic are followed exactly: every update is replaced by its expectation, so
// that what is seen is the algorithm and not the noise. The theorem that they illustrate: two stochastic
// approximations, coupled, converge together if both step sizes add up to infinity and their squares do not, the
// critic's is the larger one more and more, the critic would settle for each policy held still, and nothing runs away
// (Borkar 1997; Konda and Tsitsiklis 2000).

/**
 * The step of number t = 0, 1, 2, ...: scale * (1 + t / horizon)^(-power). Robbins and Monro's conditions
 * hold for 1/2 < power <= 1.
 */
export interface StepSize {
  scale: number;
  power: number;
  /** After how many steps the decay sets in; 1 by default. */
  horizon?: number;
}

export interface BanditActorCriticOptions {
  /** What each action pays on average, [A]. */
  reward: ArrayLike<number>;
  /** What the critic believes at first, [A]. */
  believed: ArrayLike<number>;
  /** Where the policy begins, [A]; equal probabilities when left out. */
  logits?: ArrayLike<number>;
  actor: StepSize;
  critic: StepSize;
  /** beta: the actor climbs E[Q] - beta KL(pi || its first policy). 0 by default. */
  beta?: number;
  steps: number;
  /** Record every so many steps; 1 by default. */
  every?: number;
}

/** After `step` steps: the policy and the critic, both [A]. */
export interface BanditRecord {
  step: number;
  probability: number[];
  believed: number[];
}

/**
 * Actor-critic on a bandit, in expectation. The critic learns of an action when it is taken, Q(a) += critic_t pi(a)
 * (r(a) - Q(a)); the actor climbs what the critic believes, theta(a) += actor_t pi(a) (Q(a) - sum_b pi(b) Q(b)). If the
 * critic follows, the best action wins, whatever it believed at first. If the actor runs ahead, it may give up the best
 * action before the critic has corrected its belief, and what is not tried is not learned about.
 * @throws ShapeError if lengths differ; DomainError for a step size that is not positive
 */
export function banditActorCritic(options: BanditActorCriticOptions): BanditRecord[] {
  const { reward, believed, actor, critic, beta = 0, steps, every = 1 } = options;
  const A = reward.length;
  for (const [name, list] of Object.entries({ believed, logits: options.logits })) {
    if (list !== undefined && list.length !== A) {
      throw new ShapeError(complaint(name, `${A} numbers, one per action`, list));
    }
  }
  const theta = Float64Array.from(options.logits ?? new Float64Array(A));
  const Q = Float64Array.from(believed);
  const first = logSoftmax(theta);
  const [actorStep, criticStep] = [powerSchedule(actor), powerSchedule(critic)];
  const history: BanditRecord[] = [];
  for (let step = 0; ; step++) {
    const logp = logSoftmax(theta);
    const pi = logp.map(Math.exp);
    if (step % every === 0 || step === steps) history.push({ step, probability: pi, believed: Array.from(Q) });
    if (step >= steps) return history;
    const gain = penalisedRewards(Q, logp, first, beta);
    const average = gain.reduce((sum, g, a) => sum + pi[a] * g, 0);
    const [up, learn] = [actorStep(step), criticStep(step)];
    for (let a = 0; a < A; a++) {
      theta[a] += up * pi[a] * (gain[a] - average);
      Q[a] += learn * pi[a] * (reward[a] - Q[a]);
    }
  }
}

/** @throws DomainError for a scale or horizon that is not positive, or a negative power */
export function powerSchedule({ scale, power, horizon = 1 }: StepSize): (t: number) => number {
  if (!(scale > 0 && horizon > 0 && power >= 0 && Number.isFinite(scale))) {
    throw new DomainError(
      complaint("step size", "a positive scale and horizon, a power of at least 0", { scale, power, horizon }),
    );
  }
  return (t) => scale * (1 + t / horizon) ** -power;
}

/**
 * A critic that does not settle even with the policy held still: two states with features 1 and 2, so that V = (w, 2w),
 * the first leading to the second and the second to itself; all rewards 0, so the truth is w = 0. Expected TD(0) with
 * weight `share` on the first state moves w += rate * [share (2 gamma w - w) + (1 - share) 2 (2 gamma w - 2w)].
 * Off-policy, with share 1, w grows by 1 + rate (2 gamma - 1) in every step: for gamma > 1/2 it runs away at any rate.
 * With the states weighted as the policy visits them (share 1 - gamma of discounted time, or less) it goes to 0.
 * Tsitsiklis and Van Roy 1996; the smallest case of Baird 1995. Returns w after each step, [steps + 1].
 * @throws DomainError for a share or discount outside [0, 1]; DivergenceError when w leaves the numbers
 */
export function offPolicyCritic(options: {
  share: number;
  discount: number;
  rate: number;
  steps: number;
  w?: number;
}): Float64Array {
  const { share, discount, rate, steps, w: first = 1 } = options;
  for (const [name, x] of Object.entries({ share, discount })) {
    checkShare(name, x);
  }
  const out = new Float64Array(steps + 1);
  out[0] = first;
  for (let t = 0; t < steps; t++) {
    const w = out[t];
    out[t + 1] = w + rate * (share * (2 * discount * w - w) + (1 - share) * 2 * (2 * discount * w - 2 * w));
    if (!Number.isFinite(out[t + 1])) throw new DivergenceError(`critic: w is no longer finite at step ${t + 1}`);
  }
  return out;
}
