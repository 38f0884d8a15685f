import { expect } from "chai";
import { Matrix } from "ml-matrix";
import { ConvergenceError, DivergenceError, ShapeError } from "../../lib/src/core/index.js";
import {
  differenceGradient,
  differenceHessian,
  inversePositiveDefinite,
  logSigmoid,
  newton,
  relativeGradient,
  sigmoid,
} from "../../lib/src/numerics/index.js";
import { key, normal } from "../../lib/src/random/index.js";

describe("numerics: newton", () => {
  const bowl = {
    value: ([x, y]: Float64Array) => -((x - 1) ** 2) - 3 * (y + 2) ** 2,
    gradient: ([x, y]: Float64Array) => Float64Array.of(-2 * (x - 1), -6 * (y + 2)),
    curvature: () =>
      new Matrix([
        [2, 0],
        [0, 6],
      ]),
  };

  it("finds the top of a paraboloid in one step", () => {
    const path: number[][] = [];
    const top = newton(bowl, [10, 10], { watch: (at) => path.push([...at]) });
    expect(top.at[0]).to.be.closeTo(1, 1e-12);
    expect(top.at[1]).to.be.closeTo(-2, 1e-12);
    expect(path[1][0]).to.be.closeTo(1, 1e-12);
    expect(path[1][1]).to.be.closeTo(-2, 1e-12);
    // The step after it, of the size of rounding, is the sign that it has arrived.
    expect(top.iterations).to.be.at.most(2);
    expect(top.ranAway).to.equal(false);
  });

  it("climbs where a full step would overshoot: log cosh far from its top", () => {
    const top = newton(
      {
        value: ([x]) => -Math.log(Math.cosh(x)),
        gradient: ([x]) => Float64Array.of(-Math.tanh(x)),
        curvature: ([x]) => new Matrix([[1 / Math.cosh(x) ** 2]]),
      },
      [5],
    );
    expect(top.at[0]).to.be.closeTo(0, 1e-9);
  });

  it("moves on where the curvature is flat in one direction", () => {
    const ridge = {
      ...bowl,
      gradient: ([x]: Float64Array) => Float64Array.of(-2 * (x - 1), 0),
      value: ([x]: Float64Array) => -((x - 1) ** 2),
      curvature: () =>
        new Matrix([
          [2, 0],
          [0, 0],
        ]),
    };
    const top = newton(ridge, [4, 7]);
    expect(top.at[0]).to.be.closeTo(1, 1e-9);
    expect(top.singular).to.equal(true);
    expect(newton(bowl, [4, 7]).singular).to.equal(false);
  });

  it("says when it does not arrive, and when a number is lost", () => {
    const forever = {
      value: ([x]: Float64Array) => x,
      gradient: () => Float64Array.of(1),
      curvature: () => new Matrix([[1]]),
    };
    expect(() => newton(forever, [0], { iterations: 5 })).to.throw(
      ConvergenceError,
      "the last of 5 steps still moved by 1.00",
    );
    expect(() => newton({ ...forever, value: () => Number.NaN }, [0])).to.throw(
      DivergenceError,
      "value is NaN at step 0",
    );
    const lost = { ...forever, gradient: () => Float64Array.of(1, Number.NaN) };
    expect(() => newton(lost, [0, 0])).to.throw(DivergenceError, "gradient is NaN");
  });

  it("tells a maximum from a value that rises for ever, in any unit of the data", () => {
    for (const unit of [1e-12, 1, 1e12]) {
      // unit times the log-likelihood of `wins` wins and `losses` losses.
      const coin = (wins: number, losses: number) => ({
        value: ([x]: Float64Array) => unit * (wins * logSigmoid(x) + losses * logSigmoid(-x)),
        gradient: ([x]: Float64Array) => Float64Array.of(unit * (wins * sigmoid(-x) - losses * sigmoid(x))),
        curvature: ([x]: Float64Array) => new Matrix([[unit * (wins + losses) * sigmoid(x) * sigmoid(-x)]]),
      });
      for (const losses of [1e-9, 1, 3]) {
        const top = newton(coin(3, losses), [0], { weight: (3 + losses) * unit });
        expect(top.at[0]).to.be.closeTo(Math.log(3 / losses), 1e-9);
        expect(top.ranAway).to.equal(false);
      }
      expect(newton(coin(3, 0), [0], { weight: 3 * unit }).ranAway).to.equal(true);
    }
    const lying = {
      value: ([x]: Float64Array) => -x,
      gradient: () => Float64Array.of(1),
      curvature: () => new Matrix([[1]]),
    };
    expect(() => newton(lying, [0])).to.throw(ConvergenceError, "no step along it raises the value");
  });

  it("the inverse of a positive definite matrix, and of none", () => {
    const entries = normal(key(6), 30 * 30);
    const root = Matrix.from1DArray(30, 30, entries);
    const matrix = root.mmul(root.transpose());
    const product = matrix.mmul(inversePositiveDefinite(matrix)!);
    expect(Matrix.sub(product, Matrix.eye(30)).abs().max()).to.be.below(1e-8);
    expect(
      inversePositiveDefinite(
        new Matrix([
          [1, 2],
          [2, 1],
        ]),
      ),
    ).to.equal(undefined);
  });

  it("a gradient against the weight of what pulls at it", () => {
    expect(relativeGradient([2, -3, 0], [4, 3, 0])).to.equal(1);
    expect(relativeGradient([], [])).to.equal(0);
    expect(relativeGradient([1e-9], [0])).to.equal(Number.POSITIVE_INFINITY);
    expect(relativeGradient([Number.NaN], [1])).to.be.NaN;
    expect(() => relativeGradient([1, 2], [1])).to.throw(ShapeError, "weight");
  });

  it("difference quotients agree with derivatives known in closed form", () => {
    const f = ([x, y]: number[]) => Math.sin(x) * y ** 2;
    const g = ([x, y]: number[]) => [Math.cos(x) * y ** 2, 2 * Math.sin(x) * y];
    const slope = differenceGradient(f, [0.7, 1.3]);
    expect(slope[0]).to.be.closeTo(g([0.7, 1.3])[0], 1e-8);
    expect(slope[1]).to.be.closeTo(g([0.7, 1.3])[1], 1e-8);
    const h = differenceHessian(g, [0.7, 1.3]);
    expect(h[0][1]).to.be.closeTo(2 * Math.cos(0.7) * 1.3, 1e-8);
    expect(h[0][0]).to.be.closeTo(-Math.sin(0.7) * 1.69, 1e-8);
  });
});
