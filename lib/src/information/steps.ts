import { checkFinite, checkNonNegative, checkNumbers, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { exactExpectation, exactKL, exactRegularisedOptimum, logSumExp } from "../numerics/index.js";

/**
 * One step of mirror descent (prox) on E R - beta KL(pi || ref): log pi <- (log pi + eta (R + beta log ref)) / (1 + eta
 * beta), normalised. It stands still at the optimum, and the gap is beta KL(pi || pi*) all the way. beta = 0 is
 * multiplicative weights.
 */
export function regularisedMirrorStep(
  logPi: ArrayLike<number>,
  logRef: ArrayLike<number>,
  reward: ArrayLike<number>,
  { eta, beta }: { eta: number; beta: number },
): Float64Array {
  checkPositive("eta", eta);
  checkNonNegative("beta", beta);
  checkNumbers("reward", reward, logPi.length);
  const next = Float64Array.from(
    logPi,
    (log, y) => (log + eta * (reward[y] + (beta === 0 ? 0 : beta * logRef[y]))) / (1 + eta * beta),
  );
  const total = logSumExp(next);
  return next.map((log) => log - total);
}

/**
 * One natural gradient step on softmax logits: log pi <- log pi + eta (R - beta log(pi / ref)), normalised: each logit
 * moves by its own advantage. (The plain gradient moves it by pi times the advantage, and waits where pi is small.)
 */
export function regularisedNaturalStep(
  logPi: ArrayLike<number>,
  logRef: ArrayLike<number>,
  reward: ArrayLike<number>,
  { eta, beta }: { eta: number; beta: number },
): Float64Array {
  checkPositive("eta", eta);
  checkNonNegative("beta", beta);
  checkNumbers("reward", reward, logPi.length);
  const next = Float64Array.from(
    logPi,
    (log, y) => log + eta * (reward[y] - (beta === 0 ? 0 : beta * (log - logRef[y]))),
  );
  const total = logSumExp(next);
  return next.map((log) => log - total);
}

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
