import { checkNumbers } from "../../core/checks.js";
import { type TabularMdp, withRewards } from "../../mdp/index.js";

/** An extra reward for going from s to next by a. */
export type TransitionReward = (state: number, action: number, next: number) => number;

/**
 * The same world with an extra reward on transitions: r'(s, a) = r(s, a) + sum over next of
 * P(next | s, a) extra(s, a, next).
 */
export function withTransitionReward(mdp: TabularMdp, extra: TransitionReward): TabularMdp {
  const { states, actions } = mdp;
  return withRewards(
    mdp,
    mdp.rewards.map((reward, pair) => {
      let sum = reward;
      for (let next = 0; next < states; next++) {
        const probability = mdp.transitions[pair * states + next];
        if (probability > 0) sum += probability * extra(Math.floor(pair / actions), pair % actions, next);
      }
      return sum;
    }),
  );
}

/**
 * The same world with potential-based shaping, extra(s, a, next) = gamma Phi(next) - Phi(s), gamma the world's
 * own discount. For every policy V'(s) = V(s) - Phi(s) and Q'(s, a) = Q(s, a) - Phi(s): the same actions are
 * best. Ng, Harada and Russell 1999, theorem 1. With Phi = V* the best action is the one whose reward is best at
 * once. Potentials [states].
 * @throws ShapeError, DomainError unless there is a finite potential for each state
 */
export function withPotential(mdp: TabularMdp, potential: ArrayLike<number>): TabularMdp {
  checkNumbers("potential", potential, mdp.states);
  return withTransitionReward(mdp, (state, _, next) => mdp.discount * potential[next] - potential[state]);
}
