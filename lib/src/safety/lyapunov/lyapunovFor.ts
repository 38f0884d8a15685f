import { checkFinite, checkNonNegative, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError, InfeasibleError } from "../../core/index.js";
import {
  occupancy,
  policyReturn,
  policyValue,
  type TabularMdp,
  type TabularPolicy,
  withRewards,
} from "../../mdp/index.js";
import { dot } from "../../numerics/dot.js";
import { checkCost } from "./checkLyapunov.js";

/**
 * A Lyapunov function from a policy that keeps the limit (Chow et al. 2018, arXiv:1805.07708):
 *   L = (I - gamma P_base)^-1 (c_base + slack),   [states],
 * with a slack per state, [states], that spends what the base policy leaves: sum_s visits(s) slack(s) <= limit - cost
 * of base. By default the same slack in every state, (1 - gamma)(limit - cost), so that E L(first state) = limit.
 * @throws InfeasibleError if the base policy itself costs more than the limit; DomainError for a slack below 0 or above
 *   what is left
 */
export function lyapunovFor(
  mdp: TabularMdp,
  cost: ArrayLike<number>,
  base: TabularPolicy,
  limit: number,
  slack?: ArrayLike<number>,
): Float64Array {
  const spare = spareCost(mdp, cost, base, limit);
  const own = slack ?? new Float64Array(mdp.states).fill((1 - mdp.discount) * spare);
  checkNumbers("slack", own, mdp.states);
  for (let s = 0; s < mdp.states; s++) checkNonNegative(`slack[${s}]`, own[s]);
  const lyapunov = policyValue(
    withRewards(
      mdp,
      Float64Array.from(cost, (c, pair) => c + own[Math.floor(pair / mdp.actions)]),
    ),
    base,
  );
  const spent = dot(mdp.start, lyapunov) - limit;
  if (spent > 1e-9 * (1 + Math.abs(limit))) {
    throw new DomainError(complaint("slack", `at most ${spare} over all visits`, spent + spare));
  }
  return lyapunov;
}

/**
 * The slack with the largest sum over states, max sum_s slack(s) subject to sum_s visits(s) slack(s) = limit - cost:
 * by duality all of it lies in the state that is visited least (of those visited at all). [states]. It is the one that
 * a linear program finds, and the one that helps least.
 * @throws InfeasibleError if the base policy costs more than the limit
 */
export function largestSlack(
  mdp: TabularMdp,
  cost: ArrayLike<number>,
  base: TabularPolicy,
  limit: number,
): Float64Array {
  const spare = spareCost(mdp, cost, base, limit);
  const flow = occupancy(mdp, base);
  let [least, visits] = [-1, Number.POSITIVE_INFINITY];
  for (let s = 0; s < mdp.states; s++) {
    let own = 0;
    for (let a = 0; a < mdp.actions; a++) own += flow[s * mdp.actions + a] / (1 - mdp.discount);
    if (own > 1e-12 && own < visits) [least, visits] = [s, own];
  }
  const slack = new Float64Array(mdp.states);
  slack[least] = (spare * (1 - 1e-12)) / visits;
  return slack;
}

function spareCost(mdp: TabularMdp, cost: ArrayLike<number>, base: TabularPolicy, limit: number): number {
  checkFinite("limit", limit);
  checkCost(mdp, cost);
  const spare = limit - policyReturn(withRewards(mdp, cost), base);
  if (spare < -1e-9 * (1 + Math.abs(limit))) {
    throw new InfeasibleError(complaint("base", `a policy that costs at most ${limit}`, limit - spare));
  }
  return Math.max(spare, 0);
}
