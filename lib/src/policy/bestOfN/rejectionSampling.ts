import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type Key, uniform } from "../../random/index.js";

export interface RejectionOptions {
  /** beta of the optimum that is to be sampled, in units of reward for a nat. */
  readonly beta: number;
  /** A reward that no outcome exceeds. */
  readonly bound: number;
}

/**
 * log of the probability to keep each outcome, (reward - bound) / beta, [N]: what is kept of samples from ref is
 * distributed as ref exp(reward / beta) / Z, the KL-regularised optimum, exactly (von Neumann 1951; for language
 * models Liu et al. 2023, arXiv:2309.06657). The share that is kept is Z exp(-bound / beta), so that a small beta
 * costs exponentially many samples.
 * @throws DomainError unless beta > 0, or for a reward above the bound
 */
export function acceptanceLogProbs(rewards: ArrayLike<number>, { beta, bound }: RejectionOptions): Float64Array {
  checkPositive("beta", beta);
  return Float64Array.from(rewards, (reward, i) => {
    if (reward <= bound) return (reward - bound) / beta;
    const hint = "Rejection sampling needs a true bound; the largest reward of a batch is none";
    throw new DomainError(complaint(`rewards[${i}]`, `at most the bound ${bound}`, reward, hint));
  });
}

/** The rows that are kept, in order. @throws as `acceptanceLogProbs` */
export function rejectionSample(key: Key, rewards: ArrayLike<number>, options: RejectionOptions): Int32Array {
  const probabilities = acceptanceLogProbs(rewards, options);
  const noise = uniform(key, rewards.length);
  return Int32Array.from(noise.keys()).filter((i) => noise[i] < Math.exp(probabilities[i]));
}
