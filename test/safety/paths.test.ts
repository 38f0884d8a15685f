import { expect } from "chai";
import fc from "fast-check";
import { DomainError } from "../../lib/src/core/index.js";
import { policyReturn, randomMdp, withRewards } from "../../lib/src/mdp/index.js";
import { key, normal } from "../../lib/src/random/index.js";
import {
  cpoUpdate,
  crpoUpdate,
  dualStep,
  exactPolicy,
  ipoUpdate,
  lagrangianUpdate,
  meanPolicyKl,
  mixedSignsCpoStep,
  pcpoUpdate,
  pidMultiplier,
  policyPath,
  trustRegionProblem,
} from "../../lib/src/safety/index.js";
import { strait } from "../../lib/src/worlds/index.js";

const world = strait();
const path = (update: Parameters<typeof policyPath>[2], iterations: number, start?: ArrayLike<number>) =>
  policyPath(world.mdp, world.cost, update, { iterations, start });
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

describe("an exact softmax policy", () => {
  const mdp = randomMdp(key(3), { states: 4, actions: 3, discount: 0.8 });
  const cost = randomMdp(key(4), { states: 4, actions: 3, discount: 0.8 }).rewards;
  const logits = normal(key(5), 12);

  it("has gradients of J and C as differences say, and a KL whose second derivative is H", () => {
    const at = exactPolicy(mdp, cost, logits);
    const { gradient, costGradient, inverse } = trustRegionProblem(at, { limit: 0, radius: 0.1 });
    const value = (x: Float64Array, of: Float64Array) => {
      const { logProbs } = exactPolicy(mdp, cost, x);
      return policyReturn(withRewards(mdp, of), logProbs.map(Math.exp));
    };
    for (let i = 0; i < 12; i++) {
      const moved = (d: number) => logits.map((x, j) => x + (i === j ? d : 0));
      for (const [of, own] of [
        [mdp.rewards, gradient],
        [cost, costGradient],
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
    const swinging = path(lagrangianUpdate({ limit: 1, rate: 5, gains: { integral: 0.01 } }), 600);
    const late = swinging.costs.subarray(300);
    expect(late.reduce((a, b) => Math.min(a, b))).to.be.below(0.3);
    expect(late.reduce((a, b) => Math.max(a, b))).to.be.above(2.5);
    const damped = path(lagrangianUpdate({ limit: 1, rate: 5, gains: { integral: 0.01, proportional: 0.1 } }), 600);
    expect(last(damped.costs)).to.be.closeTo(1, 1e-3);
    expect(last(damped.values)).to.be.closeTo(0.5617, 5e-4);
    expect(last(damped.multipliers)).to.be.closeTo(0.0931, 3e-4);
  });

  it("CPO ends on the optimum, with the published signs it stays outside", () => {
    const right = path(cpoUpdate({ limit: 1 }), 60);
    expect(last(right.costs)).to.be.closeTo(1, 1e-3);
    expect(last(right.values)).to.be.closeTo(0.562, 1e-3);
    expect(right.costs.filter((C) => C > 1.001).length).to.equal(11);
    const wrong = path(cpoUpdate({ limit: 1, step: mixedSignsCpoStep }), 60);
    expect(last(wrong.costs)).to.be.greaterThan(1.3);
    expect(last(wrong.values)).to.be.below(0.1);
  });

  it("PCPO ends on the optimum in its own metric, on the limit and far below in the plain one", () => {
    const [kl, l2] = (["kl", "l2"] as const).map((metric) => path(pcpoUpdate({ limit: 1, metric }), 150));
    expect(last(kl.values)).to.be.closeTo(0.5617, 5e-4);
    expect(last(l2.values)).to.be.closeTo(0.3635, 5e-4);
    for (const { costs } of [kl, l2]) expect(last(costs)).to.be.closeTo(1, 1e-3);
  });

  it("IPO stays inside and 1 / t below; outside it has no logarithm; CRPO goes back and forth", () => {
    const inside = world.mdp.rewards.map((_, pair) => (pair % 4 === 1 ? 1 : pair % 4 === 0 ? 0.5 : 0));
    expect(() => path(ipoUpdate({ limit: 1, rate: 5, sharpness: 20 }), 1, inside)).to.throw(
      DomainError,
      "less than the limit",
    );
    const start = path(crpoUpdate({ limit: 0.5, rate: 1 }), 60).logProbs;
    const { values, costs } = path(ipoUpdate({ limit: 1, rate: 5, sharpness: 20 }), 300, start);
    expect(costs.reduce((a, b) => Math.max(a, b))).to.be.below(1);
    expect(last(values)).to.be.closeTo(0.512, 5e-3); // the exact optimum of J + ln(1 - C) / 20
    expect(0.562 - last(values)).to.be.closeTo(1 / 20, 5e-3);
  });

  it("refuses rates and iterations that cannot be", () => {
    expect(() => lagrangianUpdate({ limit: 1, rate: 0, gains: {} })).to.throw(DomainError, "rate");
    expect(() => path(crpoUpdate({ limit: 1, rate: 1 }), -1)).to.throw(DomainError, "iterations");
    expect(() => path(() => ({ step: new Float64Array(168).fill(Number.NaN) }), 1)).to.throw(DomainError, "step[0]");
  });
});
