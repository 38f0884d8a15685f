import { checkCount, checkPositive } from "../core/checks.js";
import { DivergenceError, InterruptError, notebookHost } from "../core/index.js";

export interface AdamDescentOptions {
  /** The size of a step: a number, or one for each step, from 0 on. */
  rate: number | ((step: number) => number);
  steps: number;
  /** Called after every step with the parameters, which it may change in place: to keep columns at length one, say. */
  after?(at: Float64Array, step: number): void;
}

/**
 * Adam (Kingma and Ba 2014, arXiv:1412.6980) on plain float64 arrays: goes down a function that `f` tells the value and
 * the gradient of, `f` writes the gradient for step 0, 1, ... into its second argument. It may be noisy, which `lbfgs`
 * cannot bear. beta1 0.9, beta2 0.999, epsilon 1e-8. Returns the last parameters; `start` stays as it is.
 * @throws DivergenceError naming the step whose value is not a number, DomainError for steps or a rate that cannot be
 * @example adamDescent((at, slope) => ((slope[0] = 2 * at[0]), at[0] ** 2), [1], { rate: 0.1, steps: 300 })[0] // 0.00
 */
export function adamDescent(
  f: (at: Float64Array, gradient: Float64Array, step: number) => number,
  start: ArrayLike<number>,
  { rate, steps, after }: AdamDescentOptions,
): Float64Array {
  checkCount("steps", steps, 0);
  if (typeof rate === "number") checkPositive("rate", rate);
  const at = Float64Array.from(start);
  const gradient = new Float64Array(at.length);
  const mean = new Float64Array(at.length);
  const square = new Float64Array(at.length);
  for (let step = 0; step < steps; step++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("adamDescent: interrupted");
    gradient.fill(0);
    const value = f(at, gradient, step);
    if (!Number.isFinite(value)) throw new DivergenceError(`adamDescent: the value is ${value} at step ${step}`);
    const now = typeof rate === "number" ? rate : rate(step);
    const scale = (now * Math.sqrt(1 - 0.999 ** (step + 1))) / (1 - 0.9 ** (step + 1));
    const small = 1e-8 * Math.sqrt(1 - 0.999 ** (step + 1));
    for (let i = 0; i < at.length; i++) {
      const g = gradient[i];
      mean[i] = 0.9 * mean[i] + 0.1 * g;
      square[i] = 0.999 * square[i] + 0.001 * g * g;
      at[i] -= (scale * mean[i]) / (Math.sqrt(square[i]) + small);
    }
    after?.(at, step);
  }
  return at;
}
