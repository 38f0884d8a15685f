import { checkLength } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { linearProgram } from "../numerics/index.js";
import type { TabularMdp, TabularPolicy } from "./tabularMdp.js";

/** Discounted cost, sum over t of gamma^t c(s_t, a_t) from the start, at most so much. */
export interface CostLimit {
  /** c(s, a), [states * actions]. */
  cost: ArrayLike<number>;
  atMost: number;
}

export interface ConstrainedOptimum {
  /** The best policy that keeps all limits; it may have to toss a coin in as many states as there are limits. */
  policy: TabularPolicy;
  /**
   * sum over t of gamma^t P(s_t = s, a_t = a), [states * actions]; adds up to 1 / (1 - gamma). `occupancy`
   * is this times 1 - gamma.
   */
  flow: Float64Array;
  /** Its discounted reward. */
  value: number;
  /** Its discounted cost for each limit. */
  costs: number[];
  /** The price of each limit, reward per unit of cost: by how much `value` grows per unit of `atMost`. At least 0. */
  multipliers: Float64Array;
}

/**
 * The best policy under limits on discounted costs, exactly: the linear program over flows x(s, a) >= 0,
 *   max sum r x  subject to  sum_a x(s', a) - gamma sum_(s, a) P(s' | s, a) x(s, a) = start(s')  and  sum c x <= limit
 * (Altman 1999). Without limits it is the linear program of planning (Manne 1960).
 * @throws InfeasibleError if no policy keeps all limits; ShapeError if a cost has another length
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 2, transitions: [1, 1], rewards: [0, 1], discount: 0.9 });
 * (await constrainedOptimum(mdp, [{ cost: [0, 1], atMost: 4 }])).policy // [0.6, 0.4]
 */
export async function constrainedOptimum(mdp: TabularMdp, limits: readonly CostLimit[]): Promise<ConstrainedOptimum> {
  const { states, actions, rewards } = mdp;
  const pairs = states * actions;
  limits.forEach(({ cost }, k) => {
    if (cost.length !== pairs) throw new ShapeError(complaint(`limits[${k}].cost`, `${pairs} numbers`, cost));
  });
  const { x, value, duals } = await linearProgram({
    variables: pairs,
    maximise: rewards,
    subjectTo: [...flowBalance(mdp), ...limits.map(({ cost, atMost }) => ({ form: cost, atMost }))],
  });
  const flow = x.map((visits) => Math.max(visits, 0)); // the solver's rounding
  return {
    policy: policyOfFlow(mdp, flow),
    flow,
    value,
    costs: limits.map(({ cost }) => flow.reduce((sum, visits, pair) => sum + visits * cost[pair], 0)),
    multipliers: duals.subarray(states).map((price) => Math.max(price, 0)),
  };
}

/**
 * What a flow x(s, a) must satisfy, one row per state s':
 *   sum_a x(s', a) - gamma sum_(s, a) P(s' | s, a) x(s, a) = start(s').
 */
export function flowBalance(mdp: TabularMdp): { form: [variable: number, coefficient: number][]; equals: number }[] {
  const { states, actions, transitions, discount, start } = mdp;
  return Array.from({ length: states }, (_, next) => {
    const form: [number, number][] = [];
    for (let pair = 0; pair < states * actions; pair++) {
      const own = Math.floor(pair / actions) === next ? 1 : 0;
      const coefficient = own - discount * transitions[pair * states + next];
      if (coefficient !== 0) form.push([pair, coefficient]);
    }
    return { form, equals: start[next] };
  });
}

/** pi(a | s) in proportion to the flow x(s, a); uniform in states that nobody comes to. */
export function policyOfFlow({ states, actions }: TabularMdp, flow: ArrayLike<number>): TabularPolicy {
  checkLength("flow", flow, states * actions);
  const policy = new Float64Array(states * actions);
  for (let s = 0; s < states; s++) {
    let total = 0;
    for (let a = 0; a < actions; a++) total += flow[s * actions + a];
    for (let a = 0; a < actions; a++)
      policy[s * actions + a] = total > 1e-12 ? flow[s * actions + a] / total : 1 / actions;
  }
  return policy;
}
