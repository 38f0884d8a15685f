import { checkCount, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { mean } from "../numerics/index.js";
import { categorical, foldIn, type Key } from "../random/index.js";
import { type ChargedOptimum, type CostProblem, chargedOptimum, constraintMultiplier } from "./softConstraint.js";

export interface DualPath {
  /** The multiplier at each step, [steps + 1], the start first; in reward per unit of cost. */
  multipliers: Float64Array;
  /** E[cost] of the policy that is best at that multiplier. */
  costs: Float64Array;
}

/**
 * Dual ascent: lambda <- max(0, lambda + rate (E_lambda[cost] - limit)), where E_lambda is of the optimum at lambda. A
 * thermostat: too much cost raises its price. Near lambda* > 0 it settles iff rate < `dualAscentLimit`.
 * @throws as `chargedOptimum`; DomainError unless rate > 0, start >= 0 and steps is a count
 */
export function dualAscent(problem: CostProblem, options: { rate: number; steps: number; start?: number }): DualPath {
  return ascend(problem, options, ({ cost }) => cost);
}

/** Dual ascent on what is seen of the cost of the policy at each multiplier. */
function ascend(
  problem: CostProblem,
  { rate, steps, start = 0 }: { rate: number; steps: number; start?: number },
  seen: (optimum: ChargedOptimum) => number,
): DualPath {
  checkPositive("rate", rate);
  if (!(start >= 0 && Number.isFinite(start))) throw new DomainError(complaint("start", "at least 0", start));
  if (!(Number.isInteger(steps) && steps >= 0)) throw new DomainError(complaint("steps", "a count", steps));
  const multipliers = new Float64Array(steps + 1);
  const costs = new Float64Array(steps + 1);
  let lambda = start;
  for (let step = 0; step <= steps; step++) {
    const optimum = chargedOptimum(problem, lambda);
    multipliers[step] = lambda;
    costs[step] = optimum.cost;
    lambda = Math.max(0, lambda + rate * (seen(optimum) - problem.limit));
  }
  return { multipliers, costs };
}

/**
 * Dual ascent that sees the cost of `batch` sampled replies at each step instead of E[cost]; the policy is still the
 * best one at each multiplier. `costs` are the exact E[cost] of the policies on the way.
 * @throws as `dualAscent`; DomainError unless batch is a whole number of at least 1
 */
export function sampledDualAscent(
  key: Key,
  problem: CostProblem,
  { rate, steps, batch }: { rate: number; steps: number; batch: number },
): DualPath {
  checkCount("batch", batch);
  let step = 0;
  return ascend(problem, { rate, steps }, ({ logProbs }) => {
    const drawn = categorical(foldIn(key, step++), logProbs, batch);
    return mean(Float64Array.from(drawn, (y) => problem.cost[y]));
  });
}

/**
 * The largest rate at which dual ascent settles, 2 beta / Var(cost) at lambda*: E[cost] falls by Var(cost) / beta per
 * unit of lambda, so a step multiplies the distance to lambda* by 1 - rate Var(cost) / beta. Infinity if the constraint
 * does not bind.
 * @throws as `constraintMultiplier`
 */
export function dualAscentLimit(problem: CostProblem): number {
  const lambda = constraintMultiplier(problem);
  if (lambda === 0) return Number.POSITIVE_INFINITY;
  return (2 * problem.beta) / chargedOptimum(problem, lambda).costVariance;
}
