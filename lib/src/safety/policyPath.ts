import { checkCount, checkFinite, checkLength, checkNonNegative, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { actionValue, occupancy, policyValue, type TabularMdp, withRewards } from "../mdp/index.js";
import { dot } from "../numerics/dot.js";
import { logSumExp } from "../numerics/index.js";
import { type CpoProblem, type CpoStep, cpoStep, type ProjectionMetric, pcpoStep } from "./cpoStep.js";
import { type PidGains, type PidState, pidMultiplier } from "./multiplier.js";

/** Everything about a softmax policy on a table, exactly: what the algorithms estimate from samples. */
export interface ExactPolicy {
  readonly mdp: TabularMdp;
  /** log pi(a | s), [states * actions], in nats. */
  readonly logProbs: Float64Array;
  /** J and C: discounted reward and cost from the start. */
  readonly value: number;
  readonly cost: number;
  /** A(s, a) of reward and of cost, [states * actions]. Over 1 - gamma they are the natural gradients of J and C. */
  readonly advantages: Float64Array;
  readonly costAdvantages: Float64Array;
  /** sum over t of gamma^t P(s_t = s), [states]. */
  readonly visits: Float64Array;
}

/** The policy softmax(logits), logits [states * actions]. @throws ShapeError for another length */
export function exactPolicy(mdp: TabularMdp, cost: ArrayLike<number>, logits: ArrayLike<number>): ExactPolicy {
  const { states, actions, discount } = mdp;
  checkLength("logits", logits, states * actions);
  const raw = Float64Array.from(logits);
  const norms = Float64Array.from({ length: states }, (_, s) =>
    logSumExp(raw.subarray(s * actions, (s + 1) * actions)),
  );
  const logProbs = raw.map((logit, pair) => logit - norms[Math.floor(pair / actions)]);
  const policy = logProbs.map(Math.exp);
  const judged = (world: TabularMdp) => {
    const values = policyValue(world, policy);
    return {
      value: dot(mdp.start, values),
      advantages: actionValue(world, values).map((q, pair) => q - values[Math.floor(pair / actions)]),
    };
  };
  const reward = judged(mdp);
  const spent = judged(withRewards(mdp, cost));
  const share = occupancy(mdp, policy);
  const visits = Float64Array.from({ length: states }, (_, s) => {
    let sum = 0;
    for (let a = 0; a < actions; a++) sum += share[s * actions + a];
    return sum / (1 - discount);
  });
  return {
    mdp,
    logProbs,
    value: reward.value,
    cost: spent.value,
    advantages: reward.advantages,
    costAdvantages: spent.advantages,
    visits,
  };
}

/** KL(old || new), mean over the states that the old policy visits, in nats. */
export function meanPolicyKl({ mdp, logProbs, visits }: ExactPolicy, logits: ArrayLike<number>): number {
  const { actions, discount } = mdp;
  let sum = 0;
  visits.forEach((visit, s) => {
    const row = Float64Array.from({ length: actions }, (_, a) => logits[s * actions + a]);
    const norm = logSumExp(row);
    row.forEach((logit, a) => {
      const log = logProbs[s * actions + a];
      sum += (1 - discount) * visit * Math.exp(log) * (log - (logit - norm));
    });
  });
  return sum;
}

/**
 * A step of the logits for a policy, [states * actions], and the price of cost where there is one. It may remember: one
 * update is for one path.
 */
export type SafeUpdate = (at: ExactPolicy) => { step: ArrayLike<number>; lambda?: number };

/** J, C and lambda at each iteration, [iterations + 1], the first before anything is learned. */
export interface PolicyPath {
  values: Float64Array;
  costs: Float64Array;
  multipliers: Float64Array;
  /** log pi at the end. */
  logProbs: Float64Array;
}

/**
 * The path of a softmax policy under an update, without any sampling: so what goes wrong is the method's own doing.
 * @param start logits [states * actions]; 0, the uniform policy, by default
 * @throws ShapeError for a cost or logits of another length; DomainError for a step that is not finite
 */
export function policyPath(
  mdp: TabularMdp,
  cost: ArrayLike<number>,
  update: SafeUpdate,
  { iterations, start }: { iterations: number; start?: ArrayLike<number> },
): PolicyPath {
  checkCount("iterations", iterations, 0);
  const values = new Float64Array(iterations + 1);
  const costs = new Float64Array(iterations + 1);
  const multipliers = new Float64Array(iterations + 1);
  let logits = Float64Array.from(start ?? new Float64Array(mdp.states * mdp.actions));
  let at = exactPolicy(mdp, cost, logits);
  for (let i = 0; i <= iterations; i++) {
    const { step, lambda = 0 } = update(at);
    values[i] = at.value;
    costs[i] = at.cost;
    multipliers[i] = lambda;
    if (i === iterations) break;
    logits = at.logProbs.map((log, pair) => {
      checkFinite(`step[${pair}] of iteration ${i}`, step[pair]);
      return Math.max(log + step[pair], -700); // below that a probability is 0 in float64, and its log no number
    });
    at = exactPolicy(mdp, cost, logits);
  }
  return { values, costs, multipliers, logProbs: at.logProbs };
}

/** The subproblem of the trust-region methods at a policy: H is the second derivative of `meanPolicyKl`. */
export function trustRegionProblem(at: ExactPolicy, { limit, radius }: { limit: number; radius: number }): CpoProblem {
  const { actions, discount } = at.mdp;
  const weight = at.logProbs.map((log, pair) => at.visits[Math.floor(pair / actions)] * Math.exp(log));
  return {
    gradient: at.advantages.map((A, pair) => weight[pair] * A),
    costGradient: at.costAdvantages.map((A, pair) => weight[pair] * A),
    inverse: (v) =>
      Float64Array.from(v, (x, pair) => (weight[pair] > 1e-300 ? x / (weight[pair] * (1 - discount)) : 0)),
    excess: at.cost - limit,
    radius,
  };
}

/**
 * CPO on exact gradients, with its line search: the step is shortened, by 0.8 up to fifteen times, until the KL is
 * within the radius, the surrogate cost has not risen by more than there is room, and the surrogate reward has not
 * fallen (that is not asked while the cost is too high); else the policy stays. Another `step`, such as
 * `mixedSignsCpoStep`, shows what it does.
 */
export function cpoUpdate({
  limit,
  radius = 0.02,
  step: of = cpoStep,
}: {
  limit: number;
  radius?: number;
  step?: (problem: CpoProblem) => CpoStep;
}): SafeUpdate {
  return (at) => {
    const problem = trustRegionProblem(at, { limit, radius });
    const { step, nu } = of(problem);
    for (let tries = 0, size = 1; tries < 15; tries++, size *= 0.8) {
      const short = step.map((x) => size * x);
      const logits = at.logProbs.map((log, pair) => log + short[pair]);
      const { gain, rise } = surrogates(at, logits);
      if (meanPolicyKl(at, logits) > radius) continue;
      if (rise > Math.max(-problem.excess, 0) + 1e-12) continue;
      if (problem.excess <= 0 && gain < 0) continue;
      return { step: short, lambda: Number.isFinite(nu) ? nu : 0 };
    }
    return { step: step.map(() => 0), lambda: 0 };
  };
}

/** Reward and cost that the new policy would gain on the old one's states, by the old advantages. */
function surrogates(at: ExactPolicy, logits: Float64Array): { gain: number; rise: number } {
  const { actions } = at.mdp;
  let gain = 0;
  let rise = 0;
  at.visits.forEach((visit, s) => {
    const row = logits.subarray(s * actions, (s + 1) * actions);
    const norm = logSumExp(row);
    row.forEach((logit, a) => {
      const p = visit * Math.exp(logit - norm);
      gain += p * at.advantages[s * actions + a];
      rise += p * at.costAdvantages[s * actions + a];
    });
  });
  return { gain, rise };
}

/** Projection-based CPO on exact gradients. */
export function pcpoUpdate({
  limit,
  radius = 0.02,
  metric,
}: {
  limit: number;
  radius?: number;
  metric?: ProjectionMetric;
}): SafeUpdate {
  return (at) => ({ step: pcpoStep(trustRegionProblem(at, { limit, radius }), { metric }) });
}

/**
 * Lagrangian ascent by natural gradients, step = rate (A - lambda A_C), with a multiplier steered by `gains`; the
 * integral alone is plain dual ascent. `divide`: by 1 + lambda, as some do, to keep steps small. `entropy` tau adds
 * -tau log pi to the advantages: a smoother dual, and another optimum.
 * FOCOPS (Zhang et al. 2020, arXiv:2002.06506) is this step with plain dual ascent: pi' ~ pi exp((A - lambda A_C) / nu)
 * with nu = 1 / rate.
 */
export function lagrangianUpdate({
  limit,
  rate,
  gains,
  divide = false,
  entropy = 0,
}: {
  limit: number;
  rate: number;
  gains: PidGains;
  divide?: boolean;
  entropy?: number;
}): SafeUpdate {
  checkPositive("rate", rate);
  checkNonNegative("entropy", entropy);
  let state: PidState = { integral: 0 };
  return (at) => {
    const next = pidMultiplier(state, { cost: at.cost, limit }, gains);
    state = next.state;
    const { lambda } = next;
    const size = divide ? rate / (1 + lambda) : rate;
    const step = at.advantages.map(
      (A, pair) => size * (A - lambda * at.costAdvantages[pair] - entropy * at.logProbs[pair]),
    );
    return { step, lambda };
  };
}

/**
 * Interior-point policy optimisation (IPO; Liu et al. 2019, arXiv:1910.09615): natural gradients of
 * J + ln(limit - C) / t. Its optimum lies 1 / t below the true one (for one constraint); it has to begin inside.
 * @throws DomainError, from the update, for a policy that is not strictly inside the limit
 */
export function ipoUpdate({ limit, rate, sharpness }: { limit: number; rate: number; sharpness: number }): SafeUpdate {
  checkPositive("rate", rate);
  checkPositive("sharpness", sharpness);
  return (at) => {
    const room = limit - at.cost;
    if (!(room > 0)) throw new DomainError(complaint("cost", `less than the limit, ${limit}`, at.cost));
    const lambda = 1 / (sharpness * room);
    return { step: at.advantages.map((A, pair) => rate * (A - lambda * at.costAdvantages[pair])), lambda };
  };
}

/**
 * Constraint-rectified policy optimisation (CRPO; Xu et al. 2021, arXiv:2011.05869): a step for the reward while
 * C <= limit + tolerance, else one against the cost.
 */
export function crpoUpdate({
  limit,
  rate,
  tolerance = 0,
}: {
  limit: number;
  rate: number;
  tolerance?: number;
}): SafeUpdate {
  checkPositive("rate", rate);
  checkNonNegative("tolerance", tolerance);
  return (at) => {
    const step = at.cost <= limit + tolerance ? at.advantages : at.costAdvantages.map((A) => -A);
    return { step: step.map((A) => rate * A) };
  };
}
