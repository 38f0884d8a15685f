import { expect } from "chai";
import fc from "fast-check";
import { DomainError } from "../../lib/src/core/index.js";
import { constrainedOptimum, policyReturn, randomMdp, withRewards } from "../../lib/src/mdp/index.js";
import { key, normal } from "../../lib/src/random/index.js";
import {
  cpoUpdate,
  crpoUpdate,
  dualStep,
  exactPolicy,
  ipoUpdate,
  lagrangianUpdate,
  logDualStep,
  meanPolicyKl,
  mixedSignsCpoStep,
  pcpoUpdate,
  pidMultiplier,
  policyPath,
  steerPrice,
  trustRegionProblem,
} from "../../lib/src/safety/index.js";
import { strait } from "../../lib/src/worlds/index.js";

const world = strait();
const path = (update: Parameters<typeof policyPath>[2], iterations: number, start?: ArrayLike<number>) => {
  const limits = [{ cost: world.cost, atMost: 1 }];
  const { costs, multipliers, ...found } = policyPath(world.mdp, limits, update, { iterations, start });
  return { ...found, costs: costs[0], multipliers: multipliers[0] };
};
const last = (values: Float64Array) => values[values.length - 1];

describe("multipliers", () => {
  it("dual ascent raises the price of what is too dear, and never pays for cost", () => {
    expect(dualStep(0.5, { cost: 3, limit: 1, rate: 0.1 })).to.be.closeTo(0.7, 1e-12);
    expect(dualStep(0.1, { cost: 0, limit: 1, rate: 0.5 })).to.equal(0);
    expect(() => dualStep(-1, { cost: 0, limit: 1, rate: 0.5 })).to.throw(DomainError, "lambda");
    expect(() => dualStep(0, { cost: Number.NaN, limit: 1, rate: 0.5 })).to.throw(DomainError, "cost");
  });

  it("PID's integral alone is dual ascent (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 20 }), (costs) => {
        let lambda = 0;
        let state = { integral: 0 };
        for (const cost of costs) {
          lambda = dualStep(lambda, { cost, limit: 1, rate: 0.3 });
          const next = pidMultiplier(state, { cost, limit: 1 }, { integral: 0.3 });
          state = next.state;
          expect(next.lambda).to.be.closeTo(lambda, 1e-12);
        }
      }),
    );
  });

  it("PID answers at once, does not wind up, and looks at rising costs only", () => {
    let state: Parameters<typeof pidMultiplier>[0] = { integral: 0 };
    for (let i = 0; i < 50; i++) ({ state } = pidMultiplier(state, { cost: 0, limit: 1 }, { integral: 0.1 }));
    expect(pidMultiplier(state, { cost: 2, limit: 1 }, { integral: 0.1 }).lambda).to.be.closeTo(0.1, 1e-12);
    const gains = { proportional: 0.5, integral: 0.1, derivative: 2 };
    expect(pidMultiplier({ integral: 0.2, cost: 2 }, { cost: 3, limit: 1 }, gains).lambda).to.be.closeTo(
      1 + 0.4 + 2,
      1e-12,
    );
    expect(pidMultiplier({ integral: 0.2, cost: 4 }, { cost: 3, limit: 1 }, gains).lambda).to.be.closeTo(1.4, 1e-12);
    expect(pidMultiplier({ integral: 0.2 }, { cost: 0, limit: 1 }, gains).lambda).to.equal(0);
    expect(() => pidMultiplier({ integral: 0 }, { cost: 1, limit: 1 }, { integral: -1 })).to.throw(
      DomainError,
      "integral",
    );
  });
});

describe("logarithmic prices", () => {
  it("mirror: the excesses add up in the exponent (property); gradient: slower by lambda", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 20 }), (costs) => {
        const lambda = costs.reduce((own, cost) => logDualStep(own, { cost, limit: 1, rate: 0.3 }), 0.2);
        const sum = costs.reduce((total, cost) => total + cost - 1, 0);
        expect(lambda / (0.2 * Math.exp(0.3 * sum))).to.be.closeTo(1, 1e-9);
      }),
    );
    expect(logDualStep(0.5, { cost: 3, limit: 1, rate: 0.1 })).to.be.closeTo(0.5 * Math.exp(0.2), 1e-12);
    expect(logDualStep(0.5, { cost: 3, limit: 1, rate: 0.1, by: "gradient" })).to.be.closeTo(
      0.5 * Math.exp(0.1),
      1e-12,
    );
    // The gradient of lambda d with respect to ln lambda, by differences.
    const dual = (log: number) => Math.exp(log) * (3 - 1);
    const slope = (dual(Math.log(0.5) + 1e-6) - dual(Math.log(0.5) - 1e-6)) / 2e-6;
    expect(Math.log(logDualStep(0.5, { cost: 3, limit: 1, rate: 0.1, by: "gradient" }) / 0.5)).to.be.closeTo(
      0.1 * slope,
      1e-9,
    );
  });

  it("stays a price, however long it is pulled, and refuses what cannot be", () => {
    expect(logDualStep(1, { cost: 1e6, limit: 0, rate: 1 })).to.equal(Number.MAX_VALUE);
    const least = logDualStep(1, { cost: 0, limit: 1e6, rate: 1 });
    expect(least).to.be.greaterThan(0);
    expect(logDualStep(least, { cost: 2, limit: 1, rate: 1 })).to.be.greaterThan(0);
    for (const lambda of [0, -1, Number.NaN]) {
      expect(() => logDualStep(lambda, { cost: 1, limit: 1, rate: 1 }), `${lambda}`).to.throw(DomainError, "lambda");
    }
    expect(() => logDualStep(1, { cost: 1, limit: 1, rate: -1 })).to.throw(DomainError, "rate");
    expect(() => logDualStep(1, { cost: Number.NaN, limit: 1, rate: 1 })).to.throw(DomainError, "cost");
    expect(() => steerPrice(undefined, { cost: 1, limit: 1 }, { logarithmic: 0.1, start: 0 })).to.throw(
      DomainError,
      "lambda",
    );
  });

  it("steerPrice: PID by its gains, the logarithm by its own, each from its beginning", () => {
    const gains = { logarithmic: 0.1, start: 0.5 };
    const first = steerPrice(undefined, { cost: 3, limit: 1 }, gains);
    expect(first.lambda).to.be.closeTo(0.5 * Math.exp(0.2), 1e-12);
    expect(steerPrice(first.state, { cost: 1, limit: 1 }, gains).lambda).to.equal(first.lambda);
    const pid = steerPrice(undefined, { cost: 3, limit: 1 }, { integral: 0.1, proportional: 0.2 });
    expect(pid).to.deep.equal(
      pidMultiplier({ integral: 0 }, { cost: 3, limit: 1 }, { integral: 0.1, proportional: 0.2 }),
    );
  });
});

describe("an exact softmax policy", () => {
  const mdp = randomMdp(key(3), { states: 4, actions: 3, discount: 0.8 });
  const cost = randomMdp(key(4), { states: 4, actions: 3, discount: 0.8 }).rewards;
  const logits = normal(key(5), 12);

  it("is a policy beside logits of any size", () => {
    const { logProbs } = exactPolicy(mdp, [], new Float64Array(12).fill(1e300));
    for (const log of logProbs) expect(log).to.be.closeTo(-Math.log(3), 1e-12);
  });

  it("has gradients of J and C as differences say, and a KL whose second derivative is H", () => {
    const at = exactPolicy(mdp, [{ cost, atMost: 0 }], logits);
    const { gradient, costGradients, inverse } = trustRegionProblem(at, { radius: 0.1 });
    const value = (x: Float64Array, of: Float64Array) => {
      const { logProbs } = exactPolicy(mdp, [], x);
      return policyReturn(withRewards(mdp, of), logProbs.map(Math.exp));
    };
    for (let i = 0; i < 12; i++) {
      const moved = (d: number) => logits.map((x, j) => x + (i === j ? d : 0));
      for (const [of, own] of [
        [mdp.rewards, gradient],
        [cost, costGradients[0]],
      ] as const) {
        expect(own[i]).to.be.closeTo((value(moved(1e-5), of) - value(moved(-1e-5), of)) / 2e-5, 1e-7);
      }
    }
    // Along H^-1 g the KL is g'H^-1 g / 2 to second order.
    const direction = inverse(gradient);
    const t = 1e-4;
    const kl = meanPolicyKl(
      at,
      logits.map((x, i) => x + t * direction[i]),
    );
    const q = Array.from(gradient).reduce((sum, g, i) => sum + g * direction[i], 0);
    expect(kl / t ** 2).to.be.closeTo(q / 2, 0.01 * q);
  });
});

describe("paths to the limit, on the strait", () => {
  it("the integral alone swings; with a proportional part it settles where the program says", () => {
    const swinging = path(lagrangianUpdate({ rate: 5, gains: { integral: 0.01 } }), 600);
    const late = swinging.costs.subarray(300);
    expect(late.reduce((a, b) => Math.min(a, b))).to.be.below(0.3);
    expect(late.reduce((a, b) => Math.max(a, b))).to.be.above(2.5);
    const damped = path(lagrangianUpdate({ rate: 5, gains: { integral: 0.01, proportional: 0.1 } }), 600);
    expect(last(damped.costs)).to.be.closeTo(1, 1e-3);
    expect(last(damped.values)).to.be.closeTo(0.5617, 5e-4);
    expect(last(damped.multipliers)).to.be.closeTo(0.0931, 3e-4);
  });

  it("CPO ends on the optimum, with the published signs it stays outside", () => {
    const right = path(cpoUpdate(), 60);
    expect(last(right.costs)).to.be.closeTo(1, 1e-3);
    expect(last(right.values)).to.be.closeTo(0.562, 1e-3);
    expect(right.costs.filter((C) => C > 1.001).length).to.equal(11);
    const wrong = path(cpoUpdate({ step: mixedSignsCpoStep }), 60);
    expect(last(wrong.costs)).to.be.greaterThan(1.3);
    expect(last(wrong.values)).to.be.below(0.1);
  });

  it("PCPO ends on the optimum in its own metric, on the limit and far below in the plain one", () => {
    const [kl, l2] = (["kl", "l2"] as const).map((metric) => path(pcpoUpdate({ metric }), 150));
    expect(last(kl.values)).to.be.closeTo(0.5617, 5e-4);
    expect(last(l2.values)).to.be.closeTo(0.3635, 5e-4);
    for (const { costs } of [kl, l2]) expect(last(costs)).to.be.closeTo(1, 1e-3);
  });

  it("IPO stays inside and 1 / t below; outside it has no logarithm; CRPO goes back and forth", () => {
    const inside = world.mdp.rewards.map((_, pair) => (pair % 4 === 1 ? 1 : pair % 4 === 0 ? 0.5 : 0));
    expect(() => path(ipoUpdate({ rate: 5, sharpness: 20 }), 1, inside)).to.throw(DomainError, "less than the limit");
    const half = [{ cost: world.cost, atMost: 0.5 }];
    const start = policyPath(world.mdp, half, crpoUpdate({ rate: 1 }), { iterations: 60 }).logProbs;
    const { values, costs } = path(ipoUpdate({ rate: 5, sharpness: 20 }), 300, start);
    expect(costs.reduce((a, b) => Math.max(a, b))).to.be.below(1);
    expect(last(values)).to.be.closeTo(0.512, 5e-3); // the exact optimum of J + ln(1 - C) / 20
    expect(0.562 - last(values)).to.be.closeTo(1 / 20, 5e-3);
  });

  it("a limit that is far away changes nothing, in every method", () => {
    const [near, far] = [
      { cost: world.cost, atMost: 1 },
      { cost: world.onArriving({ "~": 1, H: 1 }), atMost: 1000 },
    ];
    const start = policyPath(world.mdp, [{ ...near, atMost: 0.5 }], crpoUpdate({ rate: 1 }), {
      iterations: 60,
    }).logProbs;
    const updates = {
      cpo: () => cpoUpdate(),
      pcpo: () => pcpoUpdate(),
      steered: () => lagrangianUpdate({ rate: 2, gains: { integral: 0.01, proportional: 0.1 } }),
      crpo: () => crpoUpdate({ rate: 0.3 }),
    };
    for (const [name, update] of Object.entries(updates)) {
      const [one, two] = [[near], [near, far]].map((limits) =>
        policyPath(world.mdp, limits, update(), { iterations: 15, start }),
      );
      expect(two.values[15], name).to.be.closeTo(one.values[15], 1e-7);
      expect(two.costs[0][15], name).to.be.closeTo(one.costs[0][15], 1e-6);
    }
  });

  it("under two limits CPO, PCPO and P and I end on the program's corner, with its prices", async () => {
    const reserve = strait({ map: ["S.~~~.H", "..~~~..", "..~~~..", "...~...", "..nnn..", "..nnn.."] });
    const limits = [
      { cost: reserve.cost, atMost: 0.5 },
      { cost: reserve.onArriving({ n: 1 }), atMost: 0.5 },
    ];
    const corner = await constrainedOptimum(reserve.mdp, limits);
    const steered = lagrangianUpdate({ rate: 2, gains: { integral: 0.05, proportional: 0.5 } });
    const runs = { cpo: [cpoUpdate(), 100], pcpo: [pcpoUpdate(), 150], steered: [steered, 600] } as const;
    for (const [name, [update, iterations]] of Object.entries(runs)) {
      const { values, costs, multipliers } = policyPath(reserve.mdp, limits, update, { iterations });
      expect(last(values), name).to.be.closeTo(corner.value, 1e-3);
      for (const own of costs) expect(last(own), name).to.be.closeTo(0.5, 1e-3);
      if (name === "steered") {
        multipliers.forEach((own, k) => {
          expect(last(own)).to.be.closeTo(corner.multipliers[k], 5e-3);
        });
      }
    }
    expect(() => policyPath(reserve.mdp, limits, cpoUpdate({ step: mixedSignsCpoStep }), { iterations: 1 })).to.throw(
      DomainError,
      "knows one",
    );
  });

  it("with two limits each has its own price, its own wall, and the worst one is stepped against", () => {
    const limits = [
      { cost: world.cost, atMost: 4 },
      { cost: world.onArriving({ ".": 1 }), atMost: 2 },
    ];
    const at = exactPolicy(world.mdp, limits, new Float64Array(168));
    const [c1, c2] = at.excesses;
    expect(c1).to.be.closeTo(at.costs[0] - 4, 1e-12);
    expect(c2).to.be.greaterThan(c1);
    expect(c1).to.be.greaterThan(0);
    const against = crpoUpdate({ rate: 0.5 })(at).step;
    const free = crpoUpdate({ rate: 0.5, tolerance: 100 })(at).step;
    const update = lagrangianUpdate({ rate: 2, gains: { integral: 0.1 } });
    update(at);
    const { lambdas = [], step } = update(at); // twice: each remembers its own
    const divided = lagrangianUpdate({ rate: 2, gains: { integral: 0.2 }, divide: true })(at);
    const roomy = { ...at, excesses: [-0.5, -0.25] };
    const walls = ipoUpdate({ rate: 3, sharpness: 20 })(roomy);
    expect(lambdas[0]).to.be.closeTo(0.2 * c1, 1e-12);
    expect(lambdas[1]).to.be.closeTo(0.2 * c2, 1e-12);
    expect(walls.lambdas).to.deep.equal([0.1, 0.2]);
    at.advantages.forEach((A, pair) => {
      const [A1, A2] = at.costAdvantages.map((own) => own[pair]);
      expect(against[pair]).to.be.closeTo(-0.5 * A2, 1e-12);
      expect(free[pair]).to.be.closeTo(0.5 * A, 1e-12);
      expect(step[pair]).to.be.closeTo(2 * (A - 0.2 * c1 * A1 - 0.2 * c2 * A2), 1e-10);
      expect(divided.step[pair]).to.be.closeTo(step[pair] / (1 + 0.2 * (c1 + c2)), 1e-10);
      expect(walls.step[pair]).to.be.closeTo(3 * (A - 0.1 * A1 - 0.2 * A2), 1e-10);
    });
    expect(() => ipoUpdate({ rate: 3, sharpness: 20 })({ ...at, excesses: [-1, 0] })).to.throw(DomainError, "cost 1");
  });

  it("refuses rates and iterations that cannot be", () => {
    expect(() => lagrangianUpdate({ rate: 0, gains: {} })).to.throw(DomainError, "rate");
    expect(() => path(crpoUpdate({ rate: 1 }), -1)).to.throw(DomainError, "iterations");
    const endless = [{ cost: world.cost, atMost: Number.NaN }];
    expect(() => policyPath(world.mdp, endless, crpoUpdate({ rate: 1 }), { iterations: 1 })).to.throw(
      DomainError,
      "limits[0].atMost",
    );
    expect(() => path(() => ({ step: new Float64Array(168).fill(Number.NaN) }), 1)).to.throw(DomainError, "step[0]");
  });
});
