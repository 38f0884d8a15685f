import { expect } from "chai";
import {
  attainableUtilityPenalty,
  auxiliaryValues,
  reachability,
  reachabilityPenalty,
  relativeReachability,
  tiedOptima,
} from "../../../lib/src/alignment/index.js";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { finiteHorizon, gridworld, randomMdp, tabularMdp, withRewards } from "../../../lib/src/mdp/index.js";
import { key, normal } from "../../../lib/src/random/index.js";
import { sokoban } from "../../../lib/src/worlds/index.js";

/** 0 and 1 lead to each other, both may break to 2, which stays. Actions: stay, swap, break. */
const vase = tabularMdp({
  ...{ states: 3, actions: 3, discount: 0.9, start: [1, 0, 0] },
  transitions: [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1],
  rewards: new Float64Array(9),
});

describe("reachability", () => {
  it("is gamma to the distance, as in a chart", () => {
    const grid = gridworld(["S..#", ".#..", "...G"], { discount: 0.9 });
    const reach = reachability(grid.mdp, { discount: 0.8 });
    const distance = grid.distance("G");
    grid.fields.split("").forEach((field, s) => {
      if (field !== "#") expect(reach[s][11]).to.be.closeTo(0.8 ** distance[s], 1e-12);
    });
    expect(reach[0][3]).to.equal(0);
  });

  it("with chance is the best expected discount", () => {
    // From 0 one arrives with probability 1/2 a step: sum of gamma^k 2^-k.
    const coin = tabularMdp({ states: 2, actions: 1, transitions: [0.5, 0.5, 0, 1], rewards: [0, 0], discount: 0 });
    expect(reachability(coin, { discount: 0.9 })[0][1]).to.be.closeTo(0.45 / 0.55, 1e-10);
    expect(reachability(coin, { discount: 1 })[0][1]).to.be.closeTo(1, 1e-10);
    expect(reachability(coin, { discount: 0 })[0]).to.deep.equal(Float64Array.of(1, 0));
  });

  it("relative: counts what is lost, not what is gained", () => {
    const reach = reachability(vase, { discount: 1 });
    expect(relativeReachability(reach, { baseline: 0, state: 2 })).to.be.closeTo(2 / 3, 1e-12);
    expect(relativeReachability(reach, { baseline: 2, state: 0 })).to.equal(0);
    expect(relativeReachability(reach, { baseline: 0, state: 1 })).to.equal(0);
  });

  it("pushing the box down loses 50 of 60 states", () => {
    const open = sokoban({ ends: false });
    const reach = reachability(open.mdp, { discount: 1 });
    const state = open.walk("d").visits.indexOf(1);
    expect(relativeReachability(reach, { baseline: 0, state })).to.be.closeTo(50 / 60, 1e-12);
  });

  it("as a penalty: the break costs, once stepwise and always against the start", () => {
    const reach = reachability(vase, { discount: 1 });
    const stepwise = reachabilityPenalty(vase, reach, { noop: 0, baseline: "stepwise" });
    const start = reachabilityPenalty(vase, reach, { noop: 0, baseline: "start" });
    expect(Array.from(stepwise, (x) => x.toFixed(3))).to.deep.equal([
      "0.000",
      "0.000",
      "0.667",
      "0.000",
      "0.000",
      "0.667",
      "0.000",
      "0.000",
      "0.000",
    ]);
    expect(Array.from(start.subarray(6), (x) => x.toFixed(3))).to.deep.equal(["0.667", "0.667", "0.667"]);
  });

  it("refuses discounts, states and baselines that are not there", () => {
    const reach = reachability(vase, { discount: 1 });
    expect(() => reachability(vase, { discount: 1.5 })).to.throw(DomainError, "discount");
    expect(() => relativeReachability(reach, { baseline: 5, state: 0 })).to.throw(DomainError, "baseline");
    expect(() => relativeReachability([[1, 0]], { baseline: 0, state: 0 })).to.throw(ShapeError, "reach");
    expect(() => reachabilityPenalty(vase, reach, { noop: 3, baseline: "start" })).to.throw(DomainError, "noop");
    const wide = { ...vase, start: Float64Array.of(0.5, 0.5, 0) };
    expect(() => reachabilityPenalty(wide, reach, { noop: 0, baseline: "start" })).to.throw(DomainError, "start");
  });
});

describe("attainable utility", () => {
  it("by hand: breaking loses the goal of state 0 and gains that of state 2", () => {
    const goals = [0, 2].map((s) =>
      Float64Array.from({ length: 9 }, (_, pair) => (Math.floor(pair / 3) === s ? 1 : 0)),
    );
    const q = auxiliaryValues(vase, goals);
    // Staying at 0: 10 for ever; breaking: 1. For state 2: staying 0.9 * 9, breaking 9.
    expect(q[0][0]).to.be.closeTo(10, 1e-9);
    expect(q[0][2]).to.be.closeTo(1, 1e-9);
    expect(q[1][2] - q[1][0]).to.be.closeTo(9 - 8.1, 1e-9);
    const penalty = attainableUtilityPenalty(vase, q, { noop: 0 });
    expect(penalty[0]).to.equal(0);
    expect(penalty[2]).to.be.closeTo((9 + 0.9) / 2, 1e-9);
    const scaled = attainableUtilityPenalty(vase, q, { noop: 0, scaled: true });
    expect(scaled[2]).to.be.closeTo(9.9 / 18.1, 1e-9);
  });

  it("refuses no goals, a noop that is none, a scale of 0", () => {
    expect(() => attainableUtilityPenalty(vase, [], { noop: 0 })).to.throw(DomainError, "values");
    expect(() => attainableUtilityPenalty(vase, [new Float64Array(9)], { noop: 7 })).to.throw(DomainError, "noop");
    const zero = [new Float64Array(9)];
    expect(() => attainableUtilityPenalty(vase, zero, { noop: 0, scaled: true })).to.throw(DomainError, "Q(s, noop)");
  });
});

describe("tied optima", () => {
  it("are the best and the worst of all deterministic plans that are optimal, by enumeration", () => {
    for (let i = 0; i < 10; i++) {
      const world = randomMdp(key(i), { states: 2, actions: 2, discount: 0.5, branching: 2 });
      // Rewards that tie often.
      const mdp = withRewards(
        world,
        world.rewards.map((r) => (r > 0 ? 1 : 0)),
      );
      const utility = normal(key(100 + i), 4);
      const { best, worst, reward, utility: most } = tiedOptima(mdp, utility, { horizon: 3, discount: 1 });
      const all: [number, number][] = [];
      for (let code = 0; code < 64; code++) {
        let [r, u] = [new Float64Array(2), new Float64Array(2)];
        for (let t = 2; t >= 0; t--) {
          const step = (v: Float64Array, pays: ArrayLike<number>) =>
            v.map((_, s) => {
              const pair = 2 * s + ((code >> (2 * t + s)) & 1);
              return pays[pair] + mdp.transitions[2 * pair] * v[0] + mdp.transitions[2 * pair + 1] * v[1];
            });
          [r, u] = [step(r, mdp.rewards), step(u, utility)];
        }
        all.push([(r[0] + r[1]) / 2, (u[0] + u[1]) / 2]);
      }
      const top = all.reduce((m, [r]) => Math.max(m, r), Number.NEGATIVE_INFINITY);
      const tied = all.filter(([r]) => r > top - 1e-9).map(([, u]) => u);
      expect(reward).to.be.closeTo(top, 1e-9);
      expect(best).to.be.closeTo(Math.max(...tied), 1e-9);
      expect(worst).to.be.closeTo(Math.min(...tied), 1e-9);
      expect(most).to.be.closeTo(Math.max(...all.map(([, u]) => u)), 1e-9);
    }
  });

  it("of a reward that is the utility leave nothing open, and one step takes the last discount", () => {
    const mdp = randomMdp(key(4), { states: 6, actions: 3, discount: 0.9 });
    const { best, worst, utility, reward } = tiedOptima(mdp, mdp.rewards, { horizon: 20 });
    for (const value of [worst, utility, reward]) expect(value).to.be.closeTo(best, 1e-9);
    const { value } = finiteHorizon(mdp, { horizon: 20 });
    expect(reward).to.be.closeTo(
      value[0].reduce((sum, v) => sum + v / 6, 0),
      1e-9,
    );
    expect(() => tiedOptima(mdp, [1], { horizon: 2 })).to.throw(ShapeError, "utility");
    expect(() => tiedOptima(mdp, mdp.rewards, { horizon: 0 })).to.throw(DomainError, "horizon");
    expect(() => tiedOptima(mdp, mdp.rewards, { horizon: 2, discount: 2 })).to.throw(DomainError, "discount");
  });
});
