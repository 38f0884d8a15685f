import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { optimalPolicy, policyReturn, type TabularMdp, type TabularPolicy, withRewards } from "../mdp/index.js";
import { type CountedMdp, countCosts } from "./countCosts.js";
import { almostSureOptimum, type CountProblem } from "./limits.js";

/** A decision process that carries its budget along, and pays as Saute says. Its states are `CountedMdp`'s. */
export interface SauteMdp extends CountedMdp {
  /** The budget that is left in each state, b - arrivals so far; -1 once it is overspent. */
  readonly left: Int32Array;
  /** `mdp` as counted, with the rewards of the world; this one pays `-penalty` a move for being overspent. */
  readonly reshaped: TabularMdp;
}

/**
 * Saute (Sootla et al. 2022, arXiv:2202.06558): "N <= budget on every run" as a reward. The budget that is left,
 *   z' = z - 1 on an arrival that counts,  z_0 = budget,
 * becomes part of the state; while z >= 0 a move pays r(s, a), afterwards -penalty. Ordinary methods then learn a
 * policy that reads its budget. The paper takes the limit penalty -> infinity; a finite one is a price: with gamma
 * the probability of going on, the discounted penalty of an overspent run is penalty / (1 - gamma) from the move after
 * it, so that what is maximised is
 *   E[reward while z >= 0] - gamma penalty / (1 - gamma) P(N > budget),
 * the Lagrangian of a chance constraint. Counts are whole, so the budget is not discounted (the paper's z / gamma_c).
 * @throws ShapeError if `counted` has another length; DomainError unless budget is a count and penalty finite, >= 0
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 1, transitions: [1], rewards: [1], discount: 0.5 });
 * sauteMdp({ mdp, counted: [1] }, { budget: 1, penalty: 3 }).reshaped.rewards // [1, 1, -3]
 */
export function sauteMdp(
  { mdp, counted }: CountProblem,
  { budget, penalty }: { budget: number; penalty: number },
): SauteMdp {
  checkCount("budget", budget, 0);
  if (!(penalty >= 0 && Number.isFinite(penalty))) {
    throw new DomainError(complaint("penalty", "a number of at least 0, per move", penalty, "Infinity: sauteOptimum"));
  }
  const memory = countCosts(mdp, counted, budget + 1);
  const left = memory.count.map((count) => budget - count);
  const { actions } = mdp;
  const rewards = memory.mdp.rewards.map((r, pair) => (left[Math.floor(pair / actions)] >= 0 ? r : -penalty));
  return { ...memory, left, reshaped: withRewards(memory.mdp, rewards) };
}

export interface SauteOptimum {
  /** Of the states of `memory`. */
  readonly policy: TabularPolicy;
  readonly memory: CountedMdp;
  /** E[discounted reward while the budget is kept]. */
  readonly value: number;
  /** P(N > budget). */
  readonly overspent: number;
}

/**
 * The best policy of `sauteMdp`. With the penalty Infinity it is `almostSureOptimum`; where that exists, in a finite
 * process a finite penalty is enough for the same: gamma penalty / (1 - gamma) above the price at 0 of the constraint
 * P(N > budget) <= delta on what is earned within the budget.
 * @throws as `sauteMdp`, but for the penalty Infinity; then as `almostSureOptimum`
 */
export async function sauteOptimum(
  problem: CountProblem,
  { budget, penalty }: { budget: number; penalty: number },
): Promise<SauteOptimum> {
  if (penalty === Number.POSITIVE_INFINITY) {
    const { policy, memory, value } = await almostSureOptimum(problem, { atMost: budget });
    return { policy, memory, value, overspent: 0 };
  }
  const own = sauteMdp(problem, { budget, penalty });
  const { policy } = optimalPolicy(own.reshaped);
  const { actions } = own.mdp;
  const kept = own.mdp.rewards.map((r, pair) => (own.left[Math.floor(pair / actions)] >= 0 ? r : 0));
  return {
    policy,
    memory: own,
    value: policyReturn(withRewards(own.mdp, kept), policy),
    overspent: policyReturn(withRewards(own.mdp, own.reaches(budget + 1)), policy),
  };
}
