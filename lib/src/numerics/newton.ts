import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { ConvergenceError, DivergenceError, InterruptError, notebookHost } from "../core/index.js";
import { conjugateGradients, type LinearOperator } from "./conjugateGradients.js";
import { dot } from "./dot.js";
import { largest } from "./largest.js";

/** A smooth function to be maximised. */
export interface Concave {
  value(at: Float64Array): number;
  /** The vector of first derivatives, length n. */
  gradient(at: Float64Array): Float64Array;
  /**
   * A symmetric positive definite n x n matrix that says how sharply the function bends down: minus the
   * Hessian (Newton's method) or the expected information (Fisher scoring). Where it is only semi-definite a
   * multiple of the identity is added. A large one is better given as an operator: then each step solves its
   * equations by conjugate gradients.
   */
  curvature(at: Float64Array): Matrix | LinearOperator;
}

export interface NewtonOptions {
  /**
   * Stop when about this much is left to go in each parameter, in its unit: a step of Newton's method squares the
   * error, so that this is so after a step of sqrt(tolerance). Default 1e-12.
   */
  tolerance?: number;
  /** [n] what counts as a step of size 1 in each parameter. Default 1: right for log-odds. */
  unit?: ArrayLike<number>;
  /** How much data the value is a sum over, such as the total weight of all answers. Default 1. */
  weight?: number;
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

export interface NewtonMaximum extends Maximum {
  /**
   * Whether the value rose without end, only ever more slowly: nothing was left to gain, and yet the last step was as
   * long as ever (more than 1e-3 units). Right at a maximum only a parameter that one in 1e18 of the data knows about
   * could still move so far.
   */
  ranAway: boolean;
  /**
   * Whether the curvature was singular at the last step, so that along some direction nothing but its
   * repair bounded the step.
   */
  singular: boolean;
}

/** In units: shorter steps are what is left before a maximum, longer ones lead away. */
const LONG = 1e-3;

/**
 * Newton's method with a backtracking line search (Nocedal and Wright 2006, chapter 3): every step climbs.
 *
 * No tolerance is a size of the gradient, which would change with the unit of the data: all weights times 1e-12 or 1e12
 * give the same path. A step is small against the parameters' own units. A value has nothing left to gain when the step
 * promises less than 1e-24 for each unit of weight (twice the rise that it promises is the square of Newton's
 * decrement; Boyd and Vandenberghe 2004, section 9.5).
 * @throws ConvergenceError when the steps run out, or none climbs; DivergenceError at a value or
 *   gradient that is not a number
 */
export function newton(objective: Concave, start: ArrayLike<number>, options: NewtonOptions = {}): NewtonMaximum {
  const { tolerance = 1e-12, unit, weight = 1, iterations = 100, watch } = options;
  let at: Float64Array = Float64Array.from(start);
  let value = finite(objective.value(at), "value", 0);
  let gradient = objective.gradient(at);
  let gradientNorm = finite(largest(gradient), "gradient", 0);
  let lastStep = 0;
  for (let iteration = 0; ; iteration++) {
    if (notebookHost()?.interrupt.aborted) throw new InterruptError("newton: interrupted");
    watch?.(at, iteration);
    if (gradientNorm === 0) return { at, value, iterations: iteration, gradientNorm, ranAway: false, singular: false };
    if (iteration >= iterations) {
      throw new ConvergenceError(
        `newton: the last of ${iterations} steps still moved by ${lastStep.toPrecision(3)} (the root of the tolerance is ` +
          `${Math.sqrt(tolerance).toPrecision(3)}) and the ` +
          `gradient is ${gradientNorm.toPrecision(3)}. Allow more iterations, loosen the tolerance, or add a prior that bends ` +
          "the objective",
      );
    }
    const { step, repaired } = solve(objective.curvature(at), gradient);
    const promised = dot(gradient, step);
    lastStep = largest(unit ? step.map((move, i) => move / unit[i]) : step);
    const climbed = lineSearch(objective, at, value, promised, step, weight);
    if (climbed === undefined || lastStep === 0) {
      throw new ConvergenceError(
        `newton: at step ${iteration} the gradient is ${gradientNorm.toPrecision(3)}, but no step along it raises the value`,
      );
    }
    const moved = climbed.fraction * largest(step);
    // At the last of these the step is rounding error, and the gradient cannot get any smaller.
    const arrived = lastStep * lastStep <= tolerance || moved <= 1e-15 * largest(at);
    const spent = lastStep > LONG && promised <= 1e-24 * weight;
    at = climbed.at;
    value = climbed.value;
    gradient = objective.gradient(at);
    gradientNorm = finite(largest(gradient), "gradient", iteration + 1);
    if (!arrived && !spent) continue;
    watch?.(at, iteration + 1);
    return { at, value, iterations: iteration + 1, gradientNorm, ranAway: spent, singular: repaired };
  }
}

/** Halves the step until the value has climbed by a fair share of what the slope promises (Armijo's rule). */
function lineSearch(
  objective: Concave,
  at: Float64Array,
  value: number,
  promised: number,
  step: Float64Array,
  weight: number,
): { at: Float64Array; value: number; fraction: number } | undefined {
  const rounding = 1e-13 * (weight + Math.abs(value));
  for (let fraction = 1; fraction >= 1e-12; fraction /= 2) {
    const to = at.map((x, i) => x + fraction * step[i]);
    const there = objective.value(to);
    if (there >= value + 1e-4 * fraction * promised - rounding) return { at: to, value: there, fraction };
  }
  return undefined;
}

/** The solution of curvature * step = gradient, and whether the curvature had to be made positive definite for it. */
function solve(curvature: Matrix | LinearOperator, gradient: Float64Array): { step: Float64Array; repaired: boolean } {
  if ("times" in curvature) {
    const step = conjugateGradients(curvature, gradient);
    if (Number.isNaN(largest(step))) throw new DivergenceError("newton: the curvature holds a NaN or an Infinity");
    return { step, repaired: false };
  }
  const right = Matrix.columnVector(gradient);
  const diagonal = curvature.diagonal();
  const most = largest(diagonal) || 1;
  for (let ridge = 0; ; ridge = ridge === 0 ? 1e-12 : ridge * 100) {
    // Each parameter in proportion to its own curvature, where it has one: a ridge that is large for one
    // may be nothing for another.
    const added = Matrix.diag(diagonal.map((own) => ridge * (own > 0 ? own : most)));
    const cholesky = new CholeskyDecomposition(ridge === 0 ? curvature : Matrix.add(curvature, added));
    if (cholesky.isPositiveDefinite()) {
      return { step: Float64Array.from(cholesky.solve(right).to1DArray()), repaired: ridge > 0 };
    }
    if (ridge > 1e12) throw new DivergenceError("newton: the curvature matrix holds a NaN or an Infinity");
  }
}

function finite(value: number, what: string, iteration: number): number {
  if (Number.isFinite(value)) return value;
  throw new DivergenceError(`newton: the ${what} is ${value} at step ${iteration}`);
}
