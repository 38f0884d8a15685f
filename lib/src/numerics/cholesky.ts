// Triangular matrices by rows in one list, [n * n]: several times quicker than a matrix of rows for n of hundreds.

import { type Lanes, lanes as lanesOf, RESULTS } from "./lanes/lanes.js";

/** From how many rows on it pays to move them to where two numbers are worked on at a time. */
const MANY = 64;

/** Columns that are worked on at once: their rows of the factor stay in the cache. */
const BLOCK = 16;

/**
 * The lower triangle L of a symmetric matrix L L' = A, by rows [n * n] (only A's lower triangle is read; zeros above),
 * or undefined if A is not positive definite to rounding: a pivot is not above n units in the last place of its
 * diagonal entry, or NaN. Block by block of columns (Golub and Van Loan 2013, section 4.2).
 */
export function choleskyFactor(matrix: ArrayLike<number>, n: number): Float64Array | undefined {
  const lanes = n >= MANY ? lanesOf(RESULTS + n * n) : undefined;
  const lower = lanes?.numbers.subarray(RESULTS, RESULTS + n * n).fill(0) ?? new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) lower[i * n + j] = matrix[i * n + j];
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(from + BLOCK, n);
    for (let i = from; i < to; i++) {
      solveColumns(lower, n, lower, i * n, from, i);
      const pivot = lower[i * n + i] - innerProduct(lower, i * n, lower, i * n, 0, i);
      if (!(pivot > n * Number.EPSILON * matrix[i * n + i])) return undefined;
      lower[i * n + i] = Math.sqrt(pivot);
    }
    solveBlock(lower, n, lower, to, n, from, to, lanes);
  }
  return lanes === undefined ? lower : lower.slice();
}

/**
 * Solves L x = right for many right sides, the rows of `rows` [m * n], which become the solutions. Several times
 * quicker than one after the other. In stretches if asked: columns `from` to `to` - 1, when those before are solved.
 */
export function solveLowerRows(
  lower: Float64Array,
  n: number,
  rows: Float64Array,
  { from = 0, to = n }: { from?: number; to?: number } = {},
): void {
  const m = n === 0 ? 0 : rows.length / n;
  const lanes = m >= MANY && n >= MANY && from % 2 === 0 ? lanesOf(RESULTS + n * n + m * n) : undefined;
  const [L, X] = [
    lanes?.numbers.subarray(RESULTS, RESULTS + n * n) ?? lower,
    lanes?.numbers.subarray(RESULTS + n * n, RESULTS + n * n + m * n) ?? rows,
  ];
  if (lanes !== undefined) {
    L.set(lower.subarray(0, n * n));
    X.set(rows);
  }
  for (let j = from; j < to; j += BLOCK) solveBlock(L, n, X, 0, m, j, Math.min(j + BLOCK, to), lanes);
  if (lanes !== undefined) rows.set(X);
}

/** Columns from..to - 1 of the solutions x L' = row, for rows first..last - 1, whose columns before are solved. */
function solveBlock(
  lower: Float64Array,
  n: number,
  rows: Float64Array,
  first: number,
  last: number,
  from: number,
  to: number,
  lanes?: Lanes,
): void {
  let r = first;
  for (; r + 4 <= last; r += 4) {
    if (lanes === undefined) subtractKnown(lower, n, rows, r * n, from, to);
    else subtractByLanes(lanes, lower, n, rows, r * n, from, to);
    solveFour(lower, n, rows, r * n, from, to);
  }
  for (; r < last; r++) solveColumns(lower, n, rows, r * n, from, to);
}

/** rows[r][j] -= sum over k < from of rows[r][k] L[j][k], for four rows and columns from..to - 1, two at a time. */
function subtractKnown(lower: Float64Array, n: number, rows: Float64Array, at: number, from: number, to: number): void {
  const [a, b, c, d] = [at, at + n, at + 2 * n, at + 3 * n];
  let j = from;
  for (; j + 2 <= to; j += 2) {
    const [u, v] = [j * n, j * n + n];
    let au = 0;
    let av = 0;
    let bu = 0;
    let bv = 0;
    let cu = 0;
    let cv = 0;
    let du = 0;
    let dv = 0;
    for (let k = 0; k < from; k++) {
      const left = lower[u + k];
      const right = lower[v + k];
      const x = rows[a + k];
      const y = rows[b + k];
      const z = rows[c + k];
      const w = rows[d + k];
      au += x * left;
      av += x * right;
      bu += y * left;
      bv += y * right;
      cu += z * left;
      cv += z * right;
      du += w * left;
      dv += w * right;
    }
    rows[a + j] -= au;
    rows[a + j + 1] -= av;
    rows[b + j] -= bu;
    rows[b + j + 1] -= bv;
    rows[c + j] -= cu;
    rows[c + j + 1] -= cv;
    rows[d + j] -= du;
    rows[d + j + 1] -= dv;
  }
  if (j < to) for (const row of [a, b, c, d]) rows[row + j] -= innerProduct(rows, row, lower, j * n, 0, from);
}

/** The same with two numbers at a time, for `lower` and `rows` that lie in the lanes' memory; `from` is even. */
function subtractByLanes(
  { numbers, products }: Lanes,
  lower: Float64Array,
  n: number,
  rows: Float64Array,
  at: number,
  from: number,
  to: number,
): void {
  const [L, x] = [lower.byteOffset / 8, rows.byteOffset / 8 + at];
  for (let j = from; j < to; j += 2) {
    // An odd last column is met twice, and taken once.
    const next = Math.min(j + 1, to - 1);
    products(x, x + n, x + 2 * n, x + 3 * n, L + j * n, L + next * n, from);
    for (let r = 0; r < 4; r++) {
      rows[at + r * n + j] -= numbers[2 * r];
      if (next > j) rows[at + r * n + next] -= numbers[2 * r + 1];
    }
  }
}

/** What is left of the block after `subtractKnown`: four rows side by side, since each waits for its own sums. */
function solveFour(lower: Float64Array, n: number, rows: Float64Array, at: number, from: number, to: number): void {
  const [a, b, c, d] = [at, at + n, at + 2 * n, at + 3 * n];
  for (let j = from; j < to; j++) {
    let x = rows[a + j];
    let y = rows[b + j];
    let z = rows[c + j];
    let w = rows[d + j];
    for (let k = from; k < j; k++) {
      const factor = lower[j * n + k];
      x -= rows[a + k] * factor;
      y -= rows[b + k] * factor;
      z -= rows[c + k] * factor;
      w -= rows[d + k] * factor;
    }
    const pivot = lower[j * n + j];
    rows[a + j] = x / pivot;
    rows[b + j] = y / pivot;
    rows[c + j] = z / pivot;
    rows[d + j] = w / pivot;
  }
}

/** The same for one row, from its beginning. */
function solveColumns(lower: Float64Array, n: number, rows: Float64Array, at: number, from: number, to: number): void {
  for (let j = from; j < to; j++) {
    rows[at + j] = (rows[at + j] - innerProduct(rows, at, lower, j * n, 0, j)) / lower[j * n + j];
  }
}

/** sum over k from..to - 1 of a[i + k] b[j + k], by four sums at once since each addition waits for the one before. */
function innerProduct(a: Float64Array, i: number, b: Float64Array, j: number, from: number, to: number): number {
  let x = 0;
  let y = 0;
  let z = 0;
  let w = 0;
  let k = from;
  for (; k + 4 <= to; k += 4) {
    x += a[i + k] * b[j + k];
    y += a[i + k + 1] * b[j + k + 1];
    z += a[i + k + 2] * b[j + k + 2];
    w += a[i + k + 3] * b[j + k + 3];
  }
  for (; k < to; k++) x += a[i + k] * b[j + k];
  return x + y + (z + w);
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
