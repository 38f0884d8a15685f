import { InterruptError, notebookHost } from "../core/index.js";

/**
 * Adam on plain float64 parameters (Kingma and Ba 2015, arXiv:1412.6980; 0.9 and 0.999), for small worlds.
 * `lossAt` may draw fresh samples at each step, by the step's number, which `lbfgs` could not bear. `rate` is one size
 * for all steps, or one for each. `watch` sees the parameters before each step and after the last, and may change them:
 * to keep them at length one, say.
 * @throws InterruptError when the reader interrupts
 */
export function adamDescent(
  start: ArrayLike<number>,
  lossAt: (at: Float64Array, step: number) => { gradient: ArrayLike<number> },
  {
    steps,
    rate,
    watch,
  }: { steps: number; rate: number | ((step: number) => number); watch?: (at: Float64Array, step: number) => void },
): Float64Array {
  const at = Float64Array.from(start);
  const [mean, square] = [new Float64Array(at.length), new Float64Array(at.length)];
  for (let step = 0; step < steps; step++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("adamDescent: interrupted");
    watch?.(at, step);
    const { gradient } = lossAt(at, step);
    const now = typeof rate === "number" ? rate : rate(step);
    const scale = (now * Math.sqrt(1 - 0.999 ** (step + 1))) / (1 - 0.9 ** (step + 1));
    for (let i = 0; i < at.length; i++) {
      mean[i] += 0.1 * (gradient[i] - mean[i]);
      square[i] += 0.001 * (gradient[i] * gradient[i] - square[i]);
      at[i] -= (scale * mean[i]) / (Math.sqrt(square[i]) + 1e-8);
    }
  }
  watch?.(at, steps);
  return at;
}
