import { checkLength } from "../core/checks.js";
import { entropy } from "./channel.js";

/**
 * H(R(Y)) in nats of a policy's replies: the entropy of the rewards that they earn, equal rewards taken together. As
 * the reward is a function of the reply, this is I(reward; reply).
 * @param logProbs log pi(y), [N]
 * @throws ShapeError unless there is a reward for each reply, DomainError unless the probabilities add up to 1
 */
export function rewardEntropy(logProbs: ArrayLike<number>, reward: ArrayLike<number>): number {
  checkLength("reward", reward, logProbs.length, "one per reply");
  const byReward = new Map<number, number>();
  for (let y = 0; y < reward.length; y++) {
    byReward.set(reward[y], (byReward.get(reward[y]) ?? 0) + Math.exp(logProbs[y]));
  }
  return entropy([...byReward.values()]);
}
