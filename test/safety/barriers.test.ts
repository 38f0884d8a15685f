import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import { markovChain } from "../../lib/src/mdp/index.js";
import {
  barrierFilter,
  brakeBeforeWall,
  type CruiseBarrier,
  cruiseControl,
  discreteBarrierFilter,
  gamblersChain,
  highOrderBarrier,
  hitProbability,
  smallestBarrier,
  villeBound,
} from "../../lib/src/safety/index.js";

type Golden = Record<string, never> & { kind: string };
const golden = JSON.parse(readFileSync("test/golden/safety-proofs.json", "utf8")) as Golden[];
const only = (kind: string) => golden.find((row) => row.kind === kind) as Golden;
const number = () => fc.double({ min: -5, max: 5, noNaN: true });

describe("barrierFilter", () => {
  it("leaves a safe wish alone and projects an unsafe one", () => {
    expect(barrierFilter([0.2], { h: 0.5, drift: 0, gain: [-1] }, { kappa: 1 })).to.deep.include({ corrected: false });
    const { u, corrected, feasible } = barrierFilter([3, 0], { h: 1, drift: -2, gain: [-1, 2] }, { kappa: 0.5 });
    expect([corrected, feasible]).to.deep.equal([true, true]);
    // lacks -0.5 + 2 + 3 = 4.5 along (-1, 2) / 5
    expect(u[0]).to.be.closeTo(3 - 0.9, 1e-12);
    expect(u[1]).to.be.closeTo(1.8, 1e-12);
  });

  it("is the nearest point of box and half-space: no random allowed point is nearer", () => {
    fc.assert(
      fc.property(
        fc.array(number(), { minLength: 2, maxLength: 2 }),
        fc.array(number(), { minLength: 2, maxLength: 2 }),
        number(),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }),
        (wish, gain, drift, trials) => {
          const limits = { lower: [-1, -1], upper: [1, 1] };
          const { u, feasible } = barrierFilter(wish, { h: 0.3, drift, gain }, { kappa: 1, ...limits });
          const keeps = (x: ArrayLike<number>) => drift + gain[0] * x[0] + gain[1] * x[1] >= -0.3 - 1e-9;
          const away = (x: ArrayLike<number>) => Math.hypot(x[0] - wish[0], x[1] - wish[1]);
          expect(Math.max(Math.abs(u[0]), Math.abs(u[1]))).to.be.at.most(1);
          expect(feasible).to.equal(drift + Math.abs(gain[0]) + Math.abs(gain[1]) >= -0.3 || keeps(u));
          if (feasible) expect(keeps(u)).to.equal(true);
          for (let i = 0; i < 40; i += 2) {
            const x = [trials[i], trials[i + 1]];
            if (feasible && drift + gain[0] * x[0] + gain[1] * x[1] >= -0.3)
              expect(away(u)).to.be.at.most(away(x) + 1e-6);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("reports what cannot be kept, a gain of 0 as well", () => {
    expect(barrierFilter([1], { h: 0, drift: -1, gain: [0] }, { kappa: 1 }).feasible).to.equal(false);
    const weak = barrierFilter([1], { h: 0, drift: -1, gain: [-1] }, { kappa: 1, lower: [-0.5], upper: [1] });
    expect(weak.feasible).to.equal(false);
    expect(weak.u[0]).to.equal(-0.5);
  });

  it("refuses bad numbers", () => {
    expect(() => barrierFilter([1], { h: Number.NaN, drift: 0, gain: [1] }, { kappa: 1 })).to.throw(DomainError, "h");
    expect(() => barrierFilter([1], { h: 0, drift: 0, gain: [1] }, { kappa: -1 })).to.throw(DomainError, "kappa");
    expect(() => barrierFilter([1], { h: 0, drift: 0, gain: [1, 2] }, { kappa: 1 })).to.throw(ShapeError, "gain");
    const crossed = { kappa: 1, lower: [1], upper: [0] };
    expect(() => barrierFilter([1], { h: 0, drift: 0, gain: [1] }, crossed)).to.throw(DomainError, "lower");
  });
});

describe("discreteBarrierFilter", () => {
  it("agrees with a closed form, reports what cannot be kept, refuses kappa outside (0, 1]", () => {
    const after = (u: number) => 0.5 - u;
    const { u } = discreteBarrierFilter(1, { h: 0.5, after }, { kappa: 0.5, lower: -1, upper: 1 });
    expect(u[0]).to.be.closeTo(0.25, 1e-12);
    const late = discreteBarrierFilter(1, { h: 0.5, after }, { kappa: 0.1, lower: 0.2, upper: 1 });
    expect([late.feasible, late.u[0]]).to.deep.equal([false, 0.2]);
    const inside = discreteBarrierFilter(2, { h: 1, after: (x) => 1 - x * x }, { kappa: 0.5, lower: -3, upper: 3 });
    expect(inside.u[0]).to.be.closeTo(Math.SQRT1_2, 1e-9);
    expect(() => discreteBarrierFilter(1, { h: 0, after }, { kappa: 0, lower: 0, upper: 1 })).to.throw(DomainError);
    expect(() => discreteBarrierFilter(1, { h: 0, after }, { kappa: 1, lower: 1, upper: 0 })).to.throw(DomainError);
  });
});

describe("highOrderBarrier", () => {
  it("of order one is the barrier itself; of order three by hand", () => {
    expect(highOrderBarrier([2], { drift: 1, gain: [3] }, [])).to.deep.equal({ h: 2, drift: 1, gain: [3] });
    // (D + 2)(D + 3) h = h'' + 5 h' + 6 h, and its derivative.
    const { h, drift } = highOrderBarrier([1, 10, 100], { drift: 1000, gain: [1] }, [2, 3]);
    expect([h, drift]).to.deep.equal([100 + 50 + 6, 1000 + 500 + 60]);
    expect(() => highOrderBarrier([1, 2], { drift: 0, gain: [1] }, [])).to.throw(ShapeError, "rates");
    expect(() => highOrderBarrier([1, 2], { drift: 0, gain: [1] }, [-1])).to.throw(DomainError, "rates[0]");
  });

  it("stops before the wall at rate 1; at rate 4 it asks for more than the brakes have", () => {
    const far = (drive: { x: number[] }) => drive.x.reduce((a, b) => Math.max(a, b));
    const slow = brakeBeforeWall({ rate: 1 });
    expect([far(slow) <= 0, slow.infeasible]).to.deep.equal([true, 0]);
    const fast = brakeBeforeWall({ rate: 4 });
    expect(far(fast)).to.be.closeTo(0.47, 0.005);
    expect(fast.infeasible).to.equal(206);
    expect(far(brakeBeforeWall({ rate: 4, limit: Number.POSITIVE_INFINITY }))).to.be.at.most(1e-9);
  });
});

describe("cruiseControl", () => {
  const car = cruiseControl();
  const start = { v: 20, z: 100 };
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b));

  it("has the published numbers at v 20, z 100", () => {
    for (const barrier of ["braking", "headway"] as CruiseBarrier[]) {
      const at = car.barrierAt(start, barrier);
      const want = only("cruise")[barrier] as number[];
      expect(at.h).to.be.closeTo(want[0], 1e-6);
      expect(at.drift).to.be.closeTo(want[1], 1e-6);
      expect(at.gain[0]).to.be.closeTo(want[2], 1e-9);
    }
  });

  it("keeps the distance with the barrier that knows the brakes, and not with the headway alone", () => {
    const options = { kappa: 5, hold: 0.01, seconds: 30 };
    const knows = car.drive(start, { ...options, barrier: "braking" });
    expect([knows.infeasible, least(knows.spare) > -1e-6]).to.deep.equal([0, true]);
    const blind = car.drive(start, { ...options, barrier: "headway" });
    expect(blind.infeasible).to.be.above(100);
    expect(least(blind.spare)).to.be.within(-2.2, -1.5);
  });

  it("held for half a second the continuous condition fails, the discrete one does not", () => {
    const options = { barrier: "braking", hold: 0.5, seconds: 30 } as const;
    expect(least(car.drive(start, { ...options, kappa: 5 }).spare)).to.be.closeTo(-1.64, 0.03);
    const discrete = car.drive(start, { ...options, kappa: 0.9, discrete: true });
    expect([discrete.infeasible, least(discrete.h) > -1e-9]).to.deep.equal([0, true]);
    expect(() => cruiseControl({ mass: 0 })).to.throw(DomainError, "mass");
    expect(() => car.drive(start, { ...options, kappa: -1 })).to.throw(DomainError, "kappa");
  });
});

describe("barriers on chains", () => {
  const bad = Array.from({ length: 21 }, (_, s) => (s === 20 ? 1 : 0));
  const chain = gamblersChain(0.4, { start: 5, target: 20 });

  it("free, the smallest barrier is the probability; polynomials give up much", async () => {
    expect(hitProbability(chain, bad)[5]).to.be.closeTo((1.5 ** 5 - 1) / (1.5 ** 20 - 1), 1e-12);
    expect((await smallestBarrier(chain, bad)).bound).to.be.closeTo(0.0019835, 5e-8);
    const degrees = [1, 2, 3, 4, 6];
    const want = [0.25, 0.087, 0.0194, 0.0084, 0.0028];
    for (let i = 0; i < degrees.length; i++) {
      const template = Array.from({ length: degrees[i] + 1 }, (_, j) => bad.map((_, s) => (s / 20) ** j));
      const { B, bound } = await smallestBarrier(chain, bad, template);
      expect(bound).to.be.closeTo(want[i], 5e-5);
      for (let s = 1; s < 20; s++) expect(0.4 * B[s + 1] + 0.6 * B[s - 1]).to.be.at.most(B[s] + 1e-6);
    }
  });

  it("give published probabilities, ever and within T", () => {
    const {
      chain: rows,
      bad: at,
      ever,
      within2,
      within10,
    } = only("reach") as unknown as {
      chain: [number, number][][];
      bad: number;
      ever: number;
      within2: number;
      within10: number;
    };
    const outcomes = rows.map((row) => row.map(([probability, next]) => ({ probability, next, reward: 0 })));
    const isBad = rows.map((_, s) => (s === at ? 1 : 0));
    const prism = markovChain(outcomes);
    expect(hitProbability(prism, isBad)[0]).to.be.closeTo(ever, 1e-12);
    expect(hitProbability(prism, isBad, { within: 2 })[0]).to.be.closeTo(within2, 1e-12);
    expect(hitProbability(prism, isBad, { within: 10 })[0]).to.be.closeTo(within10, 1e-12);
    const ruin = gamblersChain(0.4, { start: 2, target: 10 });
    expect(hitProbability(ruin, bad.slice(10))[2]).to.be.closeTo(only("ruin").probability, 5e-8);
  });

  it("grow with time where the walk is fair", () => {
    const fair = gamblersChain(0.5, { start: 5, target: 20 });
    for (const [T, p] of [
      [50, 0.0325],
      [100, 0.1212],
      [400, 0.2468],
    ]) {
      expect(hitProbability(fair, bad, { within: T })[5]).to.be.closeTo(p, 5e-5);
    }
    expect(hitProbability(fair, bad)[5]).to.be.closeTo(0.25, 1e-12);
  });

  it("villeBound: B + kT, at most 1, and never NaN", () => {
    expect(villeBound(0.1, { drift: 0.01, horizon: 20 })).to.be.closeTo(0.3, 1e-12);
    expect(villeBound(0.1)).to.equal(0.1);
    expect(villeBound(0.1, { drift: 0.01 })).to.equal(1);
    expect(villeBound(0.5, { drift: 0.1, horizon: 100 })).to.equal(1);
    expect(() => villeBound(-0.1)).to.throw(DomainError, "atStart");
    expect(() => villeBound(0.1, { horizon: 1.5 })).to.throw(DomainError, "horizon");
  });

  it("refuse lists that do not fit, and templates that hold no barrier", async () => {
    expect(() => hitProbability(chain, [0, 1])).to.throw(ShapeError, "bad");
    expect(() => gamblersChain(1, { start: 1, target: 2 })).to.throw(DomainError, "up");
    let wrong: unknown;
    try {
      await smallestBarrier(chain, bad, [bad.map((_, s) => (s === 20 ? 0 : 1))]);
    } catch (error) {
      wrong = error;
    }
    expect(wrong).to.be.instanceOf(InfeasibleError);
  });

  it("with no bad state, or none that can be reached, the bound is 0", async () => {
    const none = bad.map(() => 0);
    expect(hitProbability(chain, none)[5]).to.equal(0);
    expect((await smallestBarrier(chain, none)).bound).to.equal(0);
  });
});
