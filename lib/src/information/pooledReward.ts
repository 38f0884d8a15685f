import { checkPositive } from "../core/checks.js";
import { softmax } from "../numerics/index.js";
import { bradleyTerry, comparisonsFromWins } from "../preferences/index.js";
import { type GroupUtilities, pooledPreferences } from "./pooledPreferences.js";

/**
 * Bradley-Terry's reward of a pool of groups, [I], adding up to 0: the maximum of the likelihood of infinitely many
 * answers, all pairs asked equally often. It orders replies by Borda's points, sum_j P(i beats j).
 */
export function pooledReward(
  shares: ArrayLike<number>,
  utilities: GroupUtilities,
  options: { temperature?: number } = {},
): Float64Array {
  const wins = pooledPreferences(shares, utilities, options);
  wins.forEach((row, i) => {
    row[i] = 0;
  });
  return Float64Array.from(bradleyTerry.fit(comparisonsFromWins(wins.map((row) => Array.from(row)))).theta);
}

/** RLHF on that reward from a uniform reference, pi(i) proportional to e^(reward_i / beta), [I]. */
export function pooledPolicy(
  shares: ArrayLike<number>,
  utilities: GroupUtilities,
  { beta }: { beta: number },
): Float64Array {
  checkPositive("beta", beta);
  return Float64Array.from(softmax(pooledReward(shares, utilities).map((r) => r / beta)));
}
