import { complaint, DomainError } from "../../core/index.js";
import { checkSize } from "./checks.js";

/**
 * How much true return a policy can lose that is optimal for a wrong reward:
 *
 *   J(pi*) - J(pi_learned) <= 2 epsilon / (1 - gamma) + suboptimality.
 *
 * epsilon is the largest |learned - true| over ALL state-action pairs that some policy can reach, not a mean over data:
 * each policy's return changes by at most epsilon / (1 - gamma), once for each of the two. `suboptimality` is how far
 * the policy is from the best one for the learned reward, 0 for exact optimisation. (The performance-difference
 * argument of Singh and Yee 1994, Machine Learning 16, for rewards.)
 * @throws DomainError unless epsilon >= 0, 0 <= gamma < 1, suboptimality >= 0
 */
export function rewardErrorBound(epsilon: number, gamma: number, suboptimality = 0): number {
  checkSize("epsilon", epsilon);
  checkSize("suboptimality", suboptimality);
  if (!(gamma >= 0 && gamma < 1)) throw new DomainError(complaint("gamma", "a discount in [0, 1)", gamma));
  return (2 * epsilon) / (1 - gamma) + suboptimality;
}
