import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { ConvergenceError, DivergenceError, InterruptError, notebookHost } from "../core/index.js";
import { conjugateGradients, type LinearOperator } from "./conjugateGradients.js";

/** A smooth function to be maximised. */
export interface Concave {
  value(at: Float64Array): number;
  /** The vector of first derivatives, length n. */
  gradient(at: Float64Array): Float64Array;
  /**
   * A symmetric positive definite n x n matrix that says how sharply the function bends down: minus the Hessian (Newton's
   * method) or the expected information (Fisher scoring). Where it is only semi-definite a multiple of the identity is added.
   * A large one is better given as an operator: then each step solves its equations by conjugate gradients.
   */
  curvature(at: Float64Array): Matrix | LinearOperator;
}

export interface NewtonOptions {
  /** Stop when every component of the gradient is at most this in size. */
  tolerance?: number;
  /** Give up after so many steps. */
  iterations?: number;
  /** Called before every step and at the end, for pictures of the path. */
  watch?: (at: Float64Array, iteration: number) => void;
}

export interface Maximum {
  at: Float64Array;
  value: number;
  iterations: number;
  /** The largest component of the gradient, in size. */
  gradientNorm: number;
}

/**
 * Newton's method with a backtracking line search (Nocedal and Wright 2006, chapter 3): every step climbs.
 * @throws ConvergenceError when the steps run out; DivergenceError at a value or gradient that is not a number
 */
export function newton(objective: Concave, start: ArrayLike<number>, options: NewtonOptions = {}): Maximum {
  const { tolerance = 1e-10, iterations = 100, watch } = options;
  let at: Float64Array = Float64Array.from(start);
  let value = finite(objective.value(at), "value", 0);
  for (let iteration = 0; ; iteration++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("newton: interrupted");
    watch?.(at, iteration);
    const gradient = objective.gradient(at);
    const gradientNorm = finite(largest(gradient), "gradient", iteration);
    if (gradientNorm <= tolerance) return { at, value, iterations: iteration, gradientNorm };
    if (iteration >= iterations) {
      throw new ConvergenceError(
        `newton: the gradient is still ${gradientNorm.toPrecision(3)} after ${iterations} steps ` +
          `(tolerance ${tolerance}). Allow more iterations, loosen the tolerance, or add a prior that bends the objective`,
      );
    }
    const step = solve(objective.curvature(at), gradient);
    const climbed = lineSearch(objective, at, value, gradient, step);
    const moved = largest(step) * climbed.fraction;
    at = climbed.at;
    value = climbed.value;
    // Below this the step is rounding error, and the gradient cannot get any smaller.
    if (moved <= 1e-14 * (1 + largest(at))) {
      return { at, value, iterations: iteration + 1, gradientNorm: largest(objective.gradient(at)) };
    }
  }
}

/** Halves the step until the value has climbed by a fair share of what the slope promises (Armijo's rule). */
function lineSearch(objective: Concave, at: Float64Array, value: number, gradient: Float64Array, step: Float64Array) {
  let slope = 0;
  for (let i = 0; i < at.length; i++) slope += gradient[i] * step[i];
  const rounding = 1e-13 * (1 + Math.abs(value));
  for (let fraction = 1; ; fraction /= 2) {
    const to = at.map((x, i) => x + fraction * step[i]);
    const there = objective.value(to);
    if (there >= value + 1e-4 * fraction * slope - rounding) return { at: to, value: there, fraction };
    if (fraction < 1e-12) return { at, value, fraction: 0 };
  }
}

function solve(curvature: Matrix | LinearOperator, gradient: Float64Array): Float64Array {
  if ("times" in curvature) {
    const step = conjugateGradients(curvature, gradient);
    if (Number.isNaN(largest(step))) throw new DivergenceError("newton: the curvature holds a NaN or an Infinity");
    return step;
  }
  const right = Matrix.columnVector(gradient);
  const n = gradient.length;
  let diagonal = 0;
  for (let i = 0; i < n; i++) diagonal = Math.max(diagonal, Math.abs(curvature.get(i, i)));
  for (let ridge = 0; ; ridge = ridge === 0 ? 1e-12 : ridge * 100) {
    const matrix = ridge === 0 ? curvature : Matrix.add(curvature, Matrix.eye(n, n, ridge * (diagonal || 1)));
    const cholesky = new CholeskyDecomposition(matrix);
    if (cholesky.isPositiveDefinite()) return Float64Array.from(cholesky.solve(right).to1DArray());
    if (ridge > 1e12) throw new DivergenceError("newton: the curvature matrix holds a NaN or an Infinity");
  }
}

function largest(values: Float64Array): number {
  let size = 0;
  for (const value of values) {
    if (Number.isNaN(value)) return Number.NaN;
    size = Math.max(size, Math.abs(value));
  }
  return size;
}

function finite(value: number, what: string, iteration: number): number {
  if (Number.isFinite(value)) return value;
  throw new DivergenceError(`newton: the ${what} is ${value} at step ${iteration}`);
}
