import { dot } from "./dot.js";

/** A symmetric positive definite n x n matrix, known by what it does to a vector. */
export interface LinearOperator {
  /** The matrix times v, as a new vector of length n. */
  times(v: Float64Array): Float64Array;
  /** About the matrix's diagonal, above 0: what the equations are scaled by. */
  readonly diagonal: Float64Array;
}

/**
 * Solves A x = right by conjugate gradients, scaled by the diagonal (Nocedal and Wright 2006, algorithm 5.3), from
 * x = 0: one multiplication a step and no matrix in memory. Stops when the residual has shrunk by `tolerance`, or after
 * `iterations`; what it then returns solves the equations on the directions seen so far, so that for a gradient on the
 * right it still points uphill.
 */
export function conjugateGradients(
  operator: LinearOperator,
  right: Float64Array,
  options: { tolerance?: number; iterations?: number } = {},
): Float64Array {
  const n = right.length;
  const { tolerance = 1e-8, iterations = 4 * n + 20 } = options;
  const { diagonal } = operator;
  const solution = new Float64Array(n);
  const residual = right.slice();
  const scaled = residual.map((value, i) => value / diagonal[i]);
  const direction = scaled.slice();
  let size = dot(residual, scaled);
  const enough = tolerance * tolerance * size;
  for (let iteration = 0; iteration < iterations && size > enough; iteration++) {
    const image = operator.times(direction);
    const bend = dot(direction, image);
    // Only rounding can bring this about.
    if (!(bend > 0)) break;
    const length = size / bend;
    for (let i = 0; i < n; i++) {
      solution[i] += length * direction[i];
      residual[i] -= length * image[i];
      scaled[i] = residual[i] / diagonal[i];
    }
    const next = dot(residual, scaled);
    for (let i = 0; i < n; i++) direction[i] = scaled[i] + (next / size) * direction[i];
    size = next;
  }
  return solution;
}
