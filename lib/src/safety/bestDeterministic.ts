import { checkLength, checkNonNegative } from "../core/checks.js";
import {
  type CostLimit,
  deterministicPolicy,
  flowBalance,
  policyReturn,
  type TabularMdp,
  withRewards,
} from "../mdp/index.js";
import { linearProgram } from "../numerics/index.js";

/**
 * The best *deterministic* policy under limits on discounted costs, by an integer program: the flows of
 * `constrainedOptimum`, and in each state one action that may be taken, x(s, a) <= z(s, a) / (1 - gamma), sum_a z <= 1,
 * z whole. NP-hard in general (Feinberg 2000); the optimum that tosses coins is never worse.
 * @param gap how far from the best is good enough, relative to it: 0 takes long already for forty states
 * @throws InfeasibleError if no deterministic policy keeps all limits
 * @example
 * const mdp = tabularMdp({ states: 1, actions: 2, transitions: [1, 1], rewards: [0, 1], discount: 0.9 });
 * (await bestDeterministic(mdp, [{ cost: [0, 1], atMost: 4 }])).choice // [0]
 */
export async function bestDeterministic(
  mdp: TabularMdp,
  limits: readonly CostLimit[],
  { gap = 0, timeLimit = 60 }: { gap?: number; timeLimit?: number } = {},
): Promise<{ policy: Float64Array; choice: Int32Array; value: number; costs: number[] }> {
  const { states, actions, rewards, discount } = mdp;
  const pairs = states * actions;
  checkNonNegative("gap", gap);
  limits.forEach(({ cost }, k) => {
    checkLength(`limits[${k}].cost`, cost, pairs);
  });
  const sparse = (values: ArrayLike<number>) =>
    Array.from(values, (value, pair): [number, number] => [pair, value]).filter(([, value]) => value !== 0);
  const whole = Array.from({ length: pairs }, (_, pair) => pairs + pair);
  const { x } = await linearProgram({
    variables: 2 * pairs,
    maximise: sparse(rewards),
    subjectTo: [
      ...flowBalance(mdp),
      ...limits.map(({ cost, atMost }) => ({ form: sparse(cost), atMost })),
      // The flow through a state is at most 1 / (1 - gamma), and z says through which action.
      ...whole.map((z, pair): { form: [number, number][]; atMost: number } => ({
        form: [
          [pair, 1 - discount],
          [z, -1],
        ],
        atMost: 0,
      })),
      ...Array.from({ length: states }, (_, s) => ({
        form: Array.from({ length: actions }, (_, a): [number, number] => [pairs + s * actions + a, 1]),
        atMost: 1,
      })),
    ],
    upper: Float64Array.from({ length: 2 * pairs }, (_, j) => (j < pairs ? Number.POSITIVE_INFINITY : 1)),
    integer: whole,
    gap,
    timeLimit,
  });
  const choice = Int32Array.from({ length: states }, (_, s) => {
    let best = 0;
    for (let a = 1; a < actions; a++) if (x[s * actions + a] > x[s * actions + best]) best = a;
    return best;
  });
  const policy = deterministicPolicy(mdp, choice);
  return {
    policy,
    choice,
    value: policyReturn(mdp, policy),
    costs: limits.map(({ cost }) => policyReturn(withRewards(mdp, cost), policy)),
  };
}
