import { checkDelta, checkSample, checkSize } from "./checks.js";

/**
 * How flat the logistic curve can get: gamma = 1 / (2 + exp(range) + exp(-range)) = sigmoid'(range), where no margin
 * exceeds `range` (||theta|| times the length of the longest difference). It shrinks like exp(-range): when one answer
 * is always preferred, asking again teaches nothing about by how much.
 * @throws DomainError if range < 0
 */
export function logisticCurvature(range: number): number {
  checkSize("range", range);
  return 1 / (2 + Math.exp(range) + Math.exp(-range));
}

/** The setting of `estimationBound`. */
export interface EstimationSetting {
  /** How many independent comparisons. */
  n: number;
  /** d, the number of weights. */
  width: number;
  /**
   * B: true and fitted weights have at most this length; the fit is the best of that ball (`linearReward.fitInBall`).
   */
  norm: number;
  /** The length of the longest chosen - rejected. */
  radius: number;
  delta: number;
  /** lambda of the norm in which the error is measured; 0 by default, then Sigma should have full rank. */
  lambda?: number;
}

/**
 * How far fitted weights can be from the true ones:
 *
 *   ||theta_hat - theta*||_{Sigma + lambda I}
 *       <= (1 / (2 gamma)) sqrt((d + 2 sqrt(d ln(1/delta)) + 2 ln(1/delta)) / n) + 2 sqrt(lambda) B
 *
 * with probability 1 - delta over the labels, Sigma = mean of x x' over the n differences,
 * gamma = logisticCurvature(norm radius). Conditions: labels follow the model, independently; both weight
 * vectors within the ball.
 *
 * Zhu, Jordan and Jiao 2023, arXiv:2301.11270, lemma 3.1, state it with a constant that they leave open. This is
 * their proof with the constants written out: strong convexity gives gamma e^2 <= g e + 4 gamma lambda B^2 for the
 * error e and the gradient's dual norm g at theta*; the gradient is a sum of labels minus their probabilities,
 * sub-Gaussian with variance 1/4, so Hsu, Kakade and Zhang 2012 (arXiv:1110.2842) bound g^2 by (d + 2 sqrt(d
 * ln(1/delta)) + 2 ln(1/delta)) / (4 n).
 * @throws DomainError if a number is outside its range
 */
export function estimationBound({ n, width, norm, radius, delta, lambda = 0 }: EstimationSetting): number {
  checkSample(n);
  checkSample(width);
  checkDelta(delta);
  checkSize("norm", norm, true);
  checkSize("radius", radius, true);
  checkSize("lambda", lambda);
  const log = Math.log(1 / delta);
  const spread = Math.sqrt((width + 2 * Math.sqrt(width * log) + 2 * log) / n);
  return spread / (2 * logisticCurvature(norm * radius)) + 2 * Math.sqrt(lambda) * norm;
}

/** A straight line through points on log axes: y = exp(intercept) x^slope. */
export interface PowerLaw {
  slope: number;
  /** Standard error of the slope, from the scatter around the line. */
  slopeError: number;
  intercept: number;
}

/**
 * Fits y = exp(intercept) x^slope by least squares of ln y on ln x.
 * @throws DomainError unless there are at least three points, all positive, with different x
 */
export function fitPowerLaw(x: ArrayLike<number>, y: ArrayLike<number>): PowerLaw {
  checkSample(x.length, 3);
  checkSample(y.length, x.length);
  const n = x.length;
  for (let i = 0; i < n; i++) {
    checkSize(`x[${i}]`, x[i], true);
    checkSize(`y[${i}]`, y[i], true);
  }
  const [u, v] = [Float64Array.from(x, Math.log), Float64Array.from(y, Math.log)];
  const [mu, mv] = [u, v].map((values) => values.reduce((a, b) => a + b) / n);
  let [uu, uv, rest] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    uu += (u[i] - mu) ** 2;
    uv += (u[i] - mu) * (v[i] - mv);
  }
  checkSize("spread of x", uu, true);
  const slope = uv / uu;
  const intercept = mv - slope * mu;
  for (let i = 0; i < n; i++) rest += (v[i] - intercept - slope * u[i]) ** 2;
  return { slope, slopeError: Math.sqrt(rest / (n - 2) / uu), intercept };
}
