import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * The sparse form of a reward for a whole reply of `length` tokens: 0, ..., 0, reward, [length].
 * @throws DomainError for an empty reply: there is no token that could carry the reward
 */
export function sparseRewards(reward: number, length: number): Float64Array {
  if (!(Number.isInteger(length) && length >= 1)) {
    throw new DomainError(
      complaint("length", "at least one token", length, "An empty completion has no token to carry the reward"),
    );
  }
  checkNumbers("reward", [reward], 1);
  const rewards = new Float64Array(length);
  rewards[length - 1] = reward;
  return rewards;
}

/**
 * The dense form of a score that can be read off unfinished replies: r_t = score(y_1..t) - score(y_1..t-1), [T],
 * from the scores [T + 1] of the prefixes, the empty one first. Their sum is score(y) - score(empty): the same
 * reward, told earlier. It is potential-based shaping of the sparse form, with discount 1 and the score as potential
 * of every prefix but the last.
 * @throws DomainError if there are fewer than two scores, or one is not finite
 */
export function denseRewards(prefixScores: ArrayLike<number>): Float64Array {
  if (prefixScores.length < 2) {
    throw new DomainError(complaint("prefixScores", "those of the empty prefix and at least one token", prefixScores));
  }
  checkNumbers("prefixScores", prefixScores, prefixScores.length);
  return Float64Array.from({ length: prefixScores.length - 1 }, (_, t) => prefixScores[t + 1] - prefixScores[t]);
}
