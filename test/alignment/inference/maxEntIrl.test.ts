import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import {
  demonstratedOccupancy,
  featureExpectations,
  maxEntIrl,
  maxEntPoint,
  softBackup,
  softFiniteHorizon,
  softOptimum,
  stateDistributions,
  weightedReward,
} from "../../../lib/src/alignment/index.js";
import { DivergenceError, DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { gridworld, occupancy, randomMdp, tabularMdp, uniformPolicy, withRewards } from "../../../lib/src/mdp/index.js";
import { differenceGradient } from "../../../lib/src/numerics/index.js";
import { key } from "../../../lib/src/random/index.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/alignment-values.json", import.meta.url), "utf8"));
const close = (a: ArrayLike<number>, b: ArrayLike<number>, within: number) => {
  expect(a.length).to.equal(b.length);
  for (let i = 0; i < a.length; i++) expect(a[i], `[${i}]`).to.be.closeTo(b[i], within);
};
const total = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** 4 x 4, slips, a goal in the corner, lava on the short way. */
const grid = gridworld(["S...", ".LL.", ".L..", "...G"], { slip: 0.1, discount: 0.9 });
const features = [grid.onArriving({ G: 1 }), grid.onArriving({ L: 1 }), new Float64Array(64).fill(1)];
const truth = [2, -1.5, 0];
const expert = softOptimum(withRewards(grid.mdp, weightedReward(features, truth)), { temperature: 1 });
const wanted = featureExpectations(grid.mdp, expert.policy, features);

describe("the soft optimum", () => {
  it("backs up by log-sum-exp, at any size, and twice the temperature of twice the rewards is twice the value", () => {
    expect(softBackup([0, 1000], 1)).to.equal(1000);
    expect(softBackup([-1e6, -1e6], 2)).to.be.closeTo(-1e6 + 2 * Math.LN2, 1e-9);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        (q, temperature) => {
          const v = softBackup(q, temperature);
          expect(v).to.be.at.least(q.reduce((a, b) => Math.max(a, b)) - 1e-9);
          const doubled = softBackup(
            q.map((x) => 2 * x),
            2 * temperature,
          );
          expect(doubled).to.be.closeTo(2 * v, 1e-9 * (1 + Math.abs(v)));
          const shifted = softBackup(
            q.map((x) => x + 3),
            temperature,
          );
          expect(shifted).to.be.closeTo(v + 3, 1e-9 * (1 + Math.abs(v)));
        },
      ),
    );
  });

  it("satisfies its own equations, and its policy adds up to 1", () => {
    const { value, policy, logPolicy } = expert;
    const reward = weightedReward(features, truth);
    for (let s = 0; s < 16; s++) {
      expect(total(policy.subarray(4 * s, 4 * s + 4))).to.be.closeTo(1, 1e-12);
      const q = Array.from({ length: 4 }, (_, a) => {
        const row = grid.mdp.transitions.subarray((4 * s + a) * 16, (4 * s + a + 1) * 16);
        return reward[4 * s + a] + 0.9 * row.reduce((sum, p, t) => sum + p * value[t], 0);
      });
      expect(softBackup(q, 1)).to.be.closeTo(value[s], 1e-10);
      q.forEach((x, a) => {
        expect(logPolicy[4 * s + a]).to.be.closeTo(x - value[s], 1e-9);
      });
    }
  });

  it("over a horizon gives the published numbers, discount 1", () => {
    const { horizon, transitions, rewards, start, value, policyOfState1, visits } = golden[0];
    const world = tabularMdp({
      ...{ states: 5, actions: 3, discount: 0, start },
      transitions: transitions.flat(2),
      rewards: rewards.flatMap((r: number) => [r, r, r]),
    });
    const plan = softFiniteHorizon(world, { temperature: 1, horizon, discount: 1 });
    close(plan.value[0], value, 1e-6);
    close(plan.policy[0].subarray(3, 6), policyOfState1, 1e-6);
    const seen = stateDistributions(world, plan.policy);
    expect(seen).to.have.length(21);
    const sums = seen[0].map((_, s) => total(seen.map((row) => row[s])));
    close(sums, visits, 1e-6);
  });

  it("over a long horizon becomes the one without end", () => {
    const world = withRewards(grid.mdp, weightedReward(features, truth));
    const plan = softFiniteHorizon(world, { temperature: 1, horizon: 400 });
    close(plan.value[0], expert.value, 1e-9);
    close(plan.policy[0], expert.policy, 1e-9);
  });

  it("refuses a temperature of 0, a horizon of none, a discount above 1", () => {
    expect(() => softOptimum(grid.mdp, { temperature: 0 })).to.throw(DomainError, "temperature");
    expect(() => softBackup([1], Number.NaN)).to.throw(DomainError, "temperature");
    expect(() => softFiniteHorizon(grid.mdp, { temperature: 1, horizon: 0 })).to.throw(DomainError, "horizon");
    expect(() => softFiniteHorizon(grid.mdp, { temperature: 1, horizon: 3, discount: 1.1 })).to.throw("discount");
    const rewards = new Float64Array(64).fill(Number.NaN);
    expect(() => softFiniteHorizon(grid.mdp, { temperature: 1, horizon: 3, rewards })).to.throw(DomainError, "Q in");
  });
});

describe("maximum entropy inverse reinforcement learning", () => {
  it("has the gradient that differences have, with and without end, at two temperatures", () => {
    const at = [0.3, -0.4, 0.2];
    for (const model of [{}, { temperature: 2.5 }, { horizon: 7 }, { horizon: 7, temperature: 0.5 }]) {
      const { gradient } = maxEntPoint(grid.mdp, features, wanted, at, model);
      const slow = differenceGradient((w) => maxEntPoint(grid.mdp, features, wanted, w, model).logLikelihood, at);
      close(gradient, slow, 1e-7);
    }
  });

  it("has the log-likelihood of the expert's own steps", () => {
    const { logLikelihood } = maxEntPoint(grid.mdp, features, wanted, truth);
    const mu = occupancy(grid.mdp, expert.policy);
    expect(logLikelihood).to.be.closeTo(total(mu.map((m, i) => m * expert.logPolicy[i])), 1e-9);
  });

  it("finds the weights again", () => {
    const found = maxEntIrl(grid.mdp, features, wanted, { rate: 5, steps: 3000 });
    expect(found.weights[0]).to.be.closeTo(2, 1e-3);
    expect(found.weights[1]).to.be.closeTo(-1.5, 1e-3);
    // The constant makes no difference to behaviour: it stays where it was.
    expect(found.weights[2]).to.be.closeTo(0, 1e-9);
    found.path.slice(1).forEach(({ logLikelihood }, i) => {
      expect(logLikelihood).to.be.at.least(found.path[i].logLikelihood - 1e-12);
    });
  });

  it("does not depend on the unit: rewards and temperature ten times as large", () => {
    const fit = (temperature: number, rate: number) =>
      maxEntIrl(grid.mdp, features, wanted, { temperature, rate, steps: 50 }).weights;
    const one = fit(1, 1);
    close(
      fit(10, 100),
      one.map((w) => 10 * w),
      1e-6,
    );
  });

  it("stands still for the uniform policy", () => {
    const mdp = randomMdp(key(5), { states: 5, actions: 2, discount: 0.8 });
    const own = [mdp.rewards];
    const found = maxEntIrl(mdp, own, featureExpectations(mdp, uniformPolicy(mdp), own));
    expect(found.steps).to.equal(0);
  });

  it("reads demonstrations: shares that add up to 1, and refuses those that cannot be", () => {
    const walk: [number, number][] = [
      [0, 0],
      [1, 0],
      [2, 0],
    ];
    const mu = demonstratedOccupancy(grid.mdp, [walk, [[0, 1]]]);
    expect(total(mu)).to.be.closeTo(1, 1e-12);
    expect(mu[0]).to.be.closeTo(0.5 / 2.71, 1e-12);
    expect(mu[1]).to.be.closeTo(0.5, 1e-12);
    for (const [demonstrations, words] of [
      [[], "at least one"],
      [[[]], "at least one step"],
      [[[[3, 0]]], "can start"],
      [[[[0, 4]]], "an action below 4"],
      [
        [
          [
            [0, 0],
            [15, 0],
          ],
        ],
        "action 0 in state 0 can lead to",
      ],
      [[[[Number.NaN, 0]]], "a state below 16"],
    ] as [[number, number][][], string][]) {
      expect(() => demonstratedOccupancy(grid.mdp, demonstrations)).to.throw(DomainError, words);
    }
  });

  it("refuses features and weights that do not fit, and says when a rate is too high", () => {
    expect(() => maxEntIrl(grid.mdp, [], [])).to.throw(DomainError, "features");
    expect(() => maxEntIrl(grid.mdp, features, [1, 2])).to.throw(ShapeError, "expectations");
    expect(() => maxEntIrl(grid.mdp, features, [1, Number.NaN, 0])).to.throw(DomainError, "expectations[1]");
    expect(() => maxEntIrl(grid.mdp, [new Float64Array(3)], [1])).to.throw(ShapeError);
    expect(() => maxEntIrl(grid.mdp, features, wanted, { rate: 0 })).to.throw(DomainError, "rate");
    expect(() => maxEntIrl(grid.mdp, features, wanted, { temperature: -1 })).to.throw(DomainError, "temperature");
    const far = [1e3, 0, 0];
    expect(() => maxEntIrl(grid.mdp, features, far, { rate: 1e308 })).to.throw(DivergenceError, "lower rate");
  });
});
