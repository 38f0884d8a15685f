import { expect } from "chai";
import { ConvergenceError, DivergenceError } from "../../lib/src/core/index.js";
import { lbfgs } from "../../lib/src/numerics/index.js";
import { close } from "../preferences/close.js";

/** Minus Rosenbrock's function in pairs, its only maximum at (1, ..., 1). */
function rosenbrock(at: Float64Array, slope: Float64Array): number {
  let value = 0;
  slope.fill(0);
  for (let i = 0; i + 1 < at.length; i += 2) {
    const [x, y] = [at[i], at[i + 1]];
    value -= (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    slope[i] = 2 * (1 - x) + 400 * x * (y - x * x);
    slope[i + 1] = -200 * (y - x * x);
  }
  return value;
}

describe("lbfgs", () => {
  it("climbs a curved ridge in twenty dimensions", () => {
    const found = lbfgs(rosenbrock, new Float64Array(20).fill(-1.2));
    close(found.at, new Float64Array(20).fill(1), 1e-7);
    expect(found.gradientNorm).to.be.at.most(1e-8);
  });

  it("reaches the top of a badly scaled quadratic with a large value, where a rise drowns in rounding", () => {
    const found = lbfgs(
      (at, slope) => {
        let value = 1e6;
        for (let i = 0; i < at.length; i++) {
          value -= 0.5 * 10 ** i * (at[i] - i) ** 2;
          slope[i] = -(10 ** i) * (at[i] - i);
        }
        return value;
      },
      [5, 5, 5, 5, 5],
      { tolerance: 1e-6 },
    );
    close(found.at, [0, 1, 2, 3, 4], 1e-5);
  });

  it("says when it did not get there, and at a NaN", () => {
    const far = new Float64Array(10).fill(-1.2);
    expect(() => lbfgs(rosenbrock, far, { iterations: 3 })).to.throw(ConvergenceError, "after 3 steps");
    expect(lbfgs(rosenbrock, far, { iterations: 3, mayStopEarly: true }).iterations).to.equal(3);
    expect(() => lbfgs(() => Number.NaN, [0])).to.throw(DivergenceError, "step 0");
  });
});
