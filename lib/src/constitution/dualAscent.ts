import { checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type CostProblem, chargedOptimum, constraintMultiplier } from "./softConstraint.js";

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
export function dualAscent(
  problem: CostProblem,
  { rate, steps, start = 0 }: { rate: number; steps: number; start?: number },
): DualPath {
  checkPositive("rate", rate);
  if (!(start >= 0 && Number.isFinite(start))) throw new DomainError(complaint("start", "at least 0", start));
  if (!(Number.isInteger(steps) && steps >= 0)) throw new DomainError(complaint("steps", "a count", steps));
  const multipliers = new Float64Array(steps + 1);
  const costs = new Float64Array(steps + 1);
  let lambda = start;
  for (let step = 0; step <= steps; step++) {
    multipliers[step] = lambda;
    costs[step] = chargedOptimum(problem, lambda).cost;
    lambda = Math.max(0, lambda + rate * (costs[step] - problem.limit));
  }
  return { multipliers, costs };
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
