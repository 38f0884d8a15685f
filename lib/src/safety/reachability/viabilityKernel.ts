import { checkLength } from "../../core/checks.js";
import type { TabularMdp, TabularPolicy } from "../../mdp/index.js";

export interface ViabilityKernel {
  /** 1 for the states from which one can stay out of the bad ones for ever, [states]. */
  safe: Uint8Array;
  /** 1 for the pairs that never lead out of those states, [states * actions]: a shield. */
  allowed: Uint8Array;
  /** Rounds until nothing was struck off any more. */
  rounds: number;
}

/**
 * The viability kernel (Aubin 1991; for decision processes Alshiekh et al. 2018, arXiv:1708.08611): the largest set K
 * of states outside `bad` in which every state has an action whose whole *support* lies in K, by striking off
 * states that have none, until nothing changes. Probabilities play no part, only which of them are 0. K may be empty.
 * @throws ShapeError unless `bad` has one entry per state (bad where it is not 0)
 */
export function viabilityKernel(mdp: TabularMdp, bad: ArrayLike<number>): ViabilityKernel {
  const { states, actions, transitions } = mdp;
  checkLength("bad", bad, states, "one per state");
  const safe = Uint8Array.from(bad, (x) => (x === 0 ? 1 : 0));
  const stays = (pair: number) => {
    for (let next = 0; next < states; next++)
      if (transitions[pair * states + next] > 0 && safe[next] === 0) return false;
    return true;
  };
  for (let rounds = 1; ; rounds++) {
    const allowed = new Uint8Array(states * actions);
    for (let pair = 0; pair < allowed.length; pair++)
      if (safe[Math.floor(pair / actions)] === 1 && stays(pair)) allowed[pair] = 1;
    let changed = false;
    for (let s = 0; s < states; s++) {
      if (safe[s] === 0 || allowed.subarray(s * actions, (s + 1) * actions).includes(1)) continue;
      safe[s] = 0;
      changed = true;
    }
    if (!changed) return { safe, allowed, rounds };
  }
}

/**
 * A policy with what is not allowed taken away, and the rest of each state scaled to add up to 1; where nothing of the
 * policy is left, all allowed actions alike; where nothing is allowed, the policy as it was.
 * @throws ShapeError unless there is one entry per state and action
 */
export function shieldPolicy(mdp: TabularMdp, policy: TabularPolicy, allowed: ArrayLike<number>): TabularPolicy {
  const { states, actions } = mdp;
  checkLength("policy", policy, states * actions, "states times actions");
  checkLength("allowed", allowed, states * actions, "states times actions");
  const out = new Float64Array(policy.length);
  for (let s = 0; s < states; s++) {
    const pairs = Array.from({ length: actions }, (_, a) => s * actions + a);
    const open = pairs.filter((pair) => allowed[pair] !== 0);
    const left = open.reduce((sum, pair) => sum + policy[pair], 0);
    for (const pair of open.length === 0 ? pairs : open) {
      if (open.length === 0) out[pair] = policy[pair];
      else out[pair] = left > 0 ? policy[pair] / left : 1 / open.length;
    }
  }
  return out;
}
