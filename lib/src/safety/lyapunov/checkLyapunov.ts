import { checkLength, checkNonNegative, checkNumbers } from "../../core/checks.js";
import { actionValue, type TabularMdp, type TabularPolicy, withRewards } from "../../mdp/index.js";
import { dot } from "../../numerics/dot.js";

/** Where a function is no certificate. */
export interface LyapunovViolation {
  /** The state, or "start" where the function is too large at the start. */
  where: number | "start";
  /** By how much the inequality fails, in cost. */
  excess: number;
}

/**
 * Checks a Lyapunov function of a constrained MDP (Chow et al. 2018, arXiv:1805.07708): for all states
 *   L(s) >= sum_a pi(a | s) [c(s, a) + gamma E L(next)],   and   E L(first state) <= limit.
 * If nothing is violated, the discounted cost of the policy is at most `limit`: sum the first inequality along the way.
 * Without the cost, or without the start, it bounds nothing. The cost may not be negative. Returns all violations.
 * @throws ShapeError, DomainError for tables of another size or a negative cost
 */
export function checkLyapunov(
  mdp: TabularMdp,
  cost: ArrayLike<number>,
  policy: TabularPolicy,
  lyapunov: ArrayLike<number>,
  limit: number,
  { tolerance = 1e-9 }: { tolerance?: number } = {},
): LyapunovViolation[] {
  checkLength("policy", policy, mdp.states * mdp.actions, "states times actions");
  const ahead = lyapunovActionValue(mdp, cost, lyapunov);
  const violations: LyapunovViolation[] = [];
  for (let s = 0; s < mdp.states; s++) {
    const row = (of: Float64Array) => of.subarray(s * mdp.actions, (s + 1) * mdp.actions);
    const excess = dot(row(policy), row(ahead)) - lyapunov[s];
    if (excess > tolerance) violations.push({ where: s, excess });
  }
  const excess = dot(mdp.start, lyapunov) - limit;
  if (!(excess <= tolerance)) violations.push({ where: "start", excess });
  return violations;
}

/** c(s, a) + gamma E L(next), [states * actions]. @throws ShapeError, DomainError as `checkLyapunov` */
export function lyapunovActionValue(
  mdp: TabularMdp,
  cost: ArrayLike<number>,
  lyapunov: ArrayLike<number>,
): Float64Array {
  checkCost(mdp, cost);
  checkNumbers("lyapunov", lyapunov, mdp.states);
  return actionValue(withRewards(mdp, cost), lyapunov);
}

/** @throws ShapeError, DomainError unless there is a cost of at least 0 for each state and action */
export function checkCost(mdp: TabularMdp, cost: ArrayLike<number>): void {
  checkLength("cost", cost, mdp.states * mdp.actions, "states times actions");
  for (let i = 0; i < cost.length; i++) checkNonNegative(`cost[${i}]`, cost[i]);
}
