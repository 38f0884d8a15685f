import { mean } from "../../../numerics/index.js";
import { leaveOneOutAdvantages } from "../../../policy/index.js";
import { reinforceLoss } from "../../../policy/tensor.js";
import type { PolicyAlgorithm } from "../algorithm.js";
import { onEveryToken, regularisedRewards } from "../credit.js";

/**
 * REINFORCE with the batch's mean reward as baseline, or none (Williams 1992). The batch's own mean makes each row part
 * of its own baseline, which scales the gradient by 1 - 1/B and changes nothing else.
 */
export function reinforce({ baseline = "batch" }: { baseline?: "batch" | "none" } = {}): PolicyAlgorithm {
  return {
    name: "REINFORCE",
    critic: false,
    group: 1,
    epochs: 1,
    minibatches: 1,
    klIn: "reward",
    advantages(experience, beta) {
      const rewards = regularisedRewards(experience, beta);
      const base = baseline === "batch" ? mean(rewards) : 0;
      return {
        advantages: onEveryToken(
          experience,
          rewards.map((reward) => reward - base),
        ),
      };
    },
    loss: ({ logpNew, advantages, mask }) => ({ loss: reinforceLoss(logpNew, advantages, mask) }),
  };
}

/**
 * RLOO: REINFORCE whose baseline is the mean reward of the other completions to the same prompt (Ahmadian et al. 2024,
 * arXiv:2402.14740). The reference KL is part of the reward.
 */
export function rloo({ group = 4 }: { group?: number } = {}): PolicyAlgorithm {
  return {
    ...reinforce(),
    name: "RLOO",
    group,
    advantages: (experience, beta) => ({
      advantages: onEveryToken(experience, leaveOneOutAdvantages(regularisedRewards(experience, beta), { group })),
    }),
  };
}
