import { checkCount, checkDiscount } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import { type IterationOptions, iterateValues } from "./iterateValues.js";
import { actionValue, type TabularMdp, type TabularPolicy, uniformPolicy } from "./tabularMdp.js";
import { backUp, transitionRows } from "./transitionRows.js";

/**
 * V(s) = max_a Q(s, a) by value iteration (Bellman 1957), from V = 0, [states]. Each sweep takes the error times gamma,
 * so the last step bounds what is missing. `optimalPolicy` (policy iteration) is exact; this one is for comparison, and
 * for what has no policy iteration.
 */
export function valueIteration(
  mdp: TabularMdp,
  options: IterationOptions = {},
): { value: Float64Array; sweeps: number } {
  return iterate(mdp, options, (q) => q.reduce((a, b) => Math.max(a, b)));
}

/**
 * Soft value iteration: the optimum of E[sum of gamma^t (r - temperature log(pi(a | s) / ref(a | s)))], from V = 0:
 *   V(s) = temperature log sum_a ref(a | s) exp(Q(s, a) / temperature),
 *   pi(a | s) = ref(a | s) exp((Q(s, a) - V(s)) / temperature).
 * `reference` [states * actions] is the uniform policy by default: entropy, up to a constant (Ziebart et al. 2008;
 * Haarnoja et al. 2017, arXiv:1702.08165).
 * @throws DomainError unless temperature > 0
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 2, transitions: [1, 1], rewards: [0, 1], discount: 0.9 });
 * softValueIteration(mdp, { temperature: 1 }).policy // [0.2689, 0.7311]
 */
export function softValueIteration(
  mdp: TabularMdp,
  {
    temperature,
    reference = uniformPolicy(mdp),
    tolerance,
  }: IterationOptions & { temperature: number; reference?: TabularPolicy },
): { value: Float64Array; policy: TabularPolicy; sweeps: number } {
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new DomainError(complaint("temperature", "a positive number", temperature, "At 0 it is `optimalPolicy`"));
  }
  const { states, actions } = mdp;
  if (reference.length !== states * actions) {
    throw new ShapeError(complaint("reference", `${states * actions} probabilities, states times actions`, reference));
  }
  const logRef = reference.map(Math.log);
  const soft = (q: Float64Array, s: number) =>
    temperature * logSumExp(q.map((value, a) => logRef[s * actions + a] + value / temperature));
  const { value, sweeps } = iterate(mdp, { tolerance }, soft);
  const q = actionValue(mdp, value);
  const policy = new Float64Array(states * actions);
  for (let s = 0; s < states; s++) {
    const own = q.subarray(s * actions, (s + 1) * actions);
    // Normalised by its own sum, so that rows add up to 1 whatever is left of the iteration's error.
    const top = soft(own, s);
    for (let a = 0; a < actions; a++) {
      policy[s * actions + a] = Math.exp(logRef[s * actions + a] + (own[a] - top) / temperature);
    }
  }
  return { value, policy, sweeps };
}

/**
 * Backward induction over `horizon` steps: value[t] is V with horizon - t steps to go, [horizon + 1][states], and
 * choice[t] the best action at step t, [horizon][states], the first of equals. `discount` may be 1, and is the world's
 * own by default.
 */
export function finiteHorizon(
  mdp: TabularMdp,
  { horizon, discount = mdp.discount }: { horizon: number; discount?: number },
): { value: Float64Array[]; choice: Int32Array[] } {
  checkCount("horizon", horizon);
  checkDiscount(discount);
  const { states, actions, rewards } = mdp;
  const rows = transitionRows(mdp);
  const value = [new Float64Array(states)];
  const choice: Int32Array[] = [];
  for (let t = 0; t < horizon; t++) {
    const q = backUp(rows, rewards, value[0], discount);
    const best = Int32Array.from({ length: states }, (_, s) => {
      const own = q.subarray(s * actions, (s + 1) * actions);
      return own.indexOf(own.reduce((a, b) => Math.max(a, b)));
    });
    choice.unshift(best);
    value.unshift(Float64Array.from(best, (a, s) => q[s * actions + a]));
  }
  return { value, choice };
}

/** V <- combine(Q) until it stands still. combine(Q(s, .), s) must move by no more than Q does. */
function iterate(
  mdp: TabularMdp,
  options: IterationOptions,
  combine: (q: Float64Array, s: number) => number,
): { value: Float64Array; sweeps: number } {
  const { states, actions, discount, rewards } = mdp;
  const rows = transitionRows(mdp);
  const q = new Float64Array(states * actions);
  const backup = (value: Float64Array, next: Float64Array) => {
    backUp(rows, rewards, value, discount, q);
    for (let s = 0; s < states; s++) next[s] = combine(q.subarray(s * actions, (s + 1) * actions), s);
  };
  const paid = rewards.reduce((most, r) => Math.max(most, Math.abs(r)), 0);
  return iterateValues(states, discount, backup, { ...options, paid });
}
