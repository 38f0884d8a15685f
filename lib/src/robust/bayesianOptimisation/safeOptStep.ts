import { checkFinite, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError, InfeasibleError } from "../../core/index.js";
import type { JointBeliefs } from "./gaussianProcess.js";

export interface SafeOptOptions {
  /** f at least so much is safe, in the unit of f. */
  threshold: number;
  /** How many standard deviations from the mean the bounds are. */
  width: number;
  /** Noise of one measurement, a standard deviation. */
  noise: number;
  /** Points known to be safe, whatever is believed. */
  seed: readonly number[];
}

export interface SafeOptStep {
  /** The point to measure next: the most uncertain of maximisers and expanders. */
  choice: number;
  /** The points taken to be safe, in order: lower bound at least the threshold, and the seed. */
  safe: number[];
  /** Safe points that could be the best: upper bound at least the greatest lower bound of a safe point. */
  maximisers: number[];
  /** Safe points where measuring as high as the upper bound would make a new point safe. */
  expanders: number[];
  /** mean - width deviation and mean + width deviation, [n]. */
  lower: Float64Array;
  upper: Float64Array;
}

/**
 * One step of SafeOpt (Sui et al. 2015; the expanders by a look ahead, as Berkenkamp et al. 2016, arXiv:1602.04450):
 * only points whose lower bound is at least the threshold may be measured, and among them uncertainty is sought where
 * it can find the best or widen what is safe. How safe that is stands and falls with kernel and width (Fiedler et al.
 * 2024).
 * @throws InfeasibleError if no point is safe to begin with; DomainError for a seed that is no point, a width or noise
 *   below 0, a threshold that is not finite
 */
export function safeOptStep(beliefs: JointBeliefs, options: SafeOptOptions): SafeOptStep {
  const { mean, deviation } = beliefs;
  const { threshold, width, noise, seed } = options;
  const n = mean.length;
  checkFinite("threshold", threshold);
  checkNonNegative("width", width);
  checkNonNegative("noise", noise);
  for (const i of seed) {
    if (!(Number.isInteger(i) && i >= 0 && i < n)) {
      throw new DomainError(complaint("seed", `points, 0 to ${n - 1}`, seed));
    }
  }
  const lower = mean.map((m, i) => m - width * deviation[i]);
  const upper = mean.map((m, i) => m + width * deviation[i]);
  const isSafe = Array.from(lower, (low, i) => low >= threshold || seed.includes(i));
  const safe = isSafe.flatMap((yes, i) => (yes ? [i] : []));
  if (safe.length === 0) {
    throw new InfeasibleError(
      `safeOptStep: no point is known to be safe (f of at least ${threshold}), so none may be measured. Give a seed`,
    );
  }
  const best = safe.reduce((most, i) => Math.max(most, lower[i]), Number.NEGATIVE_INFINITY);
  const maximisers = safe.filter((i) => upper[i] >= best);
  const expanders = safe.filter((i) => expands(beliefs, isSafe, i, options));
  const choice = [...maximisers, ...expanders].reduce((widest, i) => (deviation[i] > deviation[widest] ? i : widest));
  return { choice, safe, maximisers, expanders, lower, upper };
}

/** Whether measuring the upper bound at x would take the lower bound of an unsafe point to the threshold. */
function expands(
  { mean, deviation, covariance }: JointBeliefs,
  isSafe: readonly boolean[],
  x: number,
  { threshold, width, noise }: SafeOptOptions,
): boolean {
  const n = mean.length;
  const variance = covariance[x * n + x] + noise * noise;
  if (!(variance > 0)) return false;
  for (let i = 0; i < n; i++) {
    if (isSafe[i]) continue;
    const shared = covariance[i * n + x];
    const then = mean[i] + (shared * width * deviation[x]) / variance;
    const left = Math.sqrt(Math.max(covariance[i * n + i] - (shared * shared) / variance, 0));
    if (then - width * left >= threshold) return true;
  }
  return false;
}
