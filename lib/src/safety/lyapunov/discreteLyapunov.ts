import { inverse, Matrix, solve } from "ml-matrix";
import { checkCount, checkFinite, checkPositive } from "../../core/checks.js";
import { ConvergenceError, complaint, DomainError, ShapeError } from "../../core/index.js";

/** Rows of a matrix. */
export type Rows = readonly (readonly number[])[];

/**
 * P with A'PA - P = -Q, the discrete Lyapunov equation: (I - A' (x) A') vec P = vec Q, solved directly, O(n^6). If Q is
 * positive definite, P is so if and only if all eigenvalues of A lie inside the unit circle; then V(x) = x'Px falls by
 * x'Qx with every step x -> Ax. SciPy's `solve_discrete_lyapunov(a, q)` is this with A = a'.
 * @throws ShapeError unless A and Q are square and of one size; DomainError if two eigenvalues of A multiply to 1
 * @example discreteLyapunov([[0.5]], [[3]]) // [[4]]
 */
export function discreteLyapunov(A: Rows, Q: Rows): number[][] {
  const n = A.length;
  checkMatrix("A", A, n, n);
  checkMatrix("Q", Q, n, n);
  const system = Matrix.eye(n * n, n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++)
        for (let l = 0; l < n; l++)
          system.set(i * n + j, k * n + l, system.get(i * n + j, k * n + l) - A[k][i] * A[l][j]);
  let flat: number[];
  try {
    flat = solve(system, Matrix.columnVector(Q.flat())).to1DArray();
  } catch {
    flat = [Number.NaN];
  }
  if (!flat.every((x) => Math.abs(x) < 1e15)) {
    throw new DomainError(complaint("A", "a matrix without two eigenvalues whose product is 1", A));
  }
  return Array.from({ length: n }, (_, i) => flat.slice(i * n, (i + 1) * n));
}

/**
 * The linear regulator that costs least, x' = Ax + Bu, u = -Kx, sum x'Qx + u'Ru: P from the discrete Riccati equation
 *   P = Q + A'PA - A'PB K,   K = (R + B'PB)^-1 B'PA,
 * iterated from P = Q (value iteration; Bertsekas 2012, section 3.1). V(x) = x'Px is what the way home costs.
 * @throws ShapeError for other shapes; ConvergenceError if the system cannot be stabilised
 * @example discreteRiccati([[1]], [[1]], [[1]], [[1]]) // { K: [[0.618]], P: [[1.618]] }
 */
export function discreteRiccati(
  A: Rows,
  B: Rows,
  Q: Rows,
  R: Rows,
  { tolerance = 1e-13, iterations = 1e5 }: { tolerance?: number; iterations?: number } = {},
): { K: number[][]; P: number[][] } {
  const n = A.length;
  const m = R.length;
  checkMatrix("A", A, n, n);
  checkMatrix("B", B, n, m);
  checkMatrix("Q", Q, n, n);
  checkMatrix("R", R, m, m);
  checkPositive("tolerance", tolerance);
  checkCount("iterations", iterations);
  const [a, b, q, r] = [A, B, Q, R].map((rows) => new Matrix(rows.map((row) => [...row])));
  let P = q;
  for (let i = 0; i < iterations; i++) {
    const forward = b.transpose().mmul(P);
    const K = inverse(Matrix.add(r, forward.mmul(b))).mmul(forward.mmul(a));
    const next = Matrix.add(
      q,
      a
        .transpose()
        .mmul(P)
        .mmul(Matrix.sub(a, b.mmul(K))),
    );
    const moved = Matrix.sub(next, P).abs().max();
    if (!Number.isFinite(moved)) break;
    P = next;
    if (moved <= tolerance * (1 + P.clone().abs().max())) return { K: K.to2DArray(), P: P.to2DArray() };
  }
  throw new ConvergenceError(complaint("A, B", "a system that some u = -Kx stabilises", A));
}

/** x'Py. */
export function bilinear(P: Rows, x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < P.length; i++) for (let j = 0; j < P.length; j++) sum += x[i] * P[i][j] * y[j];
  return sum;
}

export function checkMatrix(what: string, rows: Rows, height: number, width: number): void {
  if (height === 0 || rows.length !== height || rows.some((row) => row.length !== width)) {
    throw new ShapeError(complaint(what, `${height} rows of ${width} numbers`, rows));
  }
  rows.forEach((row, i) => {
    row.forEach((x, j) => {
      checkFinite(`${what}[${i}][${j}]`, x);
    });
  });
}
