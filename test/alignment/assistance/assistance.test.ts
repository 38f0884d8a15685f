import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import {
  assistancePlan,
  bestHumanRule,
  bestRobotReply,
  type CirlGame,
  cirlOneShot,
  cirlValue,
  iteratedBestResponse,
  noisyIncentive,
  observations,
  offSwitchIncentive,
  offSwitchThreshold,
  rationalIncentive,
} from "../../../lib/src/alignment/index.js";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { sigmoid } from "../../../lib/src/numerics/index.js";
import { foldIn, key, normal } from "../../../lib/src/random/index.js";
import { paperclipsAndStaples, pieKitchen } from "../../../lib/src/worlds/index.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/alignment-values.json", import.meta.url), "utf8"));

describe("the cooperative game of one round", () => {
  const game = paperclipsAndStaples();

  it("gives the published equilibrium, and the values around it", () => {
    const { silent, alone, equilibrium, knowing, oneOfEach } = golden[3];
    const best = cirlOneShot(game);
    expect(best.value).to.be.closeTo(equilibrium, 1e-8);
    expect(best.value).to.be.closeTo(92 - 2091 / 92, 1e-10);
    const each = Array.from(best.rule).flatMap((h, k) => (h === 1 ? [game.thetas[k]] : []));
    expect(each[0] - 1 / 1656).to.be.closeTo(oneOfEach[0], 1e-9);
    expect(each[each.length - 1] + 1 / 1656).to.be.closeTo(oneOfEach[1], 1e-9);
    expect(cirlValue(game, game.alone, bestRobotReply(game, game.alone))).to.be.closeTo(alone, 1e-10);
    const deaf = [1, 1, 1];
    expect(cirlValue(game, bestHumanRule(game, deaf), deaf)).to.be.closeTo(silent, 1e-10);
    const all = game.payoff.map((rows) => rows.flatMap((row) => Array.from(row)).reduce((a, b) => Math.max(a, b)));
    expect(all.reduce((sum, v) => sum + v / 828, 0)).to.be.closeTo(knowing, 1e-8);
  });

  it("is reached by one best response here, and answers never make it worse", () => {
    const path = iteratedBestResponse(game, { from: game.alone });
    expect(path.map(({ value }) => value.toFixed(4))).to.deep.equal(["69.0000", "69.2717"]);
    const mixes = paperclipsAndStaples({ mixes: 11 });
    const climb = iteratedBestResponse(mixes, { from: mixes.alone }).map(({ value }) => value);
    climb.slice(1).forEach((value, i) => {
      expect(value).to.be.greaterThan(climb[i]);
    });
    expect(climb[climb.length - 1]).to.be.at.most(cirlOneShot(mixes).value + 1e-9);
  });

  it("is the best pair of all, by trying every rule and reply of small random games", () => {
    for (let i = 0; i < 20; i++) {
      const u = normal(foldIn(key(5), i), 12);
      const small: CirlGame = {
        prior: [0.5, 0.2, 0.3],
        payoff: [0, 1, 2].map((t) => [0, 1].map((h) => [u[4 * t + 2 * h], u[4 * t + 2 * h + 1]])),
      };
      let most = Number.NEGATIVE_INFINITY;
      for (let code = 0; code < 32; code++) {
        const bits = Array.from({ length: 5 }, (_, b) => (code >> b) & 1);
        most = Math.max(most, cirlValue(small, bits.slice(0, 3), bits.slice(3)));
      }
      const best = cirlOneShot(small);
      expect(best.value).to.be.closeTo(most, 1e-12);
      // An equilibrium: neither gains alone.
      expect(cirlValue(small, bestHumanRule(small, best.reply), best.reply)).to.be.closeTo(best.value, 1e-12);
      expect(cirlValue(small, best.rule, bestRobotReply(small, best.rule))).to.be.closeTo(best.value, 1e-12);
    }
  });

  it("refuses games and choices that do not fit", () => {
    expect(() => cirlOneShot({ prior: [1], payoff: [[]] })).to.throw(DomainError, "payoff");
    expect(() => cirlOneShot({ prior: [0.5, 0.4], payoff: [[[1]], [[1]]] })).to.throw(DomainError, "prior");
    expect(() => cirlOneShot({ prior: [0.5, 0.5], payoff: [[[1]], [[1], [2]]] })).to.throw(DomainError, "payoff[1]");
    expect(() => cirlValue(game, [0], [0, 0, 0])).to.throw(ShapeError, "rule");
    expect(() => bestHumanRule(game, [0, 3, 0])).to.throw(DomainError, "reply[1]");
    const wide = { prior: [1], payoff: [Array.from({ length: 7 }, () => new Float64Array(10))] };
    expect(() => cirlOneShot(wide)).to.throw(DomainError, "1e6");
  });
});

describe("the off-switch game", () => {
  it("has the published numbers, rational and noisy", () => {
    for (const [mu, s, delta] of golden[2].rational) expect(rationalIncentive(mu, s)).to.be.closeTo(delta, 1e-6);
    for (const [mu, s, beta, delta] of golden[2].noisy) expect(noisyIncentive(mu, s, beta)).to.be.closeTo(delta, 1e-6);
  });

  it("changes sign exactly at s^2 / (2 |mu|)", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.double({ min: 0.2, max: 3, noNaN: true }),
        fc.boolean(),
        (size, s, negative) => {
          const mu = negative ? -size : size;
          const beta = offSwitchThreshold(mu, s);
          expect(Math.abs(noisyIncentive(mu, s, beta))).to.be.below(1e-12 * (1 + s));
          expect(noisyIncentive(mu, s, beta * 0.97)).to.be.greaterThan(0);
          expect(noisyIncentive(mu, s, beta * 1.03)).to.be.below(0);
        },
      ),
      { numRuns: 40 },
    );
    expect(offSwitchThreshold(0, 1)).to.equal(Number.POSITIVE_INFINITY);
    for (const beta of [0.1, 1, 10, 100]) expect(noisyIncentive(0, 1, beta)).to.be.greaterThan(0);
    expect(4 * 100 * noisyIncentive(0, 1, 100)).to.be.closeTo(1, 1e-3);
  });

  it("goes to the rational one, scales with its unit, and fits at the seam of its two ways to compute", () => {
    expect(noisyIncentive(0.4, 2, 1e-7)).to.be.closeTo(rationalIncentive(0.4, 2), 1e-10);
    expect(noisyIncentive(3, 6, 1.5)).to.be.closeTo(3 * noisyIncentive(1, 2, 0.5), 1e-12);
    expect(noisyIncentive(0.3, 1, 0.001000001)).to.be.closeTo(noisyIncentive(0.3, 1, 0.000999999), 1e-10);
    expect(noisyIncentive(-1, 1, 0.7)).to.be.closeTo(noisyIncentive(1, 1, 0.7), 1e-12);
  });

  it("on a list is what the formula says, and agrees with the normal one on a fine grid", () => {
    expect(offSwitchIncentive([-1, 2], [0.5, 0.5], (u) => (u > 0 ? 1 : 0))).to.equal(0.5);
    expect(offSwitchIncentive([-1, -2], [0.5, 0.5], () => 0.5)).to.equal(-0.75);
    const u = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 200 + 0.5);
    const mass = u.map((x) => Math.exp((-(x - 0.5) * (x - 0.5)) / 2));
    const total = mass.reduce((a, b) => a + b);
    const on = offSwitchIncentive(
      u,
      mass.map((m) => m / total),
      (x) => sigmoid(x / 0.8),
    );
    expect(on).to.be.closeTo(noisyIncentive(0.5, 1, 0.8), 1e-9);
  });

  it("refuses a person without probabilities, and robots without doubt", () => {
    expect(() => rationalIncentive(0, 0)).to.throw(DomainError, "s");
    expect(() => noisyIncentive(0, 1, 0)).to.throw(DomainError, "beta");
    expect(() => noisyIncentive(Number.NaN, 1, 1)).to.throw(DomainError, "mu");
    expect(() => offSwitchIncentive([1], [1], () => 2)).to.throw(DomainError, "allows(1)");
    expect(() => offSwitchIncentive([1, 2], [1], () => 1)).to.throw(ShapeError, "probabilities");
    expect(() => offSwitchIncentive([Number.NaN], [1], () => 1)).to.throw(DomainError, "utilities[0]");
  });
});

describe("assistance over several steps", () => {
  it("a person who speaks clearly: dough, pie, and nothing lost", () => {
    expect(assistancePlan(pieKitchen({ clear: 1 })).value).to.equal(9);
    // One who says nothing: dough and a coin, or waiting for ever.
    expect(assistancePlan(pieKitchen({ clear: 0.5 })).value).to.equal(-1);
  });

  it("two steps by hand: dough while listening, then the likelier pie", () => {
    // After two hints of 0.8: agree with 0.68, then right with 0.64 / 0.68; else a coin.
    const value = -1 + 0.68 * 10 * ((2 * 0.64) / 0.68 - 1) + 0.32 * 0;
    expect(assistancePlan(pieKitchen({ clear: 0.8, steps: 2 })).value).to.be.closeTo(value, 1e-12);
  });

  it("is never worse than learning first and then optimising, and better with doubt", () => {
    for (const clear of [0.5, 0.6, 0.7, 0.8, 0.9, 1]) {
      const both = [{}, { learnFirst: true }].map((how) => assistancePlan(pieKitchen({ clear }), how).value);
      expect(both[0]).to.be.at.least(both[1] - 1e-12);
      if (clear > 0.5 && clear < 1) expect(both[0]).to.be.greaterThan(both[1] + 0.1);
    }
  });

  it("waits with a coin's doubt and bakes when sure", () => {
    const { act } = assistancePlan(pieKitchen());
    expect(assistancePlan(pieKitchen({ clear: 0.95 })).act(5, 0, 0, [0.5, 0.5])).to.equal(1);
    expect([0, 1]).to.include(act(4, 1, 0, [0.5, 0.5]));
    expect(act(4, 1, 0, [0.99, 0.01])).to.equal(2);
    expect(act(4, 1, 1, [0.01, 0.99])).to.equal(3);
    expect(observations(pieKitchen(), 0, [0.5, 0.5]).map(([p]) => p)).to.deep.equal([0.5, 0.5]);
  });

  it("refuses probabilities and states that are none", () => {
    const kitchen = pieKitchen();
    expect(() => assistancePlan({ ...kitchen, prior: [0.5, 0.6] })).to.throw(DomainError, "prior");
    expect(() => assistancePlan({ ...kitchen, start: 3 })).to.throw(DomainError, "start");
    expect(() => assistancePlan({ ...kitchen, next: () => 9 })).to.throw(DomainError, "next");
    expect(() => assistancePlan({ ...kitchen, human: () => [0.5, 0.6] })).to.throw(DomainError, "human(0, 0)");
    expect(() => assistancePlan(kitchen).act(1, 0, 0, [1])).to.throw(ShapeError, "belief");
  });
});
