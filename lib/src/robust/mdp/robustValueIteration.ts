import { checkDistribution, checkLength } from "../../core/checks.js";
import { deterministicPolicy, type TabularMdp, type TabularPolicy } from "../../mdp/index.js";
import { type IterationOptions, iterateValues } from "../../mdp/iterateValues.js";
import { largest } from "../../numerics/largest.js";
import type { WorstNext } from "./worstNext.js";

export interface RobustOptimum {
  /** What the policy is worth from each state on, whatever nature does, [states]. */
  value: Float64Array;
  policy: TabularPolicy;
  /** The action of each state, the first of equals, [states]. */
  choice: Int32Array;
  sweeps: number;
}

/**
 * Robust value iteration (Iyengar 2005; Nilim and El Ghaoui 2005): the policy whose worst case is best,
 *   V(s) = max_a r(s, a) + gamma min over q in U(s, a) of sum q(next) V(next),
 * when nature picks q in each state and for each action anew. The step is a gamma-contraction, so that the last one
 * bounds the error, as in `valueIteration`. Where uncertainty is shared between states (one slip for the whole chart)
 * the answer is a lower bound, and the exact problem NP-hard (Wiesemann et al. 2013).
 * @example
 * const mdp = tabularMdp({ states: 2, actions: 1, transitions: [0.5, 0.5, 0, 1], rewards: [1, 0], discount: 0.5 });
 * robustValueIteration(mdp, l1Set(0.4)).value // [1.1765, 0]
 */
export function robustValueIteration(mdp: TabularMdp, worst: WorstNext, options: IterationOptions = {}): RobustOptimum {
  const { states, actions, rewards, discount } = mdp;
  const rows = rowsOf(mdp);
  const choice = new Int32Array(states);
  // What each pair was worth when last looked at, less how far values had moved by then, discounted: with how far they
  // have moved by now it bounds what the pair is worth. Who is below the best by that bound need not be looked at.
  const bound = new Float64Array(states * actions).fill(Number.POSITIVE_INFINITY);
  let moves = 0;
  const backup = (value: Float64Array, next: Float64Array, moved: number) => {
    moves += discount * moved;
    const crumbs = 1e-12 * largest(value);
    const least = worst(value);
    const worth = (pair: number) => {
      const own = rewards[pair] + discount * least(rows[pair], pair);
      bound[pair] = own - moves;
      return own;
    };
    for (let s = 0; s < states; s++) {
      const before = choice[s];
      let best = worth(s * actions + before);
      for (let a = 0; a < actions; a++) {
        if (a === before || bound[s * actions + a] + moves < best - crumbs) continue;
        const own = worth(s * actions + a);
        if (own > best || (own === best && a < choice[s])) {
          best = own;
          choice[s] = a;
        }
      }
      next[s] = best;
    }
  };
  const { value, sweeps } = iterateValues(states, discount, backup, options);
  return { value, policy: deterministicPolicy(mdp, choice), choice, sweeps };
}

/**
 * What a policy is worth from each state on if nature does its worst, [states]: V(s) = sum_a pi(a | s) (r(s, a) + gamma
 * min over q in U(s, a) of sum q(next) V(next)). Nature sees the action before it picks q.
 * @throws ShapeError, DomainError if the policy is not a distribution over actions in each state
 */
export function worstCaseValue(
  mdp: TabularMdp,
  policy: TabularPolicy,
  worst: WorstNext,
  options: IterationOptions = {},
): Float64Array {
  const { states, actions, rewards, discount } = mdp;
  checkLength("policy", policy, states * actions, "states times actions");
  for (let s = 0; s < states; s++) {
    checkDistribution(`policy in state ${s}`, policy.subarray(s * actions, (s + 1) * actions));
  }
  const rows = rowsOf(mdp);
  const backup = (value: Float64Array, next: Float64Array) => {
    const least = worst(value);
    next.fill(0);
    for (let pair = 0; pair < policy.length; pair++) {
      if (policy[pair] === 0) continue;
      next[Math.floor(pair / actions)] += policy[pair] * (rewards[pair] + discount * least(rows[pair], pair));
    }
  };
  return iterateValues(states, discount, backup, options).value;
}

/** P(. | pair), one view for each pair. */
function rowsOf({ states, actions, transitions }: TabularMdp): Float64Array[] {
  return Array.from({ length: states * actions }, (_, pair) =>
    transitions.subarray(pair * states, (pair + 1) * states),
  );
}
