import { CholeskyDecomposition, Matrix } from "ml-matrix";

/**
 * The inverse of a symmetric positive definite matrix, [n, n]; undefined if it is not positive definite (to
 * rounding). O(n^3), row by row over plain arrays: ml-matrix solves column by column, which takes minutes where this
 * takes seconds (n = 1500).
 */
export function inversePositiveDefinite(matrix: Matrix): Matrix | undefined {
  const cholesky = new CholeskyDecomposition(matrix);
  if (!cholesky.isPositiveDefinite()) return undefined;
  const n = matrix.rows;
  const lower = cholesky.lowerTriangularMatrix.to2DArray().map((row) => Float64Array.from(row));
  // Row i of the inverse of L, by forward substitution: e_i less the rows above, each times L_ij.
  const rows: Float64Array[] = [];
  for (let i = 0; i < n; i++) {
    const row = new Float64Array(i + 1);
    for (let j = 0; j < i; j++) addTimes(row, rows[j], -lower[i][j]);
    row[i] = 1;
    for (let c = 0; c <= i; c++) row[c] /= lower[i][i];
    rows.push(row);
  }
  // The inverse of L L' is the sum over rows r of that inverse of r r'.
  const inverse = Array.from({ length: n }, () => new Float64Array(n));
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) addTimes(inverse[i], row, row[i], i + 1);
  }
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) inverse[i][j] = inverse[j][i];
  return new Matrix(inverse);
}

/** to += times * row, over the first `count` entries. */
function addTimes(to: Float64Array, row: Float64Array, times: number, count = row.length): void {
  if (times === 0) return;
  for (let c = 0; c < count; c++) to[c] += times * row[c];
}
