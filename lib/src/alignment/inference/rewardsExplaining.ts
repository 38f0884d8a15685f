import { checkNumbers, checkPositive } from "../../core/checks.js";
import { backUp, type TabularMdp, transitionRows } from "../../mdp/index.js";

/**
 * The reward for which a policy is the soft optimum with values V, [states * actions]:
 *   r(s, a) = temperature log pi(a | s) + V(s) - gamma sum over next of P(next | s, a) V(next).
 * There is one for every V: as many free numbers as states (Cao, Cohen and Szpruch 2021, arXiv:2106.03498, theorem 1).
 * `logPolicy` [states * actions] in nats, `value` [states] in the unit of the reward.
 * @throws ShapeError, DomainError unless all are finite: of an action that is never taken nothing can be said
 */
export function rewardsExplaining(
  mdp: TabularMdp,
  logPolicy: ArrayLike<number>,
  value: ArrayLike<number>,
  { temperature = 1 }: { temperature?: number } = {},
): Float64Array {
  const { states, actions, discount } = mdp;
  checkPositive("temperature", temperature);
  checkNumbers("logPolicy", logPolicy, states * actions);
  checkNumbers("value", value, states);
  const later = backUp(transitionRows(mdp), new Float64Array(states * actions), value, discount);
  return later.map((next, pair) => temperature * logPolicy[pair] + value[Math.floor(pair / actions)] - next);
}
