import { expect } from "chai";
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import {
  choleskyFactor,
  pivotedCholesky,
  solveLower,
  solveLowerRows,
  solveUpper,
} from "../../lib/src/numerics/index.js";
import { largest } from "../../lib/src/numerics/largest.js";
import { foldIn, key, normal } from "../../lib/src/random/index.js";

/** B B' for B [n, rank] of normals, by rows. */
function covariance(seed: number, n: number, rank: number): Float64Array {
  const b = normal(key(seed), n * rank);
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += b[Math.floor(at / n) * rank + k] * b[(at % n) * rank + k];
    return sum;
  });
}

const rows = (values: ArrayLike<number>, n: number) =>
  new Matrix(Array.from({ length: n }, (_, i) => Array.from(values).slice(i * n, (i + 1) * n)));

describe("Cholesky's factor, flat", () => {
  it("is ml-matrix's, for every size around its blocks, and solves", () => {
    for (const n of [1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 64, 70, 130]) {
      const matrix = covariance(n, n, n + 3);
      const lower = choleskyFactor(matrix, n);
      if (lower === undefined) throw new Error(`no factor at ${n}`);
      const whole = rows(matrix, n);
      const theirs = new CholeskyDecomposition(whole).lowerTriangularMatrix;
      let apart = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) apart = Math.max(apart, Math.abs(lower[i * n + j] - theirs.get(i, j)));
      }
      expect(apart, `n = ${n}`).to.be.below(1e-9);
      const right = normal(foldIn(key(9), n), n);
      const half = solveLower(lower, right);
      const x = solveUpper(lower, half);
      // Several at once, with rows left over from fours.
      const many = Float64Array.from({ length: 7 * n }, (_, i) => right[i % n] * (1 + Math.floor(i / n)));
      solveLowerRows(lower, n, many);
      const worst = many.reduce((most, value, i) => {
        return Math.max(most, Math.abs(value / (1 + Math.floor(i / n)) - half[i % n]));
      }, 0);
      expect(worst).to.be.below(1e-9 * (1 + largest(half)));
      // In two stretches; the first leaves the rest alone.
      const parts = Float64Array.from({ length: 7 * n }, (_, i) => right[i % n] * (1 + Math.floor(i / n)));
      const middle = Math.ceil(n / 2);
      solveLowerRows(lower, n, parts, { to: middle });
      expect(Array.from(parts.subarray(middle, n))).to.deep.equal(Array.from(right.subarray(middle)));
      solveLowerRows(lower, n, parts, { from: middle });
      expect(largest(parts.map((value, i) => value - many[i]))).to.be.below(1e-9 * (1 + largest(many)));
      const off = (product: Matrix) =>
        product.to1DArray().reduce((most, value, i) => Math.max(most, Math.abs(value - right[i])), 0);
      expect(off(theirs.mmul(Matrix.columnVector(half)))).to.be.below(1e-9);
      expect(off(whole.mmul(Matrix.columnVector(x)))).to.be.below(1e-6);
    }
  });

  it("solves many rows, two numbers at a time, as it solves few", () => {
    for (const [n, m] of [
      [64, 64],
      [67, 70],
      [130, 101],
    ]) {
      const lower = choleskyFactor(covariance(n, n, n + 3), n) as Float64Array;
      const right = normal(key(m), m * n);
      const few = right.slice();
      for (let r = 0; r < m; r += 8) solveLowerRows(lower, n, few.subarray(r * n, Math.min(r + 8, m) * n));
      for (const middle of [0, 31, 32]) {
        const many = right.slice();
        solveLowerRows(lower, n, many, { to: middle });
        solveLowerRows(lower, n, many, { from: middle });
        const apart = largest(many.map((value, i) => value - few[i]));
        expect(apart, `${n} x ${m}, stretch to ${middle}`).to.be.below(1e-9 * largest(few));
      }
      // The same twice, though its memory was used in between by a larger and a smaller one.
      const again = right.slice();
      solveLowerRows(lower, n, again);
      const once = right.slice();
      solveLowerRows(lower, n, once);
      expect(once).to.deep.equal(again);
    }
  });

  it("scales with the matrix, and says where there is none", () => {
    const matrix = covariance(3, 5, 8);
    const lower = choleskyFactor(matrix, 5) ?? [];
    for (const scale of [1e-16, 1e16]) {
      const other = choleskyFactor(
        matrix.map((x) => scale * x),
        5,
      );
      other?.forEach((x, i) => {
        expect(x / Math.sqrt(scale)).to.be.closeTo(lower[i], 1e-9);
      });
      expect(other).to.have.length(25);
    }
    // Rounding leaves pivots of a few units in the last place, on either side of 0.
    for (let seed = 1; seed <= 20; seed++) expect(choleskyFactor(covariance(seed, 6, 3), 6)).to.equal(undefined);
    expect(choleskyFactor([1, 2, 2, 1], 2)).to.equal(undefined);
    expect(choleskyFactor([1, 1, 1, 1], 2)).to.equal(undefined);
    expect(choleskyFactor([Number.NaN], 1)).to.equal(undefined);
    expect(choleskyFactor([0], 1)).to.equal(undefined);
    expect(choleskyFactor([], 0)).to.have.length(0);
  });

  it("with pivots takes what is only semi-definite, in as many columns as it has rank", () => {
    for (const [n, rank] of [
      [6, 2],
      [6, 6],
      [20, 5],
      [3, 1],
    ]) {
      const matrix = covariance(n + rank, n, rank);
      const columns = pivotedCholesky(matrix, n) ?? [];
      expect(columns.length).to.equal(rank);
      matrix.forEach((value, at) => {
        const sum = columns.reduce((total, c) => total + c[Math.floor(at / n)] * c[at % n], 0);
        expect(sum).to.be.closeTo(value, 1e-10);
      });
    }
    expect(pivotedCholesky(new Float64Array(9), 3)).to.deep.equal([]);
    expect(pivotedCholesky([1, 2, 2, 1], 2)).to.equal(undefined);
    expect(pivotedCholesky([-1], 1)).to.equal(undefined);
    expect(pivotedCholesky([1, Number.NaN, Number.NaN, 1], 2)).to.equal(undefined);
  });
});
