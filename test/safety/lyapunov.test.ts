import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import {
  constrainedOptimum,
  optimalPolicy,
  policyReturn,
  randomMdp,
  tabularMdp,
  uniformPolicy,
  withRewards,
} from "../../lib/src/mdp/index.js";
import { point } from "../../lib/src/numerics/interval.js";
import { key, uniform } from "../../lib/src/random/index.js";
import {
  certifyLevel,
  checkLyapunov,
  counterexampleLyapunov,
  discreteLyapunov,
  discreteRiccati,
  fallingLevel,
  gradientBound,
  largestSlack,
  linearLevel,
  lyapunovFor,
  lyapunovPolicyIteration,
  type PendulumState,
  pendulum,
  safePolicyImprovement,
  valueChange,
} from "../../lib/src/safety/index.js";
import { bilinearOver } from "../../lib/src/safety/lyapunov/pendulum.js";
import { strait } from "../../lib/src/worlds/index.js";
import { add, exact, lies, multiply } from "../numerics/dyadic.js";

const golden = JSON.parse(readFileSync("test/golden/safety-proofs.json", "utf8")) as Record<string, never>[];
const only = (kind: string) => golden.find((row) => row.kind === kind) as Record<string, never>;

/** A random process with a cost, and the policy that costs least. */
function limited(seed: number) {
  const mdp = randomMdp(key(seed), { states: 5, actions: 3, discount: 0.8 });
  const cost = uniform(key(seed + 1000), 15);
  const least = optimalPolicy(
    withRewards(
      mdp,
      cost.map((c) => -c),
    ),
  ).policy;
  const costOf = (policy: Float64Array) => policyReturn(withRewards(mdp, cost), policy);
  return { mdp, cost, least, costOf };
}

describe("checkLyapunov", () => {
  it("bounds the cost of a policy; a function without the cost bounds nothing", () => {
    const world = strait();
    const free = optimalPolicy(world.mdp).policy;
    const zero = new Float64Array(42);
    expect(checkLyapunov(world.mdp, new Float64Array(168), free, zero, 1)).to.deep.equal([]); // the notes' condition
    expect(policyReturn(withRewards(world.mdp, world.cost), free)).to.be.above(2.9);
    expect(checkLyapunov(world.mdp, world.cost, free, zero, 1).length).to.be.above(3);
  });

  it("says where it fails and by how much: one state, by hand", () => {
    const mdp = tabularMdp({ states: 1, actions: 2, transitions: [1, 1], rewards: [0, 1], discount: 0.5 });
    const half = uniformPolicy(mdp); // costs 0.5 a step, 1 in all
    expect(checkLyapunov(mdp, [0, 1], half, [1], 1)).to.deep.equal([]);
    expect(checkLyapunov(mdp, [0, 1], half, [0.8], 1)).to.have.length(1);
    expect(checkLyapunov(mdp, [0, 1], half, [0.8], 1)[0].excess).to.be.closeTo(0.1, 1e-12);
    expect(checkLyapunov(mdp, [0, 1], half, [1.5], 1)).to.deep.equal([{ where: "start", excess: 0.5 }]);
    expect(checkLyapunov(mdp, [0, 1], half, [1], Number.NaN).map(({ where }) => where)).to.deep.equal(["start"]);
  });

  it("what it passes keeps the limit: random processes, functions and policies", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 3, noNaN: true }), (seed, extra) => {
        const { mdp, cost, costOf } = limited(seed);
        const policy = uniformPolicy(mdp);
        const L = lyapunovFor(mdp, cost, policy, costOf(policy) + extra);
        const limit = costOf(policy) + extra;
        expect(checkLyapunov(mdp, cost, policy, L, limit)).to.deep.equal([]);
        const lower = L.map((x) => x - 0.01 - extra); // now it must fail somewhere
        expect(checkLyapunov(mdp, cost, policy, lower, limit).length).to.be.above(0);
      }),
      { numRuns: 50 },
    );
  });

  it("refuses costs below 0 and tables that do not fit", () => {
    const { mdp, cost } = limited(1);
    const L = new Float64Array(5);
    expect(() =>
      checkLyapunov(
        mdp,
        [...cost].map((c) => -c),
        uniformPolicy(mdp),
        L,
        1,
      ),
    ).to.throw(DomainError, "cost[0]");
    expect(() => checkLyapunov(mdp, cost, uniformPolicy(mdp), L.subarray(1), 1)).to.throw(ShapeError, "lyapunov");
    expect(() => checkLyapunov(mdp, cost, L, L, 1)).to.throw(ShapeError, "policy");
  });
});

describe("lyapunovFor", () => {
  it("spends exactly what the base policy leaves", () => {
    const { mdp, cost, least, costOf } = limited(3);
    const limit = costOf(least) + 0.5;
    const L = lyapunovFor(mdp, cost, least, limit);
    expect(L.reduce((sum, x, s) => sum + mdp.start[s] * x, 0)).to.be.closeTo(limit, 1e-12);
  });

  it("the largest sum of slacks puts all of it in one state, and nobody has a larger sum", () => {
    const { mdp, cost, least, costOf } = limited(3);
    const limit = costOf(least) + 0.5;
    const slack = largestSlack(mdp, cost, least, limit);
    expect(slack.filter((x) => x > 0)).to.have.length(1);
    expect(checkLyapunov(mdp, cost, least, lyapunovFor(mdp, cost, least, limit, slack), limit)).to.deep.equal([]);
    expect(slack.reduce((a, b) => a + b)).to.be.at.least(5 * (1 - mdp.discount) * 0.5 - 1e-9);
  });

  it("refuses a base above the limit and a slack too large", () => {
    const { mdp, cost, least, costOf } = limited(3);
    expect(() => lyapunovFor(mdp, cost, least, costOf(least) - 0.1)).to.throw(InfeasibleError, "base");
    const all = new Float64Array(5).fill(1);
    expect(() => lyapunovFor(mdp, cost, least, costOf(least) + 0.1, all)).to.throw(DomainError, "slack");
    expect(() => lyapunovFor(mdp, cost, least, Number.NaN)).to.throw(DomainError, "limit");
  });
});

describe("lyapunovPolicyIteration", () => {
  it("never crosses the limit, never earns less, and stays below the exact optimum: random processes", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { mdp, cost, least, costOf } = limited(seed);
      const limit = costOf(least) + 0.3;
      const path = lyapunovPolicyIteration(mdp, cost, least, { limit, rounds: 15 });
      const best = await constrainedOptimum(mdp, [{ cost, atMost: limit }]);
      path.forEach(({ value, cost: paid }, i) => {
        expect(paid).to.be.at.most(limit + 1e-9);
        expect(value).to.be.at.most(best.value + 1e-7);
        if (i > 0) expect(value).to.be.at.least(path[i - 1].value - 1e-9);
      });
    }
  });

  it("improves each state as a linear program would", () => {
    const { mdp, cost, least, costOf } = limited(5);
    const L = lyapunovFor(mdp, cost, least, costOf(least) + 0.3);
    const better = safePolicyImprovement(mdp, cost, least, L);
    expect(checkLyapunov(mdp, cost, better, L, costOf(least) + 0.3)).to.deep.equal([]);
    for (let s = 0; s < 5; s++) {
      expect(better.subarray(3 * s, 3 * s + 3).filter((p) => p > 0).length).to.be.at.most(2);
    }
  });

  it("on the strait: from .4102 above .5 at a limit of 1; with the largest sum of slacks it does not move", () => {
    const { mdp, cost } = strait();
    const surest = optimalPolicy(
      withRewards(
        mdp,
        mdp.rewards.map((r, i) => r - 1e4 * cost[i]),
      ),
    ).policy;
    const path = lyapunovPolicyIteration(mdp, cost, surest, { limit: 1, rounds: 40 });
    expect(path[0].value).to.be.closeTo(0.4102, 5e-5);
    expect(path[40].value).to.be.within(0.5, 0.562);
    const slack = (base: Float64Array) => largestSlack(mdp, cost, base, 1);
    const stuck = lyapunovPolicyIteration(mdp, cost, surest, { limit: 1, rounds: 5, slack });
    expect(stuck[5].value).to.be.closeTo(0.4102, 5e-5);
  });
});

describe("discreteLyapunov and discreteRiccati", () => {
  it("give the published numbers", () => {
    const { A, Q, P } = only("lyapunov") as unknown as { A: number[][]; Q: number[][]; P: number[][] };
    discreteLyapunov(A, Q).forEach((row, i) => {
      row.forEach((x, j) => {
        expect(x).to.be.closeTo(P[i][j], 1e-7);
      });
    });
    const one = discreteRiccati([[1]], [[1]], [[1]], [[1]]);
    expect(one.K[0][0]).to.be.closeTo(only("riccati").K, 1e-8);
    expect(one.P[0][0]).to.be.closeTo(only("riccati").P, 1e-8);
  });

  it("agree: the regulator's P solves the Lyapunov equation of its own loop", () => {
    const { A, B, K, P } = pendulum();
    const loop = A.map((row, i) => row.map((a, j) => a - B[i][0] * K[0][j]));
    const Q = [
      [1 + 0.5 * K[0][0] ** 2, 0.5 * K[0][0] * K[0][1]],
      [0.5 * K[0][0] * K[0][1], 0.1 + 0.5 * K[0][1] ** 2],
    ];
    discreteLyapunov(loop, Q).forEach((row, i) => {
      row.forEach((x, j) => {
        expect(x).to.be.closeTo(P[i][j], 1e-8);
      });
    });
  });

  it("refuse what has no answer", () => {
    expect(() => discreteLyapunov([[1]], [[1]])).to.throw(DomainError, "eigenvalues");
    expect(() => discreteLyapunov([[1, 2]], [[1]])).to.throw(ShapeError, "A");
    expect(() => discreteLyapunov([[Number.NaN]], [[1]])).to.throw(DomainError, "A[0][0]");
    expect(() => discreteRiccati([[2]], [[0]], [[1]], [[1]])).to.throw(ConvergenceError, "stabilises");
  });
});

describe("the pendulum", () => {
  const world = pendulum();
  const box = [1.2, 6] as const;
  const inner = linearLevel(world);

  it("has the regulator and the levels of the notes", () => {
    expect(world.torque).to.be.closeTo(0.367875, 1e-9);
    expect(world.K[0][0]).to.be.closeTo(1.86624, 5e-6);
    expect(world.K[0][1]).to.be.closeTo(0.39815, 5e-6);
    expect(inner).to.be.closeTo(0.2335, 5e-5);
    expect(fallingLevel(world, world.P, { box, points: 801, inner: 0.01 })).to.be.closeTo(1.5069, 0.015);
  });

  it("proves more with finer cells, never more than there is, and nothing with one constant for all", () => {
    const areas = [50, 100, 200].map((cells) => certifyLevel(world, world.P, { box, cells, inner }).area);
    expect(areas[0]).to.be.below(areas[1]);
    expect(areas[1]).to.be.below(areas[2]);
    expect(areas[2]).to.be.within(2.6, 3.29);
    expect(certifyLevel(world, world.P, { box, cells: 200, inner, bound: "box" }).level).to.equal(inner);
    expect(certifyLevel(world, world.P, { box, cells: 50 }).level).to.be.below(1e-12); // the hole at the origin
  });

  it("linear analysis with a strong motor stops where the sine's bend alone would let V rise", () => {
    const { A, B, K, P, pull, ...strong } = pendulum({ torque: 1e3 });
    const level = linearLevel({ A, B, K, P, pull, ...strong });
    expect(level).to.be.above(1);
    // At the edge of the ellipse theta^2 is level (P^-1)_00; there sin theta is at least (1 - theta^2 / 6) theta.
    const determinant = (of: number) => {
      const s = (of * P[1][1]) / (P[0][0] * P[1][1] - P[0][1] ** 2) / 6;
      const M = A.map((row, i) => row.map((a, j) => a - B[i][0] * K[0][j] - (i === 1 && j === 0 ? s * pull : 0)));
      const D = [0, 1].map((i) =>
        [0, 1].map((j) => {
          let sum = P[i][j];
          for (let k = 0; k < 2; k++) for (let l = 0; l < 2; l++) sum -= M[k][i] * P[k][l] * M[l][j];
          return sum;
        }),
      );
      return D[0][0] * D[1][1] - D[0][1] * D[1][0];
    };
    expect(determinant(0.99 * level)).to.be.above(0);
    expect(determinant(1.01 * level)).to.be.below(0);
  });

  it("what is certified does fall, and its slopes are within their bounds: random states", () => {
    const { level } = certifyLevel(world, world.P, { box, cells: 100, inner });
    const u = uniform(key(3), 4000);
    const V = (x: PendulumState) =>
      world.P[0][0] * x[0] ** 2 + 2 * world.P[0][1] * x[0] * x[1] + world.P[1][1] * x[1] ** 2;
    for (let i = 0; i < 2000; i++) {
      const x: PendulumState = [1.2 * (2 * u[2 * i] - 1), 6 * (2 * u[2 * i + 1] - 1)];
      if (V(x) <= level) expect(valueChange(world, world.P, x)).to.be.below(0);
      const e = 1e-6;
      const slopes = gradientBound(world, world.P, { centre: x, half: [0.02, 0.1] });
      const at = (a: number, b: number) => valueChange(world, world.P, [x[0] + a, x[1] + b]);
      expect(Math.abs(at(e, 0) - at(-e, 0)) / (2 * e)).to.be.at.most(slopes[0] + 1e-4);
      expect(Math.abs(at(0, e) - at(0, -e)) / (2 * e)).to.be.at.most(slopes[1] + 1e-4);
    }
  });

  it("finds a better quadratic from counterexamples, which certifies", async () => {
    const domain: PendulumState[] = [];
    for (let i = -40; i <= 40; i++) {
      for (let j = -40; j <= 40; j++) {
        const x: PendulumState = [(1.2 * i) / 40, (6 * j) / 40];
        const V = world.P[0][0] * x[0] ** 2 + 2 * world.P[0][1] * x[0] * x[1] + world.P[1][1] * x[1] ** 2;
        if (V <= 2.2) domain.push(x);
      }
    }
    const { P, counterexamples } = await counterexampleLyapunov(world.step, domain);
    expect(counterexamples.length).to.be.within(4, 60);
    const own = linearLevel(world, P);
    expect(own).to.be.above(0);
    const { area } = certifyLevel(world, P, { box, cells: 200, inner: own });
    expect(area).to.be.within(3.1, 4);
  });

  it("counts rounding: outward bounds hold exact numbers that rounded ones miss", () => {
    const { P } = world;
    const bilinear = (x: readonly number[]) =>
      [0, 1].reduce(
        (sum, i) => [0, 1].reduce((s, j) => add(s, multiply(exact(P[i][j]), multiply(exact(x[i]), exact(x[j])))), sum),
        exact(0),
      );
    const u = uniform(key(8), 200);
    let missed = 0;
    for (let k = 0; k < 200; k += 2) {
      const x = [2 * u[k] - 1, 6 * (2 * u[k + 1] - 1)];
      const rounded = P[0][0] * x[0] ** 2 + 2 * P[0][1] * x[0] * x[1] + P[1][1] * x[1] ** 2;
      if (!lies(bilinear(x), [rounded, rounded])) missed++;
      expect(lies(bilinear(x), bilinearOver(P, x.map(point), x.map(point)))).to.equal(true);
    }
    expect(missed).to.be.above(50);
  });

  it("says no where no quadratic falls, and refuses bad numbers", async () => {
    let wrong: unknown;
    try {
      await counterexampleLyapunov((x) => [2 * x[0], x[1]], [[1, 0]]);
    } catch (error) {
      wrong = error;
    }
    expect(wrong).to.be.instanceOf(InfeasibleError);
    expect(() => pendulum({ mass: -1 })).to.throw(DomainError, "mass");
    expect(() =>
      certifyLevel(
        world,
        [
          [1, 2],
          [2, 1],
        ],
        { box, cells: 10 },
      ),
    ).to.throw(DomainError, "positive definite");
    expect(() => certifyLevel(world, [[1]], { box, cells: 10 })).to.throw(ShapeError, "P");
    expect(() =>
      linearLevel(world, [
        [-1, 0],
        [0, 1],
      ]),
    ).to.throw(DomainError, "positive definite");
  });

  it("of a lopsided P, which is the same V, proves the same: entries moved across the diagonal change nothing", () => {
    const [[a, b], [, d]] = world.P;
    const lopsided = [
      [a, 2 * b],
      [0, d],
    ];
    expect(linearLevel(world, lopsided)).to.equal(inner);
    const options = { box, cells: 50, inner };
    expect(certifyLevel(world, lopsided, options)).to.deep.equal(certifyLevel(world, world.P, options));
  });
});
