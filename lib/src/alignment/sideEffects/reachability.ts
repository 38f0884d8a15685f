import { checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type TabularMdp, transitionRows } from "../../mdp/index.js";

/**
 * How well each state can be reached from each other one, row by row from the first, [states][states]: the greatest
 * E[discount^(steps until there)], discount^distance where nothing is random, 1 for a state from itself. With discount
 * 1 the greatest probability of ever arriving. `discount` is not that of the rewards. An end that nobody leaves makes
 * everything unreachable: take the world without its end (Krakovna et al. 2018, arXiv:1806.01186).
 * @throws DomainError unless discount is in [0, 1]
 */
export function reachability(mdp: TabularMdp, { discount }: { discount: number }): Float64Array[] {
  checkShare("discount", discount);
  const { states, actions } = mdp;
  const { begins, next, probability } = transitionRows(mdp);
  const from = Array.from({ length: states }, () => new Float64Array(states));
  for (let target = 0; target < states; target++) {
    const reach = new Float64Array(states);
    reach[target] = 1;
    for (let moved = true; moved; ) {
      moved = false;
      for (let s = 0; s < states; s++) {
        if (s === target) continue;
        let best = 0;
        for (let pair = s * actions; pair < (s + 1) * actions; pair++) {
          let sum = 0;
          for (let i = begins[pair]; i < begins[pair + 1]; i++) sum += probability[i] * reach[next[i]];
          best = Math.max(best, discount * sum);
        }
        if (best > reach[s] + 1e-14) {
          reach[s] = best;
          moved = true;
        }
      }
    }
    for (let s = 0; s < states; s++) from[s][target] = reach[s];
  }
  return from;
}

/**
 * Relative reachability: what could be reached from the baseline and no longer can, mean over states of
 * max(0, reach[baseline][x] - reach[state][x]), 0 to 1. What is gained does not count (Krakovna et al. 2018,
 * arXiv:1806.01186).
 * @throws ShapeError, DomainError for states that are not there
 */
export function relativeReachability(
  reach: readonly ArrayLike<number>[],
  { baseline, state }: { baseline: number; state: number },
): number {
  for (const [name, s] of Object.entries({ baseline, state })) {
    if (reach[s] === undefined) throw new DomainError(complaint(name, `a state, 0 to ${reach.length - 1}`, s));
    if (reach[s].length !== reach.length) throw new ShapeError(complaint("reach", "as many columns as rows", reach));
  }
  const [from, to] = [reach[baseline], reach[state]];
  let sum = 0;
  for (let x = 0; x < reach.length; x++) sum += Math.max(0, from[x] - to[x]);
  return sum / reach.length;
}

/**
 * The relative reachability penalty of each action, [states * actions], a mean over where it leads. Baselines:
 * "stepwise" compares with doing nothing in this step (`noop` is the action that does nothing), "start" with the state
 * in which it began (the only possible one): what happened without the agent's doing counts as well then.
 * @throws DomainError for a noop that is no action, or a "start" baseline with several possible starts
 */
export function reachabilityPenalty(
  mdp: TabularMdp,
  reach: readonly ArrayLike<number>[],
  { noop, baseline }: { noop: number; baseline: "stepwise" | "start" },
): Float64Array {
  const { states, actions, start } = mdp;
  if (!(Number.isInteger(noop) && noop >= 0 && noop < actions)) {
    throw new DomainError(complaint("noop", `an action, 0 to ${actions - 1}`, noop));
  }
  if (baseline === "start" && !start.includes(1)) {
    throw new DomainError(complaint("start", "one state with probability 1", start));
  }
  const { begins, next, probability } = transitionRows(mdp);
  const arrivals = (pair: number) =>
    Array.from({ length: begins[pair + 1] - begins[pair] }, (_, i) => begins[pair] + i).map((i) => ({
      state: next[i],
      mass: probability[i],
    }));
  return Float64Array.from({ length: states * actions }, (_, pair) => {
    const before = pair - (pair % actions) + noop;
    const from = baseline === "start" ? [{ state: start.indexOf(1), mass: 1 }] : arrivals(before);
    let sum = 0;
    for (const { state, mass } of arrivals(pair)) {
      for (const { state: idle, mass: other } of from) {
        sum += mass * other * relativeReachability(reach, { baseline: idle, state });
      }
    }
    return sum;
  });
}
