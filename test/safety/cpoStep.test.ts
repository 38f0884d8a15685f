import { expect } from "chai";
import { Matrix, inverse as matrixInverse } from "ml-matrix";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import { foldIn, key, normal, uniform } from "../../lib/src/random/index.js";
import { type CpoProblem, cpoStep, mixedSignsCpoStep, pcpoStep } from "../../lib/src/safety/index.js";
import { golden } from "./golden.js";

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);
const solver = (H: number[][]) => {
  const M = matrixInverse(new Matrix(H)).to2DArray();
  return (v: ArrayLike<number>) => Float64Array.from(M, (row) => dot(row, v));
};
const H2 = [
  [2, 0.5],
  [0.5, 1],
];

/** A random problem in three dimensions with its H. */
function draw(seed: number): CpoProblem & { H: number[][] } {
  const z = normal(foldIn(key(19), seed), 16);
  const A = [0, 1, 2].map((i) => Array.from(z.subarray(3 * i, 3 * i + 3)));
  const H = A.map((a, i) => A.map((b, j) => dot(a, b) + (i === j ? 0.3 : 0)));
  return {
    H,
    gradient: z.subarray(9, 12),
    costGradient: z.subarray(12, 15),
    inverse: solver(H),
    excess: 0.3 * z[15],
    radius: 0.02,
  };
}

/** The least of the dual, sqrt(2 delta (g - nu b)'H^-1 (g - nu b)) - nu c over nu >= 0, by ternary search. */
function dualValue({ gradient, costGradient, inverse, excess, radius }: CpoProblem): number {
  const q = dot(gradient, inverse(gradient));
  const r = dot(gradient, inverse(costGradient));
  const s = dot(costGradient, inverse(costGradient));
  const D = (nu: number) => Math.sqrt(2 * radius * Math.max(q - 2 * nu * r + nu * nu * s, 0)) - nu * excess;
  let [low, high] = [0, 1];
  while (D(2 * high) < D(high)) high *= 2;
  high *= 2;
  for (let i = 0; i < 200; i++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (D(a) < D(b)) high = b;
    else low = a;
  }
  return D((low + high) / 2);
}

describe("the CPO step", () => {
  it("gives the authors' steps", () => {
    const { steps } = golden<{
      steps: { g: number[]; b: number[]; c: number; x: number[]; lambda?: number; nu?: number }[];
    }>("CPO steps");
    for (const { g, b, c, x, lambda, nu } of steps) {
      const got = cpoStep({ gradient: g, costGradient: b, inverse: solver(H2), excess: c, radius: 0.02 });
      x.forEach((value, i) => {
        expect(got.step[i], `c ${c}`).to.be.closeTo(value, 1e-8);
      });
      if (lambda !== undefined) expect(got.lambda).to.be.closeTo(lambda, 1e-9);
      if (nu !== undefined) expect(got.nu).to.be.closeTo(nu, 1e-9);
    }
  });

  it("is as good as the dual says, and keeps both constraints, in 10,000 random problems", () => {
    const met = { inside: 0, slack: 0, active: 0, recovery: 0 };
    for (let seed = 0; seed < 10_000; seed++) {
      const problem = draw(seed);
      const { excess, gradient, costGradient, radius, H } = problem;
      const got = cpoStep(problem);
      met[got.case]++;
      const kl =
        dot(
          got.step,
          H.map((row) => dot(row, got.step)),
        ) / 2;
      if (kl > radius * (1 + 1e-9)) expect.fail(`seed ${seed}: KL ${kl}`);
      const over = excess + dot(costGradient, got.step);
      if (got.case === "recovery") {
        // No step within the radius lowers the cost more, and this is not enough.
        const s = dot(costGradient, problem.inverse(costGradient));
        expect(over).to.be.closeTo(excess - Math.sqrt(2 * radius * s), 1e-9);
        expect(over).to.be.greaterThan(0);
        continue;
      }
      if (over > 1e-9) expect.fail(`seed ${seed}: outside by ${over}`);
      expect(dot(gradient, got.step), `seed ${seed}`).to.be.closeTo(dualValue(problem), 1e-7);
    }
    for (const [name, count] of Object.entries(met)) expect(count, name).to.be.greaterThan(500);
  });

  it("with the published mixture of signs does not come back to the limit; where nothing binds it is the same step or leaves the region", () => {
    let [back, tried, same, active] = [0, 0, 0, 0];
    for (let seed = 0; seed < 3000; seed++) {
      const problem = draw(seed);
      const right = cpoStep(problem);
      const got = mixedSignsCpoStep(problem);
      if (right.case === "recovery" || right.case === "inside") {
        expect(Array.from(got.step)).to.deep.equal(Array.from(right.step));
        continue;
      }
      if (problem.excess > 0) {
        tried++;
        if (problem.excess + dot(problem.costGradient, got.step) <= 1e-9) back++;
      } else if (right.case === "active") {
        active++;
        if (got.step.every((x, i) => Math.abs(x - right.step[i]) < 1e-6)) same++;
      }
    }
    expect(tried).to.be.greaterThan(300);
    expect(back).to.equal(0);
    expect(active).to.be.greaterThan(50);
    expect(same).to.equal(0);
  });

  it("has an answer at the edges: no gradient, no cost gradient, gradients along one line, the line through 0", () => {
    const of = (g: number[], b: number[], c: number) =>
      cpoStep({ gradient: g, costGradient: b, inverse: solver(H2), excess: c, radius: 0.02 });
    expect(Array.from(of([0, 0], [1, 1], -0.1).step)).to.deep.equal([0, 0]);
    expect(of([1, 2], [0, 0], -0.1).case).to.equal("inside");
    expect(() => of([1, 2], [0, 0], 0.1)).to.throw(InfeasibleError, "lowers the cost");
    const along = of([1, 1], [1, 1], 0.05); // any further is too dear: just to the line
    expect(along.case).to.equal("active");
    expect(0.05 + along.step[0] + along.step[1]).to.be.closeTo(0, 1e-12);
    const edge = of([1, 2], [1, 1], 0);
    expect(edge.step[0] + edge.step[1]).to.be.closeTo(0, 1e-12);
    expect(edge.step[1]).to.be.greaterThan(0);
    expect(of([0, 0], [1, 1], 0.05).step.every(Number.isFinite)).to.equal(true);
  });

  it("does not depend on the unit of the cost, and scales with the step's", () => {
    const problem = draw(7);
    const got = cpoStep({ ...problem, excess: 0.02 });
    const other = cpoStep({
      ...problem,
      excess: 2,
      costGradient: problem.costGradient && Float64Array.from(problem.costGradient, (x) => 100 * x),
    });
    got.step.forEach((x, i) => {
      expect(other.step[i]).to.be.closeTo(x, 1e-9);
    });
    expect(other.nu).to.be.closeTo(got.nu / 100, 1e-9);
  });

  it("refuses radii of 0 and Infinity, NaN, and other lengths", () => {
    const problem = draw(1);
    for (const radius of [0, -1, Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(() => cpoStep({ ...problem, radius })).to.throw(DomainError, "radius");
    }
    expect(() => cpoStep({ ...problem, excess: Number.NaN })).to.throw(DomainError, "excess");
    expect(() => cpoStep({ ...problem, costGradient: [1] })).to.throw(ShapeError, "costGradient");
    expect(() => cpoStep({ ...problem, gradient: [1, Number.NaN, 0] })).to.throw(DomainError, "gradient[1]");
  });
});

describe("the PCPO step", () => {
  it("is the nearest point that keeps the limit, in its metric", () => {
    for (let seed = 0; seed < 300; seed++) {
      const problem = draw(seed);
      const plain = cpoStep({ ...problem, excess: -100 }).step;
      for (const metric of ["kl", "l2"] as const) {
        const got = pcpoStep(problem, { metric });
        const over = problem.excess + dot(problem.costGradient, got);
        expect(over).to.be.below(1e-9);
        // Shortest: moving within the half-plane's edge makes the distance no smaller.
        const size = (x: ArrayLike<number>) => {
          const d = Array.from(x, (v, i) => v - plain[i]);
          return metric === "l2"
            ? dot(d, d)
            : dot(
                d,
                problem.H.map((row) => dot(row, d)),
              );
        };
        const [u] = [uniform(key(seed), 3, -1, 1)];
        const b = problem.costGradient;
        const edge = Float64Array.from(u, (x, i) => x - (dot(u, b) / dot(b, b)) * b[i]);
        for (const step of [0.01, -0.01]) {
          expect(size(Float64Array.from(got, (x, i) => x + step * edge[i]))).to.be.at.least(size(got) - 1e-12);
        }
      }
    }
  });

  it("refuses a cost that cannot be lowered", () => {
    expect(() => pcpoStep({ ...draw(1), costGradient: [0, 0, 0], excess: 1 })).to.throw(InfeasibleError);
  });
});
