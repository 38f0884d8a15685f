import { checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { penalisedRewards } from "../../numerics/index.js";
import { sparseRewards } from "./sparseDense.js";

/**
 * The rewards per token with which RLHF is trained, [T]:
 *
 *   r_t = -beta (logpNew_t - logpRef_t),    and the reward of the whole reply on top of the last one.
 *
 * Log-probabilities in nats, [T], of the tokens of one completion (no prompt, no padding): those of the policy that
 * wrote it, frozen for the batch, and the reference's, the model before any reinforcement learning. Averaged over
 * the writer's replies the sum is E[reward] - beta KL(writer || ref); of a policy that has moved on since it is no
 * KL. The wrong pair is the usual mistake: policy against writer, in place of writer against reference, limits the
 * step and never pulls back. Stiennon et al. 2020, arXiv:2009.01325; Ouyang et al. 2022, arXiv:2203.02155. beta = 0
 * gives the sparse reward.
 * @throws ShapeError if the lengths differ; DomainError for an empty completion, beta < 0, or a log-probability that
 *   is not finite (with beta = 0 they are not read)
 * @example klShapedRewards([-1, -2], [-1.5, -1], 1, { beta: 0.1 }) // [-0.05, 1.1]
 */
export function klShapedRewards(
  logpNew: ArrayLike<number>,
  logpRef: ArrayLike<number>,
  reward: number,
  { beta }: { beta: number },
): Float64Array {
  if (logpNew.length !== logpRef.length) {
    throw new ShapeError(complaint("logpRef", `${logpNew.length} numbers, one per token`, logpRef));
  }
  checkNonNegative("beta", beta);
  const rewards = sparseRewards(reward, logpNew.length);
  if (beta === 0) return rewards;
  for (const [what, values] of Object.entries({ logpNew, logpRef })) {
    for (let t = 0; t < values.length; t++) {
      if (Number.isFinite(values[t])) continue;
      const hint =
        what === "logpRef"
          ? "A token that the reference cannot write costs an infinite KL: forbid it in sampling"
          : "A token of probability 0 cannot have been sampled";
      throw new DomainError(complaint(`${what}[${t}]`, "a finite log-probability", values[t], hint));
    }
  }
  return penalisedRewards(rewards, logpNew, logpRef, beta);
}
