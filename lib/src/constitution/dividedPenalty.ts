import { complaint, InfeasibleError } from "../core/index.js";
import { type ChargedOptimum, type CostProblem, chargedOptimum } from "./softConstraint.js";

/**
 * Where dual ascent rests when the charged reward is divided by 1 + lambda, (reward - lambda cost) / (1 + lambda), and
 * the price of KL stays beta. (FOCOPS's code and Safe RLHF, Dai et al. 2023, arXiv:2310.12773, divide, to keep steps
 * small.) Each policy on the way is the optimum of a problem whose price of KL is beta (1 + lambda):
 *   pi(y) = ref(y) exp((reward - lambda cost) / ((1 + lambda) beta)) / Z,
 * so the limit is kept, and the reward that it could have had is not got. The least such lambda, by bisection.
 * @throws as the problem; InfeasibleError if no lambda up to 2^40 keeps the limit: as lambda grows the policy tends to
 *   ref exp(-cost / beta), and no further
 */
export function dividedOptimum(problem: CostProblem): ChargedOptimum & { multiplier: number } {
  const at = (lambda: number) => chargedOptimum({ ...problem, beta: problem.beta * (1 + lambda) }, lambda);
  const free = at(0);
  if (free.cost <= problem.limit) return { ...free, multiplier: 0 };
  let [low, high] = [0, 1];
  for (let doubling = 0; at(high).cost > problem.limit; doubling++) {
    if (doubling > 40) {
      const least = at(high).cost;
      throw new InfeasibleError(complaint("limit", `more than ${least}, the least this rule comes to`, problem.limit));
    }
    [low, high] = [high, 2 * high];
  }
  for (let step = 0; step < 100 && high - low > 1e-13 * high; step++) {
    const middle = (low + high) / 2;
    if (at(middle).cost > problem.limit) low = middle;
    else high = middle;
  }
  return { ...at(high), multiplier: high };
}
