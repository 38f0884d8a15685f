import { checkCount } from "../../core/checks.js";
import {
  actionValue,
  policyReturn,
  policyValue,
  type TabularMdp,
  type TabularPolicy,
  withRewards,
} from "../../mdp/index.js";
import { dot } from "../../numerics/dot.js";
import { lyapunovActionValue } from "./checkLyapunov.js";
import { lyapunovFor } from "./lyapunovFor.js";

/** A policy, what it earns and what it costs, both discounted from the start. */
export interface SafeRound {
  policy: TabularPolicy;
  value: number;
  cost: number;
}

/**
 * One safe step of policy iteration (Chow et al. 2018, arXiv:1805.07708): in each state
 *   max over p of sum_a p(a) Q_base(s, a)   subject to   sum_a p(a) [c(s, a) + gamma E L(next)] <= L(s),
 * a linear program over the simplex with one constraint, so that at most two actions are mixed. The base policy
 * satisfies it if L is a Lyapunov function of it (`lyapunovFor`); then the new policy earns no less than base, and
 * costs at most E L(first state).
 * @throws ShapeError, DomainError for tables of another size
 */
export function safePolicyImprovement(
  mdp: TabularMdp,
  cost: ArrayLike<number>,
  base: TabularPolicy,
  lyapunov: ArrayLike<number>,
): TabularPolicy {
  const reward = actionValue(mdp, policyValue(mdp, base));
  const ahead = lyapunovActionValue(mdp, cost, lyapunov);
  const policy = new Float64Array(base.length);
  for (let s = 0; s < mdp.states; s++) {
    const row = (of: Float64Array) => of.subarray(s * mdp.actions, (s + 1) * mdp.actions);
    row(policy).set(bestMixture(row(reward), row(ahead), lyapunov[s], row(base)));
  }
  return policy;
}

/** max p.gain subject to p.price <= budget over the simplex, at one or two corners; `fallback` if nothing is better. */
function bestMixture(gain: Float64Array, price: Float64Array, budget: number, fallback: Float64Array): Float64Array {
  let best = fallback;
  let most = dot(fallback, gain) + 1e-12;
  const offer = (a: number, b: number, share: number) => {
    const value = share * gain[a] + (1 - share) * gain[b];
    if (value <= most) return;
    most = value;
    best = new Float64Array(gain.length);
    best[a] += share;
    best[b] += 1 - share;
  };
  for (let a = 0; a < gain.length; a++) {
    if (price[a] <= budget) offer(a, a, 1);
    for (let b = 0; b < gain.length; b++) {
      if (price[a] < budget && price[b] > budget) offer(a, b, (price[b] - budget) / (price[b] - price[a]));
    }
  }
  return best;
}

/**
 * Lyapunov policy iteration (Chow et al. 2018): a Lyapunov function from the policy as it is, the best step that keeps
 * it, and again. Every policy on the way keeps the limit, and none earns less than the one before; the end need not be
 * the constrained optimum, and depends on where it began. `slack` makes another slack per round than the constant one.
 * Returns rounds + 1 policies, the base first.
 * @throws InfeasibleError if the base policy costs more than the limit; DomainError unless rounds is a whole number
 */
export function lyapunovPolicyIteration(
  mdp: TabularMdp,
  cost: ArrayLike<number>,
  base: TabularPolicy,
  {
    limit,
    rounds,
    slack,
  }: { limit: number; rounds: number; slack?: (base: TabularPolicy) => ArrayLike<number> | undefined },
): SafeRound[] {
  checkCount("rounds", rounds, 0);
  const costs = withRewards(mdp, cost);
  const judged = (policy: TabularPolicy): SafeRound => ({
    policy,
    value: policyReturn(mdp, policy),
    cost: policyReturn(costs, policy),
  });
  const path = [judged(base)];
  for (let round = 0; round < rounds; round++) {
    const { policy } = path[round];
    const lyapunov = lyapunovFor(mdp, cost, policy, limit, slack?.(policy));
    path.push(judged(safePolicyImprovement(mdp, cost, policy, lyapunov)));
  }
  return path;
}
