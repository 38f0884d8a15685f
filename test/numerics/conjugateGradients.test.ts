import { expect } from "chai";
import { inverse, Matrix } from "ml-matrix";
import { conjugateGradients, newton } from "../../lib/src/numerics/index.js";
import { key, normal, split } from "../../lib/src/random/index.js";

/** A random positive definite matrix whose scales differ by 10^6. */
function matrixOf(seed: number, n: number): Matrix {
  const [a] = split(key(seed));
  const draws = normal(a, n * n);
  const factor = new Matrix(Array.from({ length: n }, (_, i) => Array.from(draws.subarray(i * n, (i + 1) * n))));
  const matrix = factor.mmul(factor.transpose()).add(Matrix.eye(n, n, n));
  const scale = Matrix.diag(Array.from({ length: n }, (_, i) => 10 ** ((3 * i) / n)));
  const scaled = scale.mmul(matrix).mmul(scale);
  return Matrix.add(scaled, scaled.transpose()).mul(0.5);
}

const operator = (matrix: Matrix) => ({
  diagonal: Float64Array.from(matrix.diagonal()),
  times: (v: Float64Array) => Float64Array.from(matrix.mmul(Matrix.columnVector(v)).to1DArray()),
});

describe("conjugate gradients", () => {
  it("solves what the inverse solves", () => {
    for (let seed = 0; seed < 5; seed++) {
      const matrix = matrixOf(seed, 12);
      const right = normal(key(100 + seed), 12);
      const want = inverse(matrix).mmul(Matrix.columnVector(right)).to1DArray();
      const got = conjugateGradients(operator(matrix), right, { tolerance: 1e-14 });
      for (let i = 0; i < 12; i++) expect(got[i]).to.be.closeTo(want[i], 1e-9 * Math.abs(want[i]) + 1e-12);
    }
  });

  it("stopped early it still points uphill; nothing on the right gives nothing", () => {
    const matrix = matrixOf(9, 20);
    const right = normal(key(3), 20);
    for (const iterations of [1, 2, 5]) {
      const step = conjugateGradients(operator(matrix), right, { iterations });
      expect(step.reduce((sum, value, i) => sum + value * right[i], 0)).to.be.above(0);
    }
    expect([...conjugateGradients(operator(matrix), new Float64Array(20))]).to.deep.equal(Array(20).fill(0));
  });

  it("Newton's method takes an operator for a matrix, and gets to the same place", () => {
    const matrix = matrixOf(4, 8);
    const target = normal(key(5), 8);
    const objective = {
      value: (x: Float64Array) => {
        const d = x.map((value, i) => value - target[i]);
        return (
          -operator(matrix)
            .times(d)
            .reduce((sum, value, i) => sum + value * d[i], 0) / 2
        );
      },
      gradient: (x: Float64Array) => operator(matrix).times(x.map((value, i) => target[i] - value)),
    };
    const dense = newton({ ...objective, curvature: () => matrix }, new Float64Array(8), { tolerance: 1e-7 });
    const sparse = newton({ ...objective, curvature: () => operator(matrix) }, new Float64Array(8), {
      tolerance: 1e-7,
    });
    for (let i = 0; i < 8; i++) {
      expect(dense.at[i]).to.be.closeTo(target[i], 1e-8);
      expect(sparse.at[i]).to.be.closeTo(target[i], 1e-8);
    }
  });
});
