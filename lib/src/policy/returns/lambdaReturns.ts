import { checkShare } from "../../core/checks.js";
import { checkSeries, type Discount, discounts } from "./inputs.js";

export interface LambdaOptions {
  /** In [0, 1]: 0 asks the critic after one step, 1 never before the end. */
  lambda: number;
  discount: Discount;
}

/**
 * Lambda-returns, the forward view of TD(lambda), [T]: the n-step returns averaged with weights (1 - lambda)
 * lambda^(n-1), what is left over on the last one. Backwards in one pass,
 * G_t = r_t + gamma_t ((1 - lambda) V_(t+1) + lambda G_(t+1)), G_T = V_T.
 * rewards [T], values [T + 1], the last one 0 at a true end; V_0 is not read. lambda 0 is one step, 1 is Monte Carlo.
 * Sutton 1988; Sutton and Barto 2018, chapter 12.
 * @throws ShapeError if there is not one value more than rewards; DomainError for lambda or a discount outside [0, 1]
 */
export function lambdaReturns(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { lambda, discount }: LambdaOptions,
): Float64Array {
  checkSeries(rewards, values);
  checkShare("lambda", lambda);
  const T = rewards.length;
  const gamma = discounts(discount, T);
  const out = new Float64Array(T);
  let after = values[T];
  for (let t = T - 1; t >= 0; t--) {
    after = rewards[t] + gamma[t] * ((1 - lambda) * values[t + 1] + lambda * after);
    out[t] = after;
  }
  return out;
}
