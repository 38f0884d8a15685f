import { CholeskyDecomposition, Matrix } from "ml-matrix";

/** The inverse of a symmetric positive definite matrix, [n, n]; undefined if it is not positive definite (to rounding). */
export function inversePositiveDefinite(matrix: Matrix): Matrix | undefined {
  const cholesky = new CholeskyDecomposition(matrix);
  return cholesky.isPositiveDefinite() ? cholesky.solve(Matrix.eye(matrix.rows)) : undefined;
}
