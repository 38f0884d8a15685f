import { ConvergenceError, DivergenceError, InterruptError, notebookHost } from "../core/index.js";
import { dot } from "./dot.js";
import { largest } from "./largest.js";
import type { Maximum } from "./newton.js";
import { relativeGradient } from "./relativeGradient.js";

/** A smooth function to be maximised: returns the value at `at` and writes the gradient there, both of length n. */
export type ValueAndGradient = (at: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Stop when every component of the gradient is at most this times its weight, in size. Default 1e-8. */
  tolerance?: number;
  /**
   * [n] how much data pulls at each parameter, such as the total weight of the answers about it and the curvature of
   * its prior. Default 1 each. Then all of f and all weights times a number give the same path.
   */
  weight?: ArrayLike<number>;
  /** Give up after so many steps. Default 1000. */
  iterations?: number;
  /** How many past steps the curvature is learned from. Default 10. */
  memory?: number;
  /** Return what was reached, instead of throwing, when the iterations run out. */
  mayStopEarly?: boolean;
}

export interface LbfgsMaximum extends Maximum {
  /** Whether the gradient got below the tolerance; otherwise the iterations ran out, or rounding stopped the climb. */
  converged: boolean;
}

/**
 * Limited-memory BFGS with Armijo backtracking (Nocedal and Wright 2006, algorithms 7.4 and 7.5): for many parameters,
 * where a matrix of second derivatives does not fit. Steps that teach no positive curvature are not remembered.
 * @throws ConvergenceError when the steps run out, DivergenceError at a value or gradient that is not a number
 */
export function lbfgs(f: ValueAndGradient, start: ArrayLike<number>, options: LbfgsOptions = {}): LbfgsMaximum {
  const { tolerance = 1e-8, iterations = 1000, memory = 10, mayStopEarly = false } = options;
  const n = start.length;
  const weight = options.weight ?? new Float64Array(n).fill(1);
  // What counts as 1 in the value: the first step is so long, and so much of a fall is rounding.
  const scale = largest(weight) || 1;
  let at: Float64Array = Float64Array.from(start);
  let slope: Float64Array = new Float64Array(n);
  let value = f(at, slope);
  const past: { step: Float64Array; change: Float64Array; scale: number }[] = [];

  for (let iteration = 0; ; iteration++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("lbfgs: interrupted");
    const gradientNorm = largest(slope);
    if (!Number.isFinite(value) || !Number.isFinite(gradientNorm)) {
      throw new DivergenceError(
        `lbfgs: the value is ${value} and the largest slope ${gradientNorm} at step ${iteration}`,
      );
    }
    const away = relativeGradient(slope, weight);
    const found = { at, value, iterations: iteration, gradientNorm, converged: away <= tolerance };
    if (found.converged) return found;
    if (iteration >= iterations) {
      if (mayStopEarly) return found;
      throw new ConvergenceError(
        `lbfgs: the gradient is still ${away.toPrecision(3)} (of its weight) after ${iterations} steps (tolerance ${tolerance})`,
      );
    }
    const direction = towards(slope, past);
    let rise = dot(direction, slope);
    if (!(rise > 0)) {
      // The memory misleads: forget it and climb straight up.
      past.length = 0;
      direction.set(slope);
      rise = dot(slope, slope);
    }
    // Up the slope of the value for each unit of weight, but at first not further than 1.
    let length = past.length === 0 ? Math.min(1 / scale, 1 / Math.sqrt(rise)) : 1;
    const next = new Float64Array(n);
    const nextSlope = new Float64Array(n);
    let nextValue = Number.NaN;
    let climbed = false;
    for (let halvings = 0; halvings < 40 && !climbed; halvings++, length /= 2) {
      for (let i = 0; i < n; i++) next[i] = at[i] + length * direction[i];
      nextValue = f(next, nextSlope);
      // Near the top a rise drowns in the value's rounding; there a slope that flattens is the sign of progress.
      const flatter = Math.abs(dot(direction, nextSlope)) <= 0.9 * rise;
      climbed =
        nextValue >= value + 1e-4 * length * rise ||
        (flatter && nextValue >= value - 1e-12 * (scale + Math.abs(value)));
    }
    if (!climbed) {
      // Rounding is all that is left, unless the memory misleads.
      if (past.length === 0) return found;
      past.length = 0;
      continue;
    }
    const step = next.map((x, i) => x - at[i]);
    const change = slope.map((x, i) => x - nextSlope[i]);
    const curvature = dot(step, change);
    if (curvature > 1e-12 * Math.sqrt(dot(step, step) * dot(change, change))) {
      past.push({ step, change, scale: 1 / curvature });
      if (past.length > memory) past.shift();
    }
    at = next;
    slope = nextSlope;
    value = nextValue;
  }
}

/** The two-loop recursion: an approximate inverse of minus the Hessian, times the slope. */
function towards(
  slope: Float64Array,
  past: { step: Float64Array; change: Float64Array; scale: number }[],
): Float64Array {
  const direction = slope.slice();
  const weights = new Float64Array(past.length);
  for (let k = past.length - 1; k >= 0; k--) {
    const { step, change, scale } = past[k];
    weights[k] = scale * dot(step, direction);
    for (let i = 0; i < direction.length; i++) direction[i] -= weights[k] * change[i];
  }
  const last = past.at(-1);
  if (last) {
    const size = 1 / (last.scale * dot(last.change, last.change));
    for (let i = 0; i < direction.length; i++) direction[i] *= size;
  }
  for (let k = 0; k < past.length; k++) {
    const { step, change, scale } = past[k];
    const correction = weights[k] - scale * dot(change, direction);
    for (let i = 0; i < direction.length; i++) direction[i] += correction * step[i];
  }
  return direction;
}
