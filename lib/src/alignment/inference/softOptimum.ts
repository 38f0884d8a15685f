import { checkCount, checkDiscount, checkFinite, checkLength, checkPositive } from "../../core/checks.js";
import {
  actionValue,
  backUp,
  moveOn,
  softValueIteration,
  type TabularMdp,
  type TabularPolicy,
  type TransitionRows,
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
 * The same over `horizon` steps, by backward induction: V of the end is 0, and the policy depends on the step. With a
 * finite horizon `discount` may be 1; it is the world's own by default (Ziebart, Bagnell and Dey 2010). Who plans many
 * times hands over `rows` and `rewards`.
 * @throws DomainError unless temperature > 0, horizon >= 1 and discount is in [0, 1]
 */
export function softFiniteHorizon(
  mdp: TabularMdp,
  {
    temperature,
    horizon,
    discount = mdp.discount,
    rewards = mdp.rewards,
    rows = transitionRows(mdp),
  }: {
    temperature: number;
    horizon: number;
    discount?: number;
    rewards?: ArrayLike<number>;
    rows?: TransitionRows;
  },
): SoftPlan {
  checkCount("horizon", horizon);
  checkDiscount(discount);
  checkPositive("temperature", temperature);
  const { states, actions } = mdp;
  const plan = { value: new Array<Float64Array>(horizon), policy: new Array<Float64Array>(horizon) };
  let later = new Float64Array(states);
  for (let t = horizon - 1; t >= 0; t--) {
    const policy = backUp(rows, rewards, later, discount);
    later = new Float64Array(states);
    for (let s = 0; s < states; s++) later[s] = probabilitiesOfRow(policy, s, actions, temperature);
    plan.value[t] = later;
    plan.policy[t] = policy;
  }
  return plan;
}

/** P(s_t = s) for t = 0 ... horizon under a plan's policies, [horizon + 1][states]. `rows` as `transitionRows`. */
export function stateDistributions(
  mdp: TabularMdp,
  policies: readonly TabularPolicy[],
  rows: TransitionRows = transitionRows(mdp),
): Float64Array[] {
  const { states, actions } = mdp;
  const visits = [mdp.start];
  const mass = new Float64Array(states * actions);
  for (const policy of policies) {
    checkLength("policy", policy, states * actions, "states times actions");
    const here = visits[visits.length - 1];
    for (let s = 0, pair = 0; s < states; s++) {
      for (let a = 0; a < actions; a++, pair++) mass[pair] = here[s] * policy[pair];
    }
    visits.push(moveOn(rows, mass, states));
  }
  return visits;
}

/** Turns a row of Q into (Q - V) / temperature, in place. */
function normaliseRow(q: Float64Array, s: number, actions: number, temperature: number): void {
  const row = q.subarray(s * actions, (s + 1) * actions);
  const value = softBackup(row, temperature);
  for (let a = 0; a < actions; a++) row[a] = (row[a] - value) / temperature;
}

/** Turns a row of Q into the probabilities of its actions, in place, and returns V. One exponential for each. */
function probabilitiesOfRow(q: Float64Array, s: number, actions: number, temperature: number): number {
  const [begin, end] = [s * actions, (s + 1) * actions];
  let most = q[begin];
  for (let i = begin + 1; i < end; i++) if (q[i] > most) most = q[i];
  if (!Number.isFinite(most)) checkFinite(`Q in state ${s}`, most);
  let sum = 0;
  for (let i = begin; i < end; i++) {
    q[i] = Math.exp((q[i] - most) / temperature);
    sum += q[i];
  }
  for (let i = begin; i < end; i++) q[i] /= sum;
  return most + temperature * Math.log(sum);
}
