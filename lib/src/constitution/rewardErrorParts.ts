import { checkNumbers } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import type { RewardErrorParts } from "./shrunkReward.js";

/**
 * Squared bias and variance of learned rewards, measured over k data sets: with m the mean reward over the data sets,
 * variance = E_y[sum_k (R_k(y) - m(y))^2 / (k - 1)], and squared bias = E_y[(m(y) - u(y))^2] - variance / k, which is
 * unbiased (and may come out a little below 0). Only differences of rewards mean anything, so each reward is first
 * shifted to the mean of the true one. In squared units of reward. The two add up to the mean squared error.
 * @param rewards [k][N], k at least 2: what was learned from each data set
 * @param truth [N]
 * @param probabilities [N]: how often each outcome comes up where the reward is used
 * @throws ShapeError if lengths differ; DomainError for fewer than 2 rewards or a number that is not finite
 */
export function rewardErrorParts(
  rewards: readonly ArrayLike<number>[],
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
): RewardErrorParts {
  const [k, N] = [rewards.length, truth.length];
  if (k < 2) throw new DomainError(complaint("rewards", "at least 2, from different data sets", rewards));
  checkNumbers("truth", truth, N);
  checkNumbers("probabilities", probabilities, N);
  const average = (values: ArrayLike<number>) => {
    let sum = 0;
    for (let y = 0; y < N; y++) sum += probabilities[y] * values[y];
    return sum;
  };
  const centre = average(truth);
  const errors = rewards.map((reward, i) => {
    checkNumbers(`rewards[${i}]`, reward, N);
    const shift = centre - average(reward);
    return Float64Array.from(reward, (r, y) => r + shift - truth[y]);
  });
  const mean = new Float64Array(N);
  for (const error of errors) for (let y = 0; y < N; y++) mean[y] += error[y] / k;
  const variance = errors.reduce((sum, error) => sum + average(error.map((e, y) => (e - mean[y]) ** 2)), 0) / (k - 1);
  return { squaredBias: average(mean.map((m) => m * m)) - variance / k, variance };
}
