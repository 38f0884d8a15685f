import { checkCount, checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/** Where on the way from baseline to input the gradient is read. */
export type PathRule = "midpoint" | "left" | "right" | "trapezoid";

/** Places in [0, 1] and their weights, which add up to 1. @throws DomainError for a rule that is none */
export function pathPoints(steps: number, rule: PathRule = "midpoint"): { at: number; weight: number }[] {
  checkCount("steps", steps);
  const even = (shift: number) =>
    Array.from({ length: steps }, (_, k) => ({ at: (k + shift) / steps, weight: 1 / steps }));
  if (rule === "midpoint") return even(0.5);
  if (rule === "left") return even(0);
  if (rule === "right") return even(1);
  if (rule === "trapezoid") {
    return Array.from({ length: steps + 1 }, (_, k) => {
      return { at: k / steps, weight: (k === 0 || k === steps ? 0.5 : 1) / steps };
    });
  }
  throw new DomainError(complaint("rule", "midpoint, left, right or trapezoid", rule));
}

/**
 * Integrated gradients: (x_i - x0_i) times the mean of df/dx_i on the straight way from the baseline x0 to x
 * (Sundararajan et al. 2017, arXiv:1703.01365). They are *complete*: their sum is f(x) - f(x0), as far as `steps` and
 * the rule integrate well. `gradient(x)` is df/dx at x, [n].
 * @throws ShapeError, DomainError if x, the baseline or a gradient is not n finite numbers, or steps cannot be
 * @example integratedGradients(([x]) => [2 * x], [3], [1]) // [8]
 */
export function integratedGradients(
  gradient: (x: Float64Array) => ArrayLike<number>,
  x: ArrayLike<number>,
  baseline: ArrayLike<number>,
  { steps = 100, rule = "midpoint" }: { steps?: number; rule?: PathRule } = {},
): Float64Array {
  checkNumbers("x", x, x.length);
  checkNumbers("baseline", baseline, x.length);
  const sum = new Float64Array(x.length);
  for (const { at, weight } of pathPoints(steps, rule)) {
    const slope = gradient(Float64Array.from(x, (value, i) => baseline[i] + at * (value - baseline[i])));
    checkNumbers("gradient", slope, x.length);
    for (let i = 0; i < x.length; i++) sum[i] += weight * slope[i];
  }
  return sum.map((mean, i) => mean * (x[i] - baseline[i]));
}

/**
 * Gradient times input, x_i df/dx_i: complete, with baseline 0, only where f is homogeneous of degree one in every
 * scale (a ReLU network without biases), and cheap. @throws ShapeError, DomainError if a gradient is not n finite
 * numbers
 * @example gradientTimesInput(([x]) => [2 * x], [3]) // [18]
 */
export function gradientTimesInput(
  gradient: (x: Float64Array) => ArrayLike<number>,
  x: ArrayLike<number>,
): Float64Array {
  checkNumbers("x", x, x.length);
  const slope = gradient(Float64Array.from(x));
  checkNumbers("gradient", slope, x.length);
  return Float64Array.from(x, (value, i) => value * slope[i]);
}
