import { checkAllFinite, type Discount, discounts } from "./inputs.js";

/**
 * Monte Carlo returns of one finished sequence, G_t = r_t + gamma_t G_(t+1) with G_n = 0, [n]: what really came after
 * step t, no critic asked. rewards [n]; discount one number or one per step. An empty sequence has no returns: [].
 * @throws ShapeError for another number of discounts; DomainError for a reward that is not finite or
 *   a discount outside [0, 1]
 * @example discountedReturns([0, 0, 1], 0.9) // [0.81, 0.9, 1]
 */
export function discountedReturns(rewards: ArrayLike<number>, discount: Discount): Float64Array {
  const n = rewards.length;
  checkAllFinite("rewards", rewards);
  const gamma = discounts(discount, n);
  const out = new Float64Array(n);
  let after = 0;
  for (let t = n - 1; t >= 0; t--) {
    after = rewards[t] + gamma[t] * after;
    out[t] = after;
  }
  return out;
}

/**
 * Reward-to-go, sum over u >= t of r_u, [n]: the undiscounted return, the usual one for texts. An action cannot change
 * what was paid before it, so the policy gradient may weigh step t by this instead of by the whole return.
 */
export function rewardToGo(rewards: ArrayLike<number>): Float64Array {
  return discountedReturns(rewards, 1);
}
