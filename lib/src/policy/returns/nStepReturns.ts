import { checkSeries, checkSteps, type Discount, discounts } from "./inputs.js";

export interface NStepOptions {
  /** How many rewards are taken as they came before the critic is asked; Infinity for Monte Carlo. */
  n: number;
  discount: Discount;
}

/**
 * n-step returns of one sequence of T rewards, [T]:
 * G_t = r_t + gamma_t r_(t+1) + ... + (gamma_t ... gamma_(t+n-1)) V_(t+n).
 * Where fewer than n rewards are left, all of them and the last value, which stands for what comes after the sequence:
 * 0 at a true end. n = 1 is the target of TD(0), n >= T with a last value of 0 is Monte Carlo. values [T + 1]; V_0 is
 * not read. Sutton and Barto 2018, chapter 7.
 * @throws ShapeError if there is not one value more than rewards; DomainError unless n is a whole number of at least
 *   1 (or Infinity), or for numbers that are not finite
 * @example nStepReturns([0, 0, 1], [0.2, 0.4, 0.8, 0], { n: 2, discount: 1 }) // [0.8, 1, 1]
 */
export function nStepReturns(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { n, discount }: NStepOptions,
): Float64Array {
  checkSeries(rewards, values);
  checkSteps(n);
  const T = rewards.length;
  const gamma = discounts(discount, T);
  const out = new Float64Array(T);
  for (let t = 0; t < T; t++) {
    const end = Math.min(t + n, T);
    let sum = values[end];
    for (let u = end - 1; u >= t; u--) sum = rewards[u] + gamma[u] * sum;
    out[t] = sum;
  }
  return out;
}

/**
 * n-step advantages, G_t - V_t, [T]: what A2C drives the actor with (Mnih et al. 2016, arXiv:1602.01783). n = 1 is the
 * TD error, n >= T the return minus the critic.
 * @throws as `nStepReturns`
 */
export function nStepAdvantages(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  options: NStepOptions,
): Float64Array {
  return nStepReturns(rewards, values, options).map((target, t) => target - values[t]);
}
