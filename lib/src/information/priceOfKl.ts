import { checkFinite, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { exactExpectation, exactKL, exactRegularisedOptimum } from "../numerics/index.js";

/**
 * The price of a nat: the greatest E R within KL(pi || ref) <= kappa, and the beta that reaches it, by bisection on the
 * dual min_beta beta ln Z(beta) + beta kappa. d value / d kappa = beta.
 * @throws DomainError unless 0 < kappa < the KL of the best replies alone: beyond it nats are free
 */
export function priceOfKl(
  logRef: ArrayLike<number>,
  reward: ArrayLike<number>,
  kappa: number,
): { beta: number; value: number; logProbs: Float64Array } {
  checkPositive("kappa", kappa);
  for (let y = 0; y < reward.length; y++) checkFinite(`reward[${y}]`, reward[y]);
  const at = (logBeta: number) => exactRegularisedOptimum(logRef, reward, Math.exp(logBeta)).logProbs;
  let [low, high] = [Math.log(1e-4), Math.log(1e6)];
  const farthest = exactKL(at(low), logRef);
  if (!(kappa < farthest)) {
    throw new DomainError(complaint("kappa", `below ${farthest}, the KL of the best replies alone`, kappa));
  }
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (exactKL(at(middle), logRef) > kappa) low = middle;
    else high = middle;
  }
  const logProbs = at(high);
  return { beta: Math.exp(high), value: exactExpectation(logProbs, reward), logProbs };
}
