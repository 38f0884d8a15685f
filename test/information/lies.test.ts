// What a pool of groups learns, and what one of them gains by a lie.
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  bestLie,
  pooledPolicy,
  pooledPreferences,
  pooledReward,
  randomDictatorship,
} from "../../lib/src/information/index.js";

const shares = [0.5, 0.3, 0.2];
const utilities = [
  [3, 0, 2, 1],
  [0, 3, 1.5, 1],
  [0, 0, 1, 2.5],
];
const learned = (reported: readonly ArrayLike<number>[]) => pooledPolicy(shares, reported, { beta: 0.25 });
const utility = fc.double({ min: -3, max: 3, noNaN: true });
const groups = fc.array(fc.array(utility, { minLength: 4, maxLength: 4 }), { minLength: 3, maxLength: 3 });

describe("the reward of a pool", () => {
  it("orders replies by Borda's points, exactly", () => {
    fc.assert(
      fc.property(groups, (u) => {
        const reward = pooledReward(shares, u);
        const borda = pooledPreferences(shares, u).map((row) => row.reduce((sum, p) => sum + p, -0.5));
        for (let i = 0; i < 4; i++) {
          for (let j = 0; j < 4; j++) {
            if (borda[i] > borda[j] + 1e-6) expect(reward[i]).to.be.above(reward[j]);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("is what one group wants, where there is one; and a copy turns the winner round", () => {
    const alone = pooledReward([1], [[2, 0, -1]]);
    [5 / 3, -1 / 3, -4 / 3].forEach((r, i) => {
      expect(alone[i]).to.be.closeTo(r, 1e-9);
    });
    const u = [
      [2, 0, -1],
      [-1, 2, 0],
      [0, -1, 2],
    ];
    const [plain, copied] = [u, u.map((row) => [...row, row[1]])].map((rows) => pooledReward([0.4, 0.35, 0.25], rows));
    expect(plain[1]).to.be.closeTo(0.0815, 5e-5);
    expect(plain[0]).to.be.closeTo(0.0759, 5e-5);
    expect(copied[0]).to.be.above(copied[1]);
  });

  it("writes by e^(reward / beta)", () => {
    const policy = pooledPolicy([1], [[0.5, 0]], { beta: 0.25 });
    expect(policy[0]).to.be.closeTo(1 / (1 + Math.exp(-2)), 1e-9);
  });
});

describe("the best lie", () => {
  it("pays for everyone under a pooled reward: the ground's numbers, and none under a drawn dictator", () => {
    [
      [2.019, 2.351],
      [1.084, 1.432],
      [0.909, 1.102],
    ].forEach(([honest, lied], g) => {
      const found = bestLie(learned, utilities, g);
      expect(found.honest).to.be.closeTo(honest, 5e-4);
      expect(found.best).to.be.closeTo(lied, 5e-4);
      const written = learned(utilities.map((own, h) => (h === g ? found.report : own)));
      expect(written.reduce((sum, p, i) => sum + p * utilities[g][i], 0)).to.be.closeTo(found.best, 1e-12);
      const drawn = bestLie((reported) => randomDictatorship(shares, reported), utilities, g);
      expect(drawn.best).to.equal(drawn.honest);
      expect(Array.from(drawn.report)).to.deep.equal(utilities[g]);
    });
  });

  it("never pays where a dictator is drawn", () => {
    fc.assert(
      fc.property(groups, fc.nat(2), (u, g) => {
        const { honest, best } = bestLie((reported) => randomDictatorship(shares, reported), u, g);
        expect(best).to.equal(honest);
      }),
    );
  });

  it("a drawn dictator shares among equals, and adds up to 1", () => {
    expect(
      Array.from(
        randomDictatorship(
          [0.6, 0.4],
          [
            [1, 1, 0],
            [0, 0, 2],
          ],
        ),
      ),
    ).to.deep.equal([0.3, 0.3, 0.4]);
  });

  it("refuses in words", () => {
    expect(() => bestLie(learned, utilities, 3)).to.throw(DomainError, "group: expected a whole number from 0 to 2");
    expect(() => bestLie(learned, utilities, 0, { gap: 0 })).to.throw(DomainError, "gap");
    expect(() => bestLie(learned, [[1, 2, 3, 4, 5, 6, 7]], 0)).to.throw(DomainError, "at most 6");
    expect(() => bestLie(() => [1], utilities, 0)).to.throw(ShapeError, "one per reply");
    expect(() => bestLie(learned, [], 0)).to.throw(ShapeError, "at least one group");
    expect(() => randomDictatorship([0.5, 0.6], [[1], [2]])).to.throw(DomainError, "add up to 1");
    expect(() => pooledPolicy([1], [[1, 2]], { beta: 0 })).to.throw(DomainError, "beta");
  });
});
