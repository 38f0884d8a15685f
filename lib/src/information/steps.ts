import { checkNonNegative, checkNumbers, checkPositive } from "../core/checks.js";
import { exactExpectation, logSumExp } from "../numerics/index.js";

/** Of a step on E R - beta KL(pi || ref): its rate eta, above 0, and the price beta of a nat, at least 0. */
export interface RegularisedStep {
  eta: number;
  beta: number;
}

/**
 * One step of mirror descent (prox) on E R - beta KL(pi || ref): log pi <- (log pi + eta (R + beta log ref)) / (1 + eta
 * beta), normalised. It stands still at the optimum, and the gap is beta KL(pi || pi*) all the way. beta = 0 is
 * multiplicative weights.
 */
export function regularisedMirrorStep(
  logPi: ArrayLike<number>,
  logRef: ArrayLike<number>,
  reward: ArrayLike<number>,
  { eta, beta }: RegularisedStep,
): Float64Array {
  checkStep(logPi, reward, { eta, beta });
  return normalised(
    logPi,
    (log, y) => (log + eta * (reward[y] + (beta === 0 ? 0 : beta * logRef[y]))) / (1 + eta * beta),
  );
}

/**
 * One natural gradient step on softmax logits: log pi <- log pi + eta (R - beta log(pi / ref)), normalised: each logit
 * moves by its own advantage.
 */
export function regularisedNaturalStep(
  logPi: ArrayLike<number>,
  logRef: ArrayLike<number>,
  reward: ArrayLike<number>,
  { eta, beta }: RegularisedStep,
): Float64Array {
  checkStep(logPi, reward, { eta, beta });
  const shaped = shapedReward(logPi, logRef, reward, beta);
  return normalised(logPi, (log, y) => log + eta * shaped[y]);
}

/**
 * One plain gradient step on softmax logits: log pi <- log pi + eta pi A, normalised, A the advantage of R - beta log(
 * pi / ref). A logit moves by pi times its advantage, and waits where pi is small.
 */
export function regularisedPlainStep(
  logPi: ArrayLike<number>,
  logRef: ArrayLike<number>,
  reward: ArrayLike<number>,
  { eta, beta }: RegularisedStep,
): Float64Array {
  checkStep(logPi, reward, { eta, beta });
  const shaped = shapedReward(logPi, logRef, reward, beta);
  const mean = exactExpectation(logPi, shaped);
  return normalised(logPi, (log, y) => log + eta * Math.exp(log) * (shaped[y] - mean));
}

function checkStep(logPi: ArrayLike<number>, reward: ArrayLike<number>, { eta, beta }: RegularisedStep): void {
  checkPositive("eta", eta);
  checkNonNegative("beta", beta);
  checkNumbers("reward", reward, logPi.length);
}

/** R - beta log(pi / ref); at beta = 0 the reference may be 0 anywhere. */
function shapedReward(
  logPi: ArrayLike<number>,
  logRef: ArrayLike<number>,
  reward: ArrayLike<number>,
  beta: number,
): Float64Array {
  return Float64Array.from(reward, (r, y) => r - (beta === 0 ? 0 : beta * (logPi[y] - logRef[y])));
}

/** The new logarithms, so that the probabilities add up to 1. */
function normalised(logPi: ArrayLike<number>, move: (log: number, y: number) => number): Float64Array {
  const next = Float64Array.from(logPi, move);
  const total = logSumExp(next);
  return next.map((log) => log - total);
}
