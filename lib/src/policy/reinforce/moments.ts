import { checkCount, checkLength, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import type { EnumeratedPolicy } from "./enumeratedPolicy.js";
import {
  addReplyGradient,
  addScore,
  type BatchCredit,
  type Credit,
  checkBatchBaseline,
  checkCredit,
  eachTouched,
} from "./estimate.js";

/** What an estimator gives on average, and how it scatters. */
export interface GradientMoments {
  /** Its expectation, [D]. */
  mean: Float64Array;
  /** The variance of each coordinate, [D]. */
  variance: Float64Array;
  /** Their sum, the trace of the covariance: E ||estimate - mean||^2. */
  totalVariance: number;
  /** The squared length of mean - exact gradient. */
  squaredBias: number;
  /**
   * totalVariance / ||exact gradient||^2. Of one reply it is McCandlish's "simple noise scale": the batch at which
   * noise is as long as the signal (arXiv:1812.06162). Infinity where the gradient is 0.
   */
  noiseToSignal: number;
}

export interface Sampling {
  /**
   * log-probability of each reply under what the replies are really drawn from, [N]; the policy's own when left out.
   */
  samplingLogProbs?: ArrayLike<number>;
  /** Multiply each reply's estimate by pi(y) / sampling(y). */
  importance?: boolean;
}

/**
 * The exact mean and variance of the estimate from one reply (`estimateGradient` of a batch of one), by going through
 * all replies. A batch of B has the same mean, and the variance divided by B.
 *
 * With `samplingLogProbs` the replies come from another distribution q, as they do with top-p, another temperature, or
 * an older policy. The mean is then sum_y q(y) (...): not the gradient, unless `importance` weights are used and q
 * writes all that the policy can write.
 * @throws ShapeError, DomainError as `estimateGradient`; if samplingLogProbs are no distribution
 */
export function gradientMoments(
  policy: EnumeratedPolicy,
  credit: Credit = {},
  sampling: Sampling = {},
): GradientMoments {
  checkCredit(policy, credit);
  const from = checkSampling(policy, sampling);
  const D = policy.logits.length;
  const [mean, second, one] = [new Float64Array(D), new Float64Array(D), new Float64Array(D)];
  for (let n = 0; n < from.length; n++) {
    // A reply that the policy cannot write has no score; its importance weight would be 0.
    if (from[n] === Number.NEGATIVE_INFINITY || policy.logProbs[n] === Number.NEGATIVE_INFINITY) continue;
    const probability = Math.exp(from[n]);
    const ratio = sampling.importance ? Math.exp(policy.logProbs[n] - from[n]) : 1;
    addReplyGradient(policy, n, credit, ratio, one);
    eachTouched(policy, n, (at) => {
      mean[at] += probability * one[at];
      second[at] += probability * one[at] * one[at];
      one[at] = 0; // also so that a row that comes by twice is counted once
    });
  }
  return moments(
    policy,
    mean,
    second.map((square, i) => Math.max(0, square - mean[i] * mean[i])),
  );
}

/**
 * The exact mean and variance of `estimateGradient` for a batch of B. For a baseline that the batch makes for itself
 * the variance is that of a sample covariance, coordinate by coordinate: with R the reward, mu its mean, s the score,
 *
 *   leave one out:  (1/B) { E[(R - mu)^2 s^2] - (B - 2)/(B - 1) g^2 + Var(R) E[s^2] / (B - 1) },
 *
 * and "batch mean" is (1 - 1/B) times that estimate.
 * @throws as `estimateGradient`
 */
export function batchMoments(policy: EnumeratedPolicy, B: number, credit: BatchCredit = {}): GradientMoments {
  checkCount("B", B);
  const { baseline, ...rest } = credit;
  if (typeof baseline !== "string") {
    const { mean, variance } = gradientMoments(policy, { ...rest, baseline });
    return moments(
      policy,
      mean,
      variance.map((v) => v / B),
    );
  }
  checkBatchBaseline(baseline, B, rest);
  if (B === 1) return moments(policy, new Float64Array(policy.logits.length), new Float64Array(policy.logits.length));
  if (rest.coordinateBaseline !== undefined) {
    throw new DomainError(
      complaint("coordinateBaseline", `none with the baseline "${baseline}"`, rest.coordinateBaseline),
    );
  }
  const centred = gradientMoments(policy, { baseline: policy.value });
  const fisher = scoreSecondMoment(policy);
  const spread = rewardVariance(policy);
  const g = policy.gradient;
  const shrink = baseline === "batch mean" ? 1 - 1 / B : 1;
  const variance = centred.variance.map((v, i) => {
    const fourth = v + g[i] * g[i]; // E[(R - mu)^2 s^2]
    return (shrink ** 2 * (fourth - ((B - 2) / (B - 1)) * g[i] * g[i] + (spread * fisher[i]) / (B - 1))) / B;
  });
  return moments(
    policy,
    g.map((x) => shrink * x),
    variance,
  );
}

/** E[s_i^2], [D]: the diagonal of the Fisher information. */
export function scoreSecondMoment(policy: EnumeratedPolicy): Float64Array {
  const [square, one] = [new Float64Array(policy.logits.length), new Float64Array(policy.logits.length)];
  policy.logProbs.forEach((logp, n) => {
    if (logp === Number.NEGATIVE_INFINITY) return;
    addScore(policy, n, () => 1, 1, one);
    eachTouched(policy, n, (at) => {
      square[at] += Math.exp(logp) * one[at] * one[at];
      one[at] = 0;
    });
  });
  return square;
}

/** The variance of the reward over replies. */
export function rewardVariance(policy: EnumeratedPolicy): number {
  let sum = 0;
  policy.logProbs.forEach((logp, n) => {
    if (logp > Number.NEGATIVE_INFINITY) sum += Math.exp(logp) * (policy.reward[n] - policy.value) ** 2;
  });
  return sum;
}

/**
 * How many independent estimates must be averaged until the root mean square error is `relativeError` of the gradient's
 * length: totalVariance / (relativeError^2 ||gradient||^2), rounded up.
 * @throws DomainError unless variance >= 0, squared norm > 0, error > 0
 */
export function repliesNeeded(totalVariance: number, squaredNorm: number, relativeError: number): number {
  if (!(totalVariance >= 0)) throw new DomainError(complaint("totalVariance", "a number of at least 0", totalVariance));
  checkPositive("squaredNorm", squaredNorm);
  checkPositive("relativeError", relativeError);
  return Math.max(1, Math.ceil(totalVariance / (relativeError * relativeError * squaredNorm)));
}

function moments(policy: EnumeratedPolicy, mean: Float64Array, variance: Float64Array): GradientMoments {
  const totalVariance = variance.reduce((a, b) => a + b, 0);
  const signal = policy.gradient.reduce((sum, g) => sum + g * g, 0);
  const squaredBias = mean.reduce((sum, m, i) => sum + (m - policy.gradient[i]) ** 2, 0);
  const noiseToSignal = signal > 0 ? totalVariance / signal : Number.POSITIVE_INFINITY;
  return { mean, variance, totalVariance, squaredBias, noiseToSignal };
}

function checkSampling(policy: EnumeratedPolicy, { samplingLogProbs }: Sampling): ArrayLike<number> {
  if (samplingLogProbs === undefined) return policy.logProbs;
  const N = policy.logProbs.length;
  checkLength("samplingLogProbs", samplingLogProbs, N, "one per reply");
  let sum = 0;
  for (let n = 0; n < N; n++) sum += Math.exp(samplingLogProbs[n]);
  if (!(Math.abs(sum - 1) < 1e-6)) {
    throw new DomainError(complaint("samplingLogProbs", "log-probabilities that add up to 1", sum));
  }
  return samplingLogProbs;
}
