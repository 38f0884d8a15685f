import { checkDiscount, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * Potential-based shaping along one episode: F_t = discount Phi(s_{t+1}) - Phi(s_t), [T], from the potentials [T + 1]
 * of the states passed through, the first one included. Discounted and added up,
 *
 *   sum_t discount^t F_t = discount^T Phi(s_T) - Phi(s_0),
 *
 * so if the potential of every end is 0, every policy gains the same, -Phi(s_0), and the optimal policies stay. An
 * end with another potential is a reward of its own.
 * Ng, Harada and Russell 1999; for ends, Grzes 2017.
 * @throws DomainError if there are fewer than two potentials, one is not finite, or the discount is outside [0, 1]
 */
export function potentialShaping(potentials: ArrayLike<number>, { discount }: { discount: number }): Float64Array {
  if (potentials.length < 2) {
    throw new DomainError(complaint("potentials", "those of the first state and at least one more", potentials));
  }
  checkNumbers("potentials", potentials, potentials.length);
  checkDiscount(discount);
  return Float64Array.from({ length: potentials.length - 1 }, (_, t) => discount * potentials[t + 1] - potentials[t]);
}

/**
 * Rewards [T] with the shaping of `potentialShaping` added, [T].
 * @throws ShapeError unless there is one potential more than rewards; DomainError as `potentialShaping`
 */
export function shapedRewards(
  rewards: ArrayLike<number>,
  potentials: ArrayLike<number>,
  options: { discount: number },
): Float64Array {
  checkNumbers("potentials", potentials, rewards.length + 1);
  checkNumbers("rewards", rewards, rewards.length);
  return potentialShaping(potentials, options).map((extra, t) => rewards[t] + extra);
}
