import { Matrix, solve } from "ml-matrix";
import { checkCount, checkDistribution, checkLength } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { exponential, foldIn, type Key, normal, permutation, split } from "../random/index.js";

/**
 * A Markov decision process small enough to write down. State-action pair (s, a) has number s * actions + a. Nothing in
 * it is sampled: values, optima and occupancies are computed.
 */
export interface TabularMdp {
  readonly states: number;
  readonly actions: number;
  /** P(next | s, a), row-major [states * actions, states]. */
  readonly transitions: Float64Array;
  /** r(s, a), [states * actions]. */
  readonly rewards: Float64Array;
  /** gamma in [0, 1). */
  readonly discount: number;
  /** The distribution of the first state, [states]. */
  readonly start: Float64Array;
}

/** P(a | s), row-major [states * actions]. */
export type TabularPolicy = Float64Array;

/**
 * Checks an MDP and copies it.
 * @throws ShapeError if a table has another length; DomainError if a row is no distribution, a reward not finite,
 *   the discount outside [0, 1)
 */
export function tabularMdp(spec: {
  states: number;
  actions: number;
  transitions: ArrayLike<number>;
  rewards: ArrayLike<number>;
  discount: number;
  start?: ArrayLike<number>;
}): TabularMdp {
  const { states, actions, discount } = spec;
  for (const [name, count] of Object.entries({ states, actions })) {
    checkCount(name, count);
  }
  if (!(discount >= 0 && discount < 1)) throw new DomainError(complaint("discount", "a number in [0, 1)", discount));
  const pairs = states * actions;
  const transitions = copy("transitions", spec.transitions, pairs * states);
  const rewards = copy("rewards", spec.rewards, pairs);
  const start = copy("start", spec.start ?? new Float64Array(states).fill(1 / states), states);
  for (let pair = 0; pair < pairs; pair++) {
    checkDistribution(
      `transitions of state ${Math.floor(pair / actions)}, action ${pair % actions}`,
      transitions.subarray(pair * states, (pair + 1) * states),
    );
  }
  checkDistribution("start", start);
  return { states, actions, transitions, rewards, discount, start };
}

/**
 * A random MDP: from each (s, a) one comes to `branching` states with random probabilities (uniform on the simplex);
 * rewards are Normal(0, 1); every state may be the first.
 */
export function randomMdp(
  key: Key,
  {
    states,
    actions,
    discount,
    branching = 3,
  }: { states: number; actions: number; discount: number; branching?: number },
): TabularMdp {
  if (!Number.isInteger(branching) || branching < 1 || branching > states) {
    throw new DomainError(complaint("branching", `a whole number from 1 to ${states}, the states`, branching));
  }
  const [whereKey, chanceKey, rewardKey] = split(key, 3);
  const transitions = new Float64Array(states * actions * states);
  for (let pair = 0; pair < states * actions; pair++) {
    const where = permutation(foldIn(whereKey, pair), states).subarray(0, branching);
    const mass = exponential(foldIn(chanceKey, pair), branching);
    const total = mass.reduce((a, b) => a + b);
    where.forEach((next, i) => {
      transitions[pair * states + next] = mass[i] / total;
    });
  }
  return tabularMdp({ states, actions, discount, transitions, rewards: normal(rewardKey, states * actions) });
}

/** The same world with other rewards, [states * actions]: a learned or a believed reward. */
export function withRewards(mdp: TabularMdp, rewards: ArrayLike<number>): TabularMdp {
  return tabularMdp({ ...mdp, rewards });
}

/** The policy that takes action choice[s] in state s. @throws DomainError if a choice is no action */
export function deterministicPolicy(mdp: TabularMdp, choice: ArrayLike<number>): TabularPolicy {
  const policy = new Float64Array(mdp.states * mdp.actions);
  if (choice.length !== mdp.states) throw new ShapeError(complaint("choice", `${mdp.states} actions`, choice));
  for (let s = 0; s < mdp.states; s++) {
    if (!(Number.isInteger(choice[s]) && choice[s] >= 0 && choice[s] < mdp.actions)) {
      throw new DomainError(complaint(`choice[${s}]`, `an action, 0 to ${mdp.actions - 1}`, choice[s]));
    }
    policy[s * mdp.actions + choice[s]] = 1;
  }
  return policy;
}

/** Every action with the same probability. */
export function uniformPolicy(mdp: TabularMdp): TabularPolicy {
  return new Float64Array(mdp.states * mdp.actions).fill(1 / mdp.actions);
}

/**
 * V(s), the expected discounted sum of rewards from s on, [states]: the solution of (I - gamma P_pi) V = r_pi, exactly.
 * @throws ShapeError, DomainError if the policy is not a distribution over actions in each state
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 2, transitions: [1, 1], rewards: [0, 1], discount: 0.9 });
 * policyValue(mdp, uniformPolicy(mdp)) // [5]
 */
export function policyValue(mdp: TabularMdp, policy: TabularPolicy): Float64Array {
  const { states, actions } = mdp;
  checkPolicy(mdp, policy);
  const reward = Matrix.zeros(states, 1);
  for (let s = 0; s < states; s++) {
    for (let a = 0; a < actions; a++) {
      const pair = s * actions + a;
      reward.set(s, 0, reward.get(s, 0) + policy[pair] * mdp.rewards[pair]);
    }
  }
  return Float64Array.from(solve(system(mdp, policy), reward).to1DArray());
}

/** Q(s, a) = r(s, a) + gamma sum over next of P(next | s, a) V(next), [states * actions]. */
export function actionValue(mdp: TabularMdp, value: ArrayLike<number>): Float64Array {
  const { states } = mdp;
  return mdp.rewards.map((reward, pair) => {
    let next = 0;
    for (let t = 0; t < states; t++) next += mdp.transitions[pair * states + t] * value[t];
    return reward + mdp.discount * next;
  });
}

/** J(pi), the expected discounted sum of rewards from the start distribution. */
export function policyReturn(mdp: TabularMdp, policy: TabularPolicy): number {
  return policyValue(mdp, policy).reduce((sum, value, s) => sum + mdp.start[s] * value, 0);
}

/**
 * An optimal policy and its value, by policy iteration (Howard 1960): evaluate exactly, switch to better actions,
 * until none is better by more than rounding. Deterministic. `ties` says which of several best actions is taken: the
 * first (default) or the last.
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 2, transitions: [1, 1], rewards: [0, 1], discount: 0.9 });
 * optimalPolicy(mdp) // { policy: [0, 1], choice: [1], value: [10] }
 */
export function optimalPolicy(
  mdp: TabularMdp,
  { ties = "first" }: { ties?: "first" | "last" } = {},
): { policy: TabularPolicy; choice: Int32Array; value: Float64Array } {
  const { states, actions } = mdp;
  const choice = new Int32Array(states);
  for (;;) {
    const policy = deterministicPolicy(mdp, choice);
    const value = policyValue(mdp, policy);
    const q = actionValue(mdp, value);
    let changed = false;
    for (let s = 0; s < states; s++) {
      const row = q.subarray(s * actions, (s + 1) * actions);
      const best = row.reduce((x, y) => Math.max(x, y));
      if (best - row[choice[s]] > 1e-12 * (1 + Math.abs(best))) {
        choice[s] = row.indexOf(best);
        changed = true;
      }
    }
    if (changed) continue;
    for (let s = 0; s < states; s++) {
      const row = Array.from(q.subarray(s * actions, (s + 1) * actions));
      const best = row.reduce((x, y) => Math.max(x, y));
      const isBest = (value: number) => best - value <= 1e-12 * (1 + Math.abs(best));
      choice[s] = ties === "first" ? row.findIndex(isBest) : row.findLastIndex(isBest);
    }
    return { policy: deterministicPolicy(mdp, choice), choice, value };
  }
}

/**
 * The discounted share of time in each state-action pair, (1 - gamma) sum over t of gamma^t P(s_t = s, a_t = a),
 * [states * actions]; adds up to 1. J(pi) is its product with the rewards, over 1 - gamma.
 */
export function occupancy(mdp: TabularMdp, policy: TabularPolicy): Float64Array {
  const { states, actions, discount } = mdp;
  checkPolicy(mdp, policy);
  const begin = Matrix.columnVector(mdp.start.map((p) => (1 - discount) * p));
  const visits = solve(system(mdp, policy).transpose(), begin).to1DArray();
  return Float64Array.from(
    { length: states * actions },
    (_, pair) => visits[Math.floor(pair / actions)] * policy[pair],
  );
}

/** I - gamma P_pi, [states, states]. */
function system(mdp: TabularMdp, policy: TabularPolicy): Matrix {
  const { states, actions, discount } = mdp;
  const out = Matrix.eye(states, states);
  for (let pair = 0; pair < states * actions; pair++) {
    if (policy[pair] === 0) continue;
    const s = Math.floor(pair / actions);
    for (let t = 0; t < states; t++) {
      out.set(s, t, out.get(s, t) - discount * policy[pair] * mdp.transitions[pair * states + t]);
    }
  }
  return out;
}

function checkPolicy(mdp: TabularMdp, policy: TabularPolicy): void {
  const { states, actions } = mdp;
  if (policy.length !== states * actions) {
    throw new ShapeError(complaint("policy", `${states * actions} probabilities, states times actions`, policy));
  }
  for (let s = 0; s < states; s++) {
    checkDistribution(`policy in state ${s}`, policy.subarray(s * actions, (s + 1) * actions));
  }
}

function copy(what: string, values: ArrayLike<number>, length: number): Float64Array {
  checkLength(what, values, length);
  const out = Float64Array.from(values);
  const wrong = out.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new DomainError(complaint(`${what}[${wrong}]`, "a finite number", out[wrong]));
  return out;
}
