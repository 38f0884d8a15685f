import { checkCount, checkPositive } from "../../core/checks.js";
import { DivergenceError } from "../../core/index.js";
import { foldIn, type Key, normal, split } from "../../random/index.js";

export interface SgldOptions {
  /** Draws that are kept. */
  draws: number;
  /** Steps before the first; default 1000. */
  burnIn?: number;
  /** Steps from one draw to the next; default 1. */
  thin?: number;
  /** Size of a step: the posterior is exact as it goes to 0, and takes ever longer to walk through. */
  step: number;
}

/**
 * Stochastic gradient Langevin dynamics: t <- t + (step / 2) g + sqrt(step) e, e ~ N(0, I), where g is an unbiased
 * estimate of the gradient of the log-posterior, `estimate(key, at)`: of a minibatch, scaled up to all rows, and of the
 * prior. No draw is refused, so a step that is not small widens the answer, and so does the minibatch's own noise.
 * Returns the draws, [draws][d]. (Welling and Teh 2011, with a constant step.)
 * @throws DomainError for counts below 1 or a step not positive; DivergenceError where the walk leaves the numbers
 */
export function sgld(
  key: Key,
  estimate: (key: Key, at: Float64Array) => ArrayLike<number>,
  start: ArrayLike<number>,
  { draws, burnIn = 1000, thin = 1, step }: SgldOptions,
): number[][] {
  checkCount("draws", draws);
  checkCount("burnIn", burnIn, 0);
  checkCount("thin", thin);
  checkPositive("step", step);
  const [batchKey, noiseKey] = split(key);
  const at = Float64Array.from(start);
  const kept: number[][] = [];
  for (let t = 0; kept.length < draws; t++) {
    const slope = estimate(foldIn(batchKey, t), at);
    const noise = normal(foldIn(noiseKey, t), at.length);
    for (let i = 0; i < at.length; i++) at[i] += (step / 2) * slope[i] + Math.sqrt(step) * noise[i];
    if (!at.every(Number.isFinite)) {
      throw new DivergenceError(`sgld: step ${t} left the numbers. Take a smaller step than ${step}`);
    }
    if (t >= burnIn && (t - burnIn) % thin === 0) kept.push([...at]);
  }
  return kept;
}
