import type { Key } from "../../random/index.js";
import type { PidGains } from "../../safety/index.js";
import type { Tree } from "../../tensor/index.js";
import type { PolicyAlgorithm } from "./algorithm.js";
import { ppo } from "./algorithms/actorCritic.js";
import { lagrangian } from "./algorithms/lagrangian.js";
import type { RewardFunction } from "./reward.js";
import { type PolicyOptions, type PolicyResult, trainPolicy } from "./trainPolicy.js";

export interface SafePolicyOptions<O extends Tree> extends Omit<PolicyOptions<O>, "algorithm"> {
  /** What is limited: a rule, or a cost model. */
  cost: RewardFunction;
  /** alpha: the most that its mean may be. */
  limit: number;
  /** How the multiplier is steered; see `algorithms.lagrangian`. */
  gains?: PidGains;
  /** What learns from reward - lambda cost; PPO by default. */
  algorithm?: PolicyAlgorithm;
}

/**
 * Trains a policy for reward under a limit on a cost, as safe RLHF does (Dai et al. 2023, arXiv:2310.12773): max
 * E[reward] - beta KL with E[cost] <= limit, by PPO on reward - lambda cost with lambda steered by each batch. It is
 * `trainPolicy` with `algorithms.lagrangian`; `history` has `cost.cost` and `multiplier` besides.
 * @throws as `trainPolicy` and `algorithms.lagrangian`
 */
export function trainSafePolicy<O extends Tree>(key: Key, options: SafePolicyOptions<O>): Promise<PolicyResult> {
  const { cost, limit, gains, algorithm = ppo(), ...rest } = options;
  return trainPolicy(key, {
    ...rest,
    costs: { ...rest.costs, cost },
    algorithm: lagrangian(algorithm, { cost: "cost", limit, ...(gains && { gains }) }),
  });
}
