import { optimalPolicy, policyReturn, type TabularMdp, withRewards } from "../../mdp/index.js";

/**
 * The true return that is lost by a policy which is exactly optimal for rewards that are off by `error`,
 * [states x actions], and among equals takes the last action. `rewardErrorBound` is above it.
 */
export function returnLost(mdp: TabularMdp, error: ArrayLike<number>): number {
  const believed = withRewards(
    mdp,
    mdp.rewards.map((reward, pair) => reward + error[pair]),
  );
  const misled = optimalPolicy(believed, { ties: "last" }).policy;
  return policyReturn(mdp, optimalPolicy(mdp).policy) - policyReturn(mdp, misled);
}
