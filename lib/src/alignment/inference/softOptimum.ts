import { checkCount, checkDiscount, checkFinite, checkLength, checkPositive } from "../../core/checks.js";
import {
  actionValue,
  backUp,
  moveOn,
  softValueIteration,
  type TabularMdp,
  type TabularPolicy,
  transitionRows,
} from "../../mdp/index.js";
import { logSumExp } from "../../numerics/index.js";

/**
 * The soft backup of one state: temperature log sum_a exp(Q(a) / temperature), in the unit of Q. At least the greatest
 * Q, at most temperature log(actions) above it. Nothing overflows.
 * @throws DomainError unless temperature > 0
 * @example softBackup([0, 1000], 2) // 1000
 */
export function softBackup(q: ArrayLike<number>, temperature: number): number {
  checkPositive("temperature", temperature);
  return temperature * logSumExp(Array.from(q, (value) => value / temperature));
}

export interface SoftOptimum {
  /** V(s), [states], in the unit of the rewards. */
  readonly value: Float64Array;
  /** pi(a | s), [states * actions]. */
  readonly policy: TabularPolicy;
  /** log pi(a | s), [states * actions], in nats; finite where the policy itself underflows to 0. */
  readonly logPolicy: Float64Array;
}

/**
 * What somebody does who is rational up to a temperature and counts on being so later, too:
 *   Q(s, a) = r(s, a) + discount sum of P V,   V(s) = temperature log sum_a exp(Q(s, a) / temperature),
 *   pi(a | s) = exp((Q(s, a) - V(s)) / temperature).
 * The optimum of reward plus temperature times entropy (Ziebart, Bagnell and Dey 2010). `softValueIteration` of
 * rlhf-lab/mdp with a reference that gives every action 1: the same policy, and V counts the entropy in full.
 * @throws DomainError unless temperature > 0
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 2, transitions: [1, 1], rewards: [0, 1], discount: 0.5 });
 * softOptimum(mdp, { temperature: 1 }).value // [2.6265]
 */
export function softOptimum(mdp: TabularMdp, { temperature }: { temperature: number }): SoftOptimum {
  checkPositive("temperature", temperature);
  const reference = new Float64Array(mdp.states * mdp.actions).fill(1);
  const { value } = softValueIteration(mdp, { temperature, reference, tolerance: 1e-13 });
  const logPolicy = actionValue(mdp, value);
  for (let s = 0; s < mdp.states; s++) normaliseRow(logPolicy, s, mdp.actions, temperature);
  return { value, policy: logPolicy.map(Math.exp), logPolicy };
}

export interface SoftPlan {
  /** value[t][s], t = 0 ... horizon - 1. */
  readonly value: Float64Array[];
  /** policy[t], each [states * actions]. */
  readonly policy: TabularPolicy[];
}

/**
 * The same over `horizon` steps, by backward induction: V of the end is 0, and the policy depends on the step. With
 * a finite horizon `discount` may be 1; it is the world's own by default (Ziebart, Bagnell and Dey 2010).
 * @throws DomainError unless temperature > 0, horizon >= 1 and discount is in [0, 1]
 */
export function softFiniteHorizon(
  mdp: TabularMdp,
  {
    temperature,
    horizon,
    discount = mdp.discount,
    rewards = mdp.rewards,
  }: { temperature: number; horizon: number; discount?: number; rewards?: ArrayLike<number> },
): SoftPlan {
  checkCount("horizon", horizon);
  checkDiscount(discount);
  checkPositive("temperature", temperature);
  const { states, actions } = mdp;
  const rows = transitionRows(mdp);
  const plan = { value: new Array<Float64Array>(horizon), policy: new Array<Float64Array>(horizon) };
  let later = new Float64Array(states);
  for (let t = horizon - 1; t >= 0; t--) {
    const row = backUp(rows, rewards, later, discount);
    later = Float64Array.from({ length: states }, (_, s) => normaliseRow(row, s, actions, temperature, Math.exp));
    plan.value[t] = later;
    plan.policy[t] = row;
  }
  return plan;
}

/** P(s_t = s) for t = 0 ... horizon under a plan's policies, [horizon + 1][states]. */
export function stateDistributions(mdp: TabularMdp, policies: readonly TabularPolicy[]): Float64Array[] {
  const rows = transitionRows(mdp);
  const visits = [mdp.start];
  for (const policy of policies) {
    checkLength("policy", policy, mdp.states * mdp.actions, "states times actions");
    const here = visits[visits.length - 1];
    const mass = policy.map((p, pair) => p * here[Math.floor(pair / mdp.actions)]);
    visits.push(moveOn(rows, mass, mdp.states));
  }
  return visits;
}

/** Turns a row of Q into (Q - V) / temperature, or a function of that, in place, and returns V. */
function normaliseRow(
  q: Float64Array,
  s: number,
  actions: number,
  temperature: number,
  form: (logp: number) => number = (logp) => logp,
): number {
  const begin = s * actions;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = begin; i < begin + actions; i++) most = Math.max(most, q[i]);
  checkFinite(`Q in state ${s}`, most);
  let sum = 0;
  for (let i = begin; i < begin + actions; i++) sum += Math.exp((q[i] - most) / temperature);
  const value = most + temperature * Math.log(sum);
  for (let i = begin; i < begin + actions; i++) q[i] = form((q[i] - value) / temperature);
  return value;
}
