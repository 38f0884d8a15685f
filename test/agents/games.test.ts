import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import {
  type NormalFormGame,
  pricesOfAnarchy,
  profiles,
  pureNashEquilibria,
  standardsGame,
  welfare,
} from "../../lib/src/agents/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { fiveAgents, fiveAgentsAdherence, fiveAgentsKept } from "../../lib/src/worlds/index.js";

const golden = JSON.parse(readFileSync("test/golden/agents.json", "utf8")) as { desc: string; cost?: number }[];
const game = (gamma: number, lambda = 0) => fiveAgents({ gamma, lambda });
const adherence = fiveAgentsAdherence;

describe("the game of standards", () => {
  it("has the equilibria and prices that enumeration by another hand found", () => {
    const seen = [0, 0.5, 1, 1.5, 3].map((gamma) => ({
      count: pureNashEquilibria(game(gamma)).length,
      anarchy: pricesOfAnarchy(game(gamma)).anarchy,
    }));
    expect(seen.map(({ count }) => count)).to.deep.equal([1, 2, 5, 3, 3]);
    [1, 1.019, 1.254, 1.143, 1.078].forEach((price, i) => {
      expect(seen[i].anarchy).to.be.closeTo(price, 5e-4);
    });
  });

  it("with adherence and coordination every unanimity is an equilibrium, the worst one too", () => {
    for (const gamma of [1, 1.5, 3]) {
      const found = pureNashEquilibria(game(gamma, 0.6)).map((profile) => profile.join(""));
      expect(found).to.have.members(["00000", "11111", "22222"]);
    }
    const half = pureNashEquilibria(game(0.5, 0.6)).map((profile) => profile.join(""));
    expect(half.filter((profile) => new Set(profile).size === 1)).to.deep.equal(["22222"]);
    expect(fiveAgentsKept([0, 0, 0, 0, 0])).to.be.closeTo(0.2, 1e-12);
    expect(fiveAgentsKept([0, 1, 2, 2, 2])).to.be.closeTo(3.6 / 5, 1e-12);
  });

  it("moves its potential by exactly what a deviator gains", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }), {
          minLength: 2,
          maxLength: 4,
        }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.nat(),
        (rows, lambda, gamma, pick) => {
          const g = standardsGame({ task: rows, adherence, lambda, gamma });
          const all = [...profiles(g)];
          const profile = all[pick % all.length];
          const i = pick % rows.length;
          const other = [...profile];
          other[i] = (profile[i] + 1 + (pick % 2)) % 3;
          const gain = g.payoff(other)[i] - g.payoff(profile)[i];
          expect(g.potential(other) - g.potential(profile)).to.be.closeTo(gain, 1e-9);
        },
      ),
    );
  });

  it("so better replies end, at an equilibrium", () => {
    const g = game(1.3, 0.2);
    const found = new Set(pureNashEquilibria(g).map((profile) => profile.join("")));
    for (const start of profiles(g)) {
      let profile = start;
      for (let step = 0; step < 100; step++) {
        const better = profile.flatMap((_, i) =>
          [0, 1, 2]
            .map((k) => profile.map((old, j) => (j === i ? k : old)))
            .filter((p) => g.payoff(p)[i] > g.payoff(profile)[i] + 1e-12),
        );
        if (better.length === 0) break;
        profile = better[0];
      }
      expect(found.has(profile.join(""))).to.equal(true);
    }
  });

  it("counts a tie as a best reply, and takes the worst equilibrium for anarchy, the best for stability", () => {
    const tie: NormalFormGame = { choices: [2, 2], payoff: ([a, b]) => (a === b ? [1, 1] : [1, 0]) };
    expect(pureNashEquilibria(tie)).to.deep.equal([
      [0, 0],
      [1, 1],
    ]);
    const hunt: NormalFormGame = {
      choices: [2, 2],
      payoff: ([a, b]) => (a === 0 ? [b === 0 ? 4 : 0, b === 0 ? 4 : 3] : [3, b === 0 ? 0 : 3]),
    };
    const { anarchy, stability, best } = pricesOfAnarchy(hunt);
    expect([anarchy, stability, best]).to.deep.equal([8 / 6, 1, 8]);
    expect(welfare(hunt, [1, 1])).to.equal(6);
  });

  it("fair cost sharing: the only equilibrium is all private, of the harmonic cost", () => {
    const n = 4;
    const share: NormalFormGame = {
      choices: Array(n).fill(2),
      payoff: (profile) => {
        const together = profile.filter((c) => c === 1).length;
        return profile.map((c, i) => 3 - (c === 0 ? 1 / (i + 1) : 1.01 / together));
      },
    };
    const found = pureNashEquilibria(share);
    expect(found).to.deep.equal([[0, 0, 0, 0]]);
    expect(3 * n - welfare(share, found[0])).to.be.closeTo(golden[5].cost as number, 1e-12);
  });

  it("refuses in words", () => {
    expect(() => standardsGame({ task: [[1]], adherence: [1] })).to.throw(ShapeError, "at least two agents");
    expect(() => standardsGame({ task: [[1], [2]], adherence: [1], gamma: -1 })).to.throw(DomainError, "gamma");
    expect(() => standardsGame({ task: [[1], [Number.NaN]], adherence: [1] })).to.throw(DomainError, "task[1][0]");
    const pennies: NormalFormGame = { choices: [2, 2], payoff: ([a, b]) => (a === b ? [1, 0] : [0, 1]) };
    expect(() => pricesOfAnarchy(pennies)).to.throw(DomainError, "no equilibrium in pure strategies");
    expect(() => pricesOfAnarchy({ choices: [1], payoff: () => [-1] })).to.throw(DomainError, "a positive number");
    expect(() => [...profiles({ choices: Array(40).fill(3) })]).to.throw(DomainError, "at most 200000");
  });
});
