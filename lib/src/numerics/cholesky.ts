// Triangular matrices by rows in one list, [n * n]: several times quicker than a matrix of rows for n of hundreds.

/**
 * The lower triangle L of a symmetric matrix L L' = A, by rows [n * n] (only A's lower triangle is read; zeros above),
 * or undefined if A is not positive definite to rounding: a pivot is not above n units in the last place of its
 * diagonal entry, or NaN.
 */
export function choleskyFactor(matrix: ArrayLike<number>, n: number): Float64Array | undefined {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      let sum = matrix[row + j];
      for (let k = 0; k < j; k++) sum -= lower[row + k] * lower[other + k];
      if (j < i) lower[row + j] = sum / lower[other + j];
      else if (sum > n * Number.EPSILON * matrix[row + i]) lower[row + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return lower;
}

/** The x of L x = right, [n], for a lower triangle by rows. */
export function solveLower(lower: Float64Array, right: ArrayLike<number>): Float64Array {
  const n = right.length;
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = right[i];
    for (let k = 0; k < i; k++) sum -= lower[i * n + k] * x[k];
    x[i] = sum / lower[i * n + i];
  }
  return x;
}

/** The x of L' x = right, [n], for a lower triangle by rows. */
export function solveUpper(lower: Float64Array, right: ArrayLike<number>): Float64Array {
  const n = right.length;
  const x = Float64Array.from(right);
  for (let i = n - 1; i >= 0; i--) {
    x[i] /= lower[i * n + i];
    for (let k = 0; k < i; k++) x[k] -= lower[i * n + k] * x[i];
  }
  return x;
}

/**
 * Columns c with sum of c c' = A, [rank][n], for a symmetric matrix A [n * n] that is only semi-definite, or so to
 * rounding: Cholesky's factor with the greatest remaining variance first, which stops at 1e-13 of the greatest at all
 * (Higham 1990). Undefined if A is not positive semi-definite. `mean + sum of c z` with standard normal z has
 * covariance A.
 */
export function pivotedCholesky(matrix: ArrayLike<number>, n: number): Float64Array[] | undefined {
  const left = Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]);
  const columns: Float64Array[] = [];
  let most = 0;
  for (let k = 0; k <= n; k++) {
    let pivot = 0;
    for (let i = 0; i < n; i++) {
      // Also for NaN.
      if (!(left[i] >= -1e-7 * most)) return undefined;
      if (left[i] > left[pivot]) pivot = i;
    }
    if (k === 0) most = left[pivot];
    if (k === n || !(left[pivot] > 1e-13 * most)) break;
    const size = Math.sqrt(left[pivot]);
    const column = Float64Array.from(left, (_, i) => {
      let sum = matrix[i * n + pivot];
      for (const done of columns) sum -= done[i] * done[pivot];
      return sum / size;
    });
    for (let i = 0; i < n; i++) left[i] -= column[i] * column[i];
    left[pivot] = 0;
    columns.push(column);
  }
  return columns;
}
