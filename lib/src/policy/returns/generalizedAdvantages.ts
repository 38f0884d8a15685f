import { checkShare } from "../../core/checks.js";
import { checkSeries, discounts } from "./inputs.js";
import type { LambdaOptions } from "./lambdaReturns.js";

/** TD errors delta_t = r_t + gamma_t V_(t+1) - V_t, [T]: how much better step t went than the critic had expected. */
export function temporalDifferences(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  discount: LambdaOptions["discount"],
): Float64Array {
  checkSeries(rewards, values);
  const gamma = discounts(discount, rewards.length);
  return Float64Array.from(rewards, (reward, t) => reward + gamma[t] * values[t + 1] - values[t]);
}

/**
 * Generalised advantage estimates, A_t = delta_t + gamma_t lambda A_(t+1), [T]: TD errors, summed with weights that
 * fade by gamma lambda; the lambda-return minus V_t. lambda 0 is the TD error, lambda 1 the return minus the critic.
 * rewards [T], values [T + 1], the last one 0 at a true end. Schulman et al. 2015, arXiv:1506.02438.
 * @throws ShapeError if there is not one value more than rewards; DomainError for lambda or a discount outside [0, 1]
 * @example generalizedAdvantages([0, 0, 1], [0.2, 0.4, 0.8, 0], { discount: 1, lambda: 0.5 }) // [0.45, 0.5, 0.2]
 */
export function generalizedAdvantages(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { discount, lambda }: LambdaOptions,
): Float64Array {
  checkShare("lambda", lambda);
  const out = temporalDifferences(rewards, values, discount);
  const gamma = discounts(discount, out.length);
  for (let t = out.length - 2; t >= 0; t--) out[t] += gamma[t] * lambda * out[t + 1];
  return out;
}
