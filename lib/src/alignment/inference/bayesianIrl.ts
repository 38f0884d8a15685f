import { checkDistribution, checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type TabularMdp, withRewards } from "../../mdp/index.js";
import { softmax } from "../../numerics/index.js";
import { checkDemonstrations, type Demonstration } from "./demonstrations.js";
import { softOptimum } from "./softOptimum.js";

/**
 * Bayesian inverse reinforcement learning on a list of rewards: P(R | D) proportional to P(R) prod over steps of pi_R(a
 * | s), pi_R the soft optimum for R at the assumed temperature (Ramachandran and Amir 2007, with a softmax of soft
 * values). Exact: nothing is sampled. `rewards` [k][states * actions]; the prior is uniform by default. Returns [k].
 * @throws ShapeError, DomainError for an empty list, demonstrations that cannot have happened, a prior that is none
 */
export function bayesianIrl(
  mdp: TabularMdp,
  rewards: readonly ArrayLike<number>[],
  demonstrations: readonly Demonstration[],
  { temperature = 1, prior }: { temperature?: number; prior?: ArrayLike<number> } = {},
): Float64Array {
  if (rewards.length === 0) throw new DomainError(complaint("rewards", "at least one", rewards));
  if (prior !== undefined) {
    checkLength("prior", prior, rewards.length, "one per reward");
    checkDistribution("prior", prior);
  }
  checkDemonstrations(mdp, demonstrations);
  const counts = new Float64Array(mdp.states * mdp.actions);
  for (const steps of demonstrations) for (const [s, a] of steps) counts[s * mdp.actions + a]++;
  const logits = rewards.map((reward, k) => {
    const { logPolicy } = softOptimum(withRewards(mdp, reward), { temperature });
    let sum = prior === undefined ? 0 : Math.log(prior[k]);
    for (let i = 0; i < counts.length; i++) if (counts[i] > 0) sum += counts[i] * logPolicy[i];
    return sum;
  });
  return Float64Array.from(softmax(logits));
}
