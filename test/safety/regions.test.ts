// Polynomial Lyapunov functions of the pendulum: found by counterexamples, certified cell by cell.
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import type { Interval } from "../../lib/src/numerics/interval.js";
import { key, uniform } from "../../lib/src/random/index.js";
import {
  certifyLevel,
  certifyRegion,
  enclosingLyapunov,
  linearLevel,
  type PendulumState,
  type Polynomial,
  pendulum,
  polynomialValue,
} from "../../lib/src/safety/index.js";
import { evenPowers, polynomialBounds } from "../../lib/src/safety/lyapunov/polynomial.js";
import { add, type Dyadic, exact, lies, multiply } from "../numerics/dyadic.js";

const world = pendulum();
const box = [1.2, 6] as const;
const home = { P: world.P, level: linearLevel(world) };
const inBox = ([theta, omega]: PendulumState) => Math.abs(theta) <= box[0] && Math.abs(omega) <= box[1];
const comesHome = (from: PendulumState) => {
  let x = from;
  for (let t = 0; t < 300; t++) {
    x = world.step(x);
    if (!inBox(x)) return false;
  }
  return Math.hypot(...x) < 1e-3;
};
const grid: PendulumState[] = [];
for (let i = -30; i <= 30; i++) for (let j = -30; j <= 30; j++) grid.push([(1.2 * i) / 30, (6 * j) / 30]);
const points = { inside: grid.filter(comesHome), outside: grid.filter((x) => !comesHome(x)) };
const found = (degree: number) => enclosingLyapunov(world.step, points, { degree, unit: box, least: 0.01 });
/** x'Px as a polynomial. */
const quadratic = (P: readonly (readonly number[])[]): Polynomial => ({
  degree: 2,
  coefficients: [P[0][0], 2 * P[0][1], P[1][1]],
  unit: [1, 1],
});

describe("polynomialBounds", () => {
  it("hold exact values and slopes at random points of random boxes", () => {
    const coefficient = fc.double({ min: -3, max: 3, noNaN: true });
    const side = fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(coefficient, { minLength: 15, maxLength: 15 }),
        side,
        side,
        share,
        share,
        (c, a, b, s, t) => {
          // Units that are powers of two, so that z = x / unit is exact.
          const bounds = polynomialBounds({ degree: 6, coefficients: c, unit: [0.5, 4] });
          const range = [a, b].map(([low, width]): Interval => [low, low + width]);
          const x = [s, t].map((share, i) => Math.min(range[i][1], range[i][0] + share * (range[i][1] - range[i][0])));
          const z = [exact(x[0] / 0.5), exact(x[1] / 4)];
          const powerOf = (y: Dyadic, n: number) =>
            Array.from({ length: n }).reduce((p: Dyadic) => multiply(p, y), exact(1));
          const sum = (term: (i: number, j: number) => [number, number, number]) =>
            evenPowers(6).reduce((total, [i, j], k) => {
              const [factor, p, q] = term(i, j);
              const shape = multiply(powerOf(z[0], Math.max(p, 0)), powerOf(z[1], Math.max(q, 0)));
              return add(total, multiply(multiply(exact(c[k]), exact(factor)), shape));
            }, exact(0));
          expect(
            lies(
              sum((i, j) => [1, i, j]),
              bounds.value(range),
            ),
          ).to.equal(true);
          expect(
            lies(
              sum((i, j) => [2 * i, i - 1, j]),
              bounds.slopes(range)[0],
            ),
          ).to.equal(true);
          expect(
            lies(
              sum((i, j) => [j / 4, i, j - 1]),
              bounds.slopes(range)[1],
            ),
          ).to.equal(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("are tight on small boxes: within the second order of their sides", () => {
    const V: Polynomial = { degree: 4, coefficients: [1, -2, 3, -4, 5, -6, 7, -8], unit: [1, 1] };
    const width = (r: number) => {
      const [low, high] = polynomialBounds(V).value([
        [0.7 - r, 0.7 + r],
        [-0.4 - r, -0.4 + r],
      ]);
      const [a, b] = polynomialBounds(V).slopes([
        [0.7, 0.7],
        [-0.4, -0.4],
      ]);
      return high - low - 2 * r * (Math.abs(a[0]) + Math.abs(b[0]));
    };
    expect(width(1e-3)).to.be.within(0, 2e-4);
    expect(width(1e-4) / width(1e-3)).to.be.closeTo(0.01, 0.002);
  });
});

describe("certifyRegion", () => {
  it("proves of a quadratic about what certifyLevel proves", () => {
    const { level, area } = certifyRegion(world, quadratic(world.P), { box, home, cells: 50, depth: 3 });
    const other = certifyLevel(world, world.P, { box, cells: 400, inner: home.level });
    expect(level / other.level).to.be.closeTo(1, 0.02);
    expect(area / other.area).to.be.within(0.95, 1.02);
  });

  it("what it certifies holds on a dense grid and at random points: V falls, the box is kept, all come home", async () => {
    for (const degree of [2, 4, 6]) {
      const { V } = await found(degree);
      const { level, cells, area } = certifyRegion(world, V, { box, home, depth: 4 });
      const u = uniform(key(degree), 16_000);
      const dense = Array.from(
        { length: 8000 },
        (_, i): PendulumState => [1.2 * (2 * u[2 * i] - 1), 6 * (2 * u[2 * i + 1] - 1)],
      );
      for (let i = 0; i <= 100; i++) for (let j = 0; j <= 100; j++) dense.push([1.2 * (i / 50 - 1), 6 * (j / 50 - 1)]);
      let within = 0;
      for (const x of dense) {
        if (polynomialValue(V, x) >= level) continue;
        within++;
        const next = world.step(x);
        const [p, q] = x;
        const atHome = home.P[0][0] * p * p + 2 * home.P[0][1] * p * q + home.P[1][1] * q * q <= home.level;
        const falls = polynomialValue(V, next) < polynomialValue(V, x) && inBox(next);
        if (!(atHome || falls) || !comesHome(x)) expect.fail(`degree ${degree}: not so from ${x}`);
      }
      // Monte Carlo agrees with the area, which leaves out the border.
      if (degree > 2) expect(within / dense.length).to.be.within(area / 28.8 - 0.01, area / 28.8 + 0.02);
      // Every point of a cell is in the region.
      for (const [a, b] of cells.slice(-50)) {
        for (const x of [a[0], a[1]]) for (const y of [b[0], b[1]]) expect(comesHome([x, y])).to.equal(true);
      }
    }
  });

  it("grows with the degree: 4 proves more than 2, and 6 more than 4, each far more than the regulator's own V", async () => {
    const areas = [];
    for (const degree of [2, 4, 6]) {
      const { V } = await found(degree);
      areas.push(certifyRegion(world, V, { box, home, depth: 5 }).area);
    }
    const truth = (28.8 * points.inside.length) / 3600;
    expect(areas[0]).to.be.above(10.5);
    expect(areas[1]).to.be.above(areas[0] + 0.3);
    expect(areas[2]).to.be.above(areas[1] + 0.1);
    expect(areas[2]).to.be.below(truth);
    expect(areas[2]).to.be.above(0.92 * truth);
  });

  it("refuses a wrong V with a counterexample, where V does not fall", () => {
    const round: Polynomial = { degree: 2, coefficients: [1, 0, 1], unit: [1, 1] };
    const { level, stopped, area } = certifyRegion(world, round, { box, home });
    expect(stopped?.refuted).to.equal(true);
    const at = stopped?.at as PendulumState;
    expect(polynomialValue(round, world.step(at))).to.be.at.least(polynomialValue(round, at));
    expect(polynomialValue(round, at)).to.be.within(level, level + 0.05);
    expect(area).to.be.below(0.6);
    // Turned upside down V rises everywhere, and nothing but home is certified.
    const worse = certifyRegion(
      world,
      { ...quadratic(world.P), coefficients: quadratic(world.P.map((row) => row.map((p) => -p))).coefficients },
      { box, home },
    );
    expect(worse.stopped).to.not.equal(undefined);
    expect(worse.area).to.be.below(0.52);
  });

  it("has no hole to stand on without a home: nothing is certified", () => {
    const { area, level } = certifyRegion(world, quadratic(world.P), { box, home: { P: world.P, level: 0 }, depth: 2 });
    expect(level).to.be.at.most(0);
    expect(area).to.equal(0);
  });

  it("refuses what is no polynomial, and boxes without a side", () => {
    const V = quadratic(world.P);
    expect(() => certifyRegion(world, { ...V, degree: 3 }, { box, home })).to.throw(DomainError, "even");
    expect(() => certifyRegion(world, { ...V, degree: 4 }, { box, home })).to.throw(ShapeError, "coefficients");
    expect(() => certifyRegion(world, { ...V, coefficients: [1, Number.NaN, 1] }, { box, home })).to.throw(
      DomainError,
      "coefficients[1]",
    );
    expect(() => certifyRegion(world, { ...V, unit: [0, 1] }, { box, home })).to.throw(DomainError, "unit[0]");
    expect(() => certifyRegion(world, V, { box: [0, 1], home })).to.throw(DomainError, "box[0]");
    expect(() => certifyRegion(world, V, { box, home, depth: -1 })).to.throw(DomainError, "depth");
    const nowhere = [
      [0, 0],
      [0, 0],
    ];
    expect(() => certifyRegion(world, V, { box, home: { P: nowhere, level: 0 } })).to.throw(DomainError, "home.P");
  });
});

describe("enclosingLyapunov", () => {
  it("keeps its promises at all points, though it was held to a few", async () => {
    const { V, counterexamples } = await found(4);
    expect(counterexamples.length).to.be.below(200);
    for (const x of points.inside) {
      const size = (x[0] / 1.2) ** 2 + (x[1] / 6) ** 2;
      const fall = polynomialValue(V, x) - polynomialValue(V, world.step(x));
      expect(fall).to.be.at.least(0.01 * size - 1e-7);
    }
    for (const x of points.outside) expect(polynomialValue(V, x)).to.be.at.least(0.999 - 1e-7);
  });

  it("finds by hand: x halves with every step, so that V = least 8/3 x^2 and no less", async () => {
    const inside: PendulumState[] = [
      [1, 0],
      [0, 1],
      [0.5, 0.5],
    ];
    const { V } = await enclosingLyapunov(([a, b]) => [a / 2, b / 2], { inside, outside: [] }, { least: 0.3 });
    // V(x) - V(x / 2) = 3/4 V(x) >= 2 least |x|^2.
    for (const x of inside) expect(polynomialValue(V, x)).to.be.closeTo((0.6 / 0.75) * (x[0] ** 2 + x[1] ** 2), 1e-6);
  });

  it("says no where nothing falls, and refuses bad numbers", async () => {
    const refused = async (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error: unknown) => error,
      );
    const grows = (x: PendulumState): PendulumState => [2 * x[0], 2 * x[1]];
    const cycle = (x: PendulumState): PendulumState => [-x[0], -x[1]];
    expect(await refused(enclosingLyapunov(cycle, { inside: [[1, 0]], outside: [] }))).to.be.instanceOf(
      InfeasibleError,
    );
    const some = { inside: [[1, 0] as const], outside: [[2, 0] as const] };
    expect(await refused(enclosingLyapunov(grows, { inside: [], outside: [] }))).to.be.instanceOf(DomainError);
    expect(await refused(enclosingLyapunov(grows, some, { degree: 3 }))).to.be.instanceOf(DomainError);
    expect(await refused(enclosingLyapunov(grows, some, { least: 0 }))).to.be.instanceOf(DomainError);
  });
});
