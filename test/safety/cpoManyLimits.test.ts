import { expect } from "chai";
import { Matrix, inverse as matrixInverse } from "ml-matrix";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import { dot } from "../../lib/src/numerics/dot.js";
import { foldIn, key, normal } from "../../lib/src/random/index.js";
import {
  cpoStep,
  type ManyLimitsProblem,
  manyLimitsCpoStep,
  manyLimitsPcpoStep,
  pcpoStep,
} from "../../lib/src/safety/index.js";

/** A random problem in three dimensions, with its H. */
function draw(seed: number, limits: number): ManyLimitsProblem & { H: number[][] } {
  const z = normal(foldIn(key(1819), seed), 12 + 4 * limits);
  const A = [0, 1, 2].map((i) => Array.from(z.subarray(3 * i, 3 * i + 3)));
  const H = A.map((a, i) => A.map((b, j) => dot(a, b) + (i === j ? 0.3 : 0)));
  const inverse = matrixInverse(new Matrix(H)).to2DArray();
  return {
    H,
    gradient: z.subarray(9, 12),
    costGradients: Array.from({ length: limits }, (_, k) => z.subarray(12 + 3 * k, 15 + 3 * k)),
    inverse: (v) => Float64Array.from(inverse, (row) => dot(row, v)),
    excesses: Array.from({ length: limits }, (_, k) => 0.15 * z[12 + 3 * limits + k]),
    radius: 0.02,
  };
}

/**
 * An upper bound on g'x for every lambda > 0 and nu >= 0 (weak duality); at the answer's own prices it is g'x itself,
 * which proves the answer best without solving anything.
 */
function dualBound({ gradient, costGradients, inverse, excesses, radius }: ManyLimitsProblem, nus: number[]): number {
  const left = Array.from(gradient, (g, i) => g - nus.reduce((sum, nu, k) => sum + nu * costGradients[k][i], 0));
  const square = dot(left, inverse(left));
  return Math.sqrt(2 * radius * Math.max(square, 0)) - nus.reduce((sum, nu, k) => sum + nu * excesses[k], 0);
}

const klOf = (H: number[][], x: ArrayLike<number>) =>
  dot(
    x,
    H.map((row) => dot(row, x)),
  ) / 2;

describe("the CPO step under several limits", () => {
  it("with one limit is cpoStep, prices and cases included, and the projection pcpoStep", () => {
    for (let seed = 0; seed < 2000; seed++) {
      const problem = draw(seed, 1);
      const { costGradients, excesses, ...rest } = problem;
      const alone = { costGradient: costGradients[0], excess: excesses[0], ...rest };
      const [one, many] = [cpoStep(alone), manyLimitsCpoStep(problem)];
      expect(many.case, `seed ${seed}`).to.equal(one.case === "inside" ? "slack" : one.case);
      one.step.forEach((x, i) => {
        expect(many.step[i], `seed ${seed}`).to.be.closeTo(x, 1e-9);
      });
      if (one.case === "recovery") expect(many.nus).to.deep.equal([Number.POSITIVE_INFINITY]);
      else expect(many.nus[0]).to.be.closeTo(one.nu, 1e-7 * (1 + one.nu));
      for (const metric of ["kl", "l2"] as const) {
        pcpoStep(alone, { metric }).forEach((x, i) => {
          expect(manyLimitsPcpoStep(problem, { metric })[i], `seed ${seed}`).to.be.closeTo(x, 1e-9);
        });
      }
    }
  });

  it("keeps all limits and the radius and is as good as its own prices allow, in 3,000 random problems with two or three", () => {
    const held = [0, 0, 0, 0];
    let recoveries = 0;
    for (let seed = 0; seed < 3000; seed++) {
      const problem = draw(seed, 2 + (seed % 2));
      const { costGradients, excesses, gradient, radius, H } = problem;
      const got = manyLimitsCpoStep(problem);
      const kl = klOf(H, got.step);
      if (kl > radius * (1 + 1e-9)) expect.fail(`seed ${seed}: KL ${kl}`);
      const reads = excesses.map((c, k) => c + dot(costGradients[k], got.step));
      if (got.case === "recovery") {
        recoveries++;
        expect(kl).to.be.closeTo(radius, 1e-9);
        expect(Math.max(...reads), `seed ${seed}`).to.be.greaterThan(0);
        continue;
      }
      if (Math.max(...reads) > 1e-8) expect.fail(`seed ${seed}: outside by ${Math.max(...reads)}`);
      held[reads.filter((read) => Math.abs(read) < 1e-9).length]++;
      expect(dot(gradient, got.step), `seed ${seed}`).to.be.closeTo(dualBound(problem, got.nus), 1e-7);
    }
    expect(recoveries).to.be.greaterThan(100);
    for (const count of held.slice(0, 3)) expect(count).to.be.greaterThan(50);
  });

  it("where three limits meet in a point of the plane its prices are those that prove it best, in any order", () => {
    const inverse = (v: ArrayLike<number>) => Float64Array.from(v);
    const lines = [
      [1, 1],
      [1, 0.1],
      [-1, 1],
    ];
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const costGradients = order.map((k) => lines[k]);
      const excesses = costGradients.map(([, y]) => -0.5 * y);
      const problem = { gradient: [0, 1], costGradients, inverse, excesses, radius: 5 };
      const { step, nus } = manyLimitsCpoStep(problem);
      expect(step[0]).to.be.closeTo(0, 1e-12);
      expect(step[1]).to.be.closeTo(0.5, 1e-12);
      expect(dualBound(problem, nus), `${order}`).to.be.closeTo(0.5, 1e-9);
    }
  });

  it("a limit that is just kept beside one that is far from it is no reason to give up", () => {
    for (let seed = 0; seed < 500; seed++) {
      const problem = { ...draw(seed, 3), excesses: [0, 1000, 0.1] };
      const got = manyLimitsCpoStep(problem);
      expect(got.case, `seed ${seed}`).to.equal("recovery");
      expect(klOf(problem.H, got.step), `seed ${seed}`).to.be.closeTo(problem.radius, 1e-9);
    }
  });

  it("recovers towards the nearest point that keeps all: nothing within the radius keeps them, by random search", () => {
    for (let seed = 0; seed < 200; seed++) {
      const problem = draw(seed, 2);
      if (manyLimitsCpoStep(problem).case !== "recovery") continue;
      for (let tries = 0; tries < 200; tries++) {
        const z = normal(foldIn(key(7), 1000 * seed + tries), 3);
        const size = Math.sqrt(problem.radius / klOf(problem.H, z));
        const reads = problem.excesses.map((c, k) => c + size * dot(problem.costGradients[k], z));
        expect(Math.max(...reads), `seed ${seed}`).to.be.greaterThan(0);
      }
    }
  });

  it("projects to the nearest point that keeps all: no other point of the segment to any kept point is nearer", () => {
    for (let seed = 0; seed < 300; seed++) {
      const problem = draw(seed, 2);
      const plain = manyLimitsPcpoStep({ ...problem, excesses: problem.excesses.map(() => -100) });
      const got = manyLimitsPcpoStep(problem);
      const away = got.map((x, i) => x - plain[i]);
      for (let tries = 0; tries < 50; tries++) {
        const other = normal(foldIn(key(8), 1000 * seed + tries), 3);
        if (problem.excesses.some((c, k) => c + dot(problem.costGradients[k], other) > 0)) continue;
        // (got - plain)' H (other - got) >= 0: the projection's own inequality.
        const towards = other.map((x, i) => x - got[i]);
        const product = dot(
          away,
          problem.H.map((row) => dot(row, towards)),
        );
        expect(product, `seed ${seed}`).to.be.at.least(-1e-7);
      }
    }
  });

  it("has an answer at the edges, and says what cannot be", () => {
    const inverse = (v: ArrayLike<number>) => Float64Array.from(v);
    const of = (costGradients: number[][], excesses: number[], gradient = [2, 1], radius = 0.5) =>
      manyLimitsCpoStep({ gradient, costGradients, inverse, excesses, radius });
    expect(
      Array.from(
        of(
          [
            [1, 0],
            [0, 1],
          ],
          [-0.3, -0.2],
        ).step,
      ),
    ).to.deep.equal([0.3, 0.2]);
    // The same limit twice is that limit once.
    const [once, twice] = [
      of([[1, 0]], [-0.3]),
      of(
        [
          [1, 0],
          [1, 0],
        ],
        [-0.3, -0.3],
      ),
    ];
    once.step.forEach((x, i) => {
      expect(twice.step[i]).to.be.closeTo(x, 1e-12);
    });
    expect(Array.from(of([[1, 1]], [-0.1], [0, 0]).step)).to.deep.equal([0, 0]);
    const opposite = [
      [1, 0],
      [-1, 0],
    ];
    expect(() => of(opposite, [0.1, 0.1])).to.throw(InfeasibleError, "keeps all at once");
    expect(() => of([[0, 0]], [0.1])).to.throw(InfeasibleError);
    expect(() => of([], [])).to.throw(DomainError, "number of limits");
    expect(() => of(new Array(11).fill([1, 0]), new Array(11).fill(-1))).to.throw(DomainError, "at most 10");
    expect(() => of([[1, 0]], [1, 2])).to.throw(ShapeError, "excesses");
    expect(() => of([[1]], [1])).to.throw(ShapeError, "costGradients[0]");
    expect(() => of([[1, Number.NaN]], [1])).to.throw(DomainError, "costGradients[0][1]");
    expect(() => of([[1, 0]], [-1], [2, 1], 0)).to.throw(DomainError, "radius");
  });
});
