import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { checkCount, checkFinite, checkNonNegative, checkShare } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";

/**
 * The greatest gain at which b <- b + k (w - b of d rounds ago) still settles: 2 cos(d pi / (2 d + 1)) (Levin and May
 * 1976). At it the loop swings with a period of 2 (2 d + 1) rounds.
 * @example [0, 1, 2].map(criticalGain) // [2, 1, 0.618]
 */
export function criticalGain(delay: number): number {
  checkCount("delay", delay, 0);
  return 2 * Math.cos((delay * Math.PI) / (2 * delay + 1));
}

/** The greatest gain at which that loop does not overshoot: d^d / (d + 1)^(d + 1), 1 without delay. */
export function overshootGain(delay: number): number {
  checkCount("delay", delay, 0);
  return delay === 0 ? 1 : delay ** delay / (delay + 1) ** (delay + 1);
}

/**
 * The largest modulus of a root of z^n = c_0 z^(n-1) + ... + c_(n-1): below 1 the recursion x_t = sum c_i x_(t-1-i)
 * dies
 * out. By the eigenvalues of its companion matrix.
 */
export function spectralRadius(coefficients: readonly number[]): number {
  const n = coefficients.length;
  if (n === 0) throw new ShapeError(complaint("coefficients", "at least one", coefficients));
  coefficients.forEach((c, i) => {
    checkFinite(`coefficients[${i}]`, c);
  });
  const companion = Matrix.zeros(n, n);
  coefficients.forEach((c, i) => {
    companion.set(0, i, c);
    if (i > 0) companion.set(i, i - 1, 1);
  });
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(companion);
  return realEigenvalues.reduce((most, re, i) => Math.max(most, Math.hypot(re, imaginaryEigenvalues[i])), 0);
}

/** b after each round of b <- b + gain (wanted - b of `delay` rounds ago), from b = 0, [rounds + 1]. */
export function delayedLoop(gain: number, delay: number, rounds: number, wanted = 1): Float64Array {
  checkFinite("gain", gain);
  checkCount("delay", delay, 0);
  checkCount("rounds", rounds, 0);
  const b = new Float64Array(rounds + 1);
  for (let t = 0; t < rounds; t++) b[t + 1] = b[t] + gain * (wanted - (t >= delay ? b[t - delay] : 0));
  return b;
}

/** How fast a person moves towards the model (rho) and back to its own taste (kappa); the model follows (k). */
export interface CoadaptationRates {
  /** The model's rate towards the person. */
  k: number;
  /** The person's rate towards the model. */
  rho: number;
  /** The person's rate towards `anchor`; default 0. */
  kappa?: number;
  anchor?: number;
}

/**
 * Person theta and model b who adapt to each other: theta += rho (b - theta) + kappa (anchor - theta), b += k (theta -
 * b), both at once. Without an anchor k theta + rho b is conserved, and they meet at (k theta_0 + rho b_0) / (k + rho):
 * the faster learner is aligned to the slower one. [steps + 1] of each.
 */
export function coadaptation(
  start: { theta: number; b: number },
  { k, rho, kappa = 0, anchor = start.theta }: CoadaptationRates,
  steps: number,
): { theta: Float64Array; b: Float64Array } {
  checkShare("k", k);
  checkShare("rho", rho);
  checkNonNegative("kappa", kappa);
  checkCount("steps", steps, 0);
  const [theta, b] = [new Float64Array(steps + 1), new Float64Array(steps + 1)];
  [theta[0], b[0]] = [start.theta, start.b];
  for (let t = 0; t < steps; t++) {
    theta[t + 1] = theta[t] + rho * (b[t] - theta[t]) + kappa * (anchor - theta[t]);
    b[t + 1] = b[t] + k * (theta[t] - b[t]);
  }
  return { theta, b };
}
