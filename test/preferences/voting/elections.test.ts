import { expect } from "chai";
import fc from "fast-check";
import { DomainError } from "../../../lib/src/core/index.js";
import { minneapolisWard2 } from "../../../lib/src/data/index.js";
import { rankingsFromBallots, rankingsFromChoices, rankingsFromOrders } from "../../../lib/src/preferences/rankings.js";
import {
  independentRules,
  instantRunoff,
  majorityCycle,
  pairwiseTally,
  permutations,
  pluralityScores,
  withBuriers,
} from "../../../lib/src/preferences/voting/index.js";

describe("instant runoff", () => {
  it("Minneapolis, ward 2: Gordon goes out, Wonsley wins 4,056 to 4,037", () => {
    const { names, ballots } = minneapolisWard2();
    const { winner, rounds } = instantRunoff(rankingsFromBallots(ballots, { names }));
    expect(names[winner]).to.equal("Wonsley");
    expect(rounds).to.deep.equal([
      [3236, 2800, 2879],
      [4037, Number.NaN, 4056],
    ]);
  });

  it("Tennessee's capital would be Knoxville (Wikipedia, Instant-runoff voting)", () => {
    const tennessee = rankingsFromOrders(
      [
        [0, 1, 2, 3],
        [1, 2, 3, 0],
        [2, 3, 1, 0],
        [3, 2, 1, 0],
      ],
      { weight: [42, 26, 15, 17] },
    );
    expect(instantRunoff(tennessee)).to.deep.equal({
      winner: 3,
      rounds: [
        [42, 26, 15, 17],
        [42, 26, Number.NaN, 32],
        [42, Number.NaN, Number.NaN, 58],
      ],
    });
  });

  it("a majority of first places wins in the first round, and nobody else does", () => {
    const elections = fc.array(fc.constantFrom(...permutations(4)), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(elections, (orders) => {
        const ballots = rankingsFromOrders(orders);
        const { winner, rounds } = instantRunoff(ballots);
        const first = pluralityScores(ballots);
        const most = Math.max(...first);
        expect(rounds[0]).to.deep.equal(first);
        expect(rounds.length === 1).to.equal(most > orders.length / 2);
        if (rounds.length === 1) expect(first[winner]).to.equal(most);
        // Every ballot is full, so all of them count to the end.
        for (const votes of rounds) {
          expect(votes.reduce((sum, v) => sum + (Number.isNaN(v) ? 0 : v), 0)).to.equal(orders.length);
        }
      }),
    );
  });

  it("a ballot that names nobody who is left counts no more", () => {
    const ballots = rankingsFromBallots([
      { order: [0], count: 4 },
      { order: [1], count: 3 },
      { order: [2], count: 2 },
    ]);
    expect(instantRunoff(ballots)).to.deep.equal({
      winner: 0,
      rounds: [
        [4, 3, 2],
        [4, 3, Number.NaN],
      ],
    });
    expect(() => instantRunoff(rankingsFromOrders([], { items: 2 }))).to.throw(DomainError, "at least one ballot");
    expect(() => instantRunoff(rankingsFromOrders([]))).to.throw(DomainError, "at least one item");
  });
});

describe("buriers", () => {
  const sincere = rankingsFromOrders([
    [0, 1, 2, 3],
    [0, 3, 2, 1],
    [2, 0, 1, 3],
    [3, 2, 1, 0],
  ]);

  it("put the rival first and the favourite last; the others vote as they did", () => {
    const cast = withBuriers(sincere, 0.5, 0, 1);
    expect(Array.from(cast.order)).to.deep.equal([1, 2, 3, 0, 1, 3, 2, 0, 2, 0, 1, 3, 3, 2, 1, 0]);
    expect(withBuriers(sincere, 0, 0, 1).order).to.deep.equal(sincere.order);
  });

  it("bad input is told what is wrong with it", () => {
    expect(() => withBuriers(sincere, 2, 0, 1)).to.throw(DomainError, "share");
    expect(() => withBuriers(sincere, 0.5, 4, 1)).to.throw(DomainError, "favourite");
    expect(() => withBuriers(sincere, 0.5, 1, 1)).to.throw(DomainError, "another item");
    const partial = rankingsFromChoices([{ chosen: 0, others: [1, 2, 3] }]);
    expect(() => withBuriers(partial, 0.5, 0, 1)).to.throw(DomainError, "all 4 items in order");
  });
});

describe("every independent rule for two voters and three items", () => {
  const rules = independentRules();

  it("there are 729, all different and unanimous", () => {
    expect(new Set(rules.map(({ verdicts }) => verdicts.join(" "))).size).to.equal(3 ** 6);
    for (const { verdicts } of rules) for (const table of verdicts) expect([table[0], table[3]]).to.deep.equal([1, -1]);
  });

  it("Arrow: two always give an order, and each of them follows one voter", () => {
    const orderly = rules.filter(({ disorders }) => disorders === 0);
    expect(orderly.map(({ dictator }) => dictator).sort()).to.deep.equal([0, 1]);
    expect(rules.filter(({ dictator }) => dictator !== undefined)).to.have.length(2);
  });

  it("where the majority ties whenever two disagree, the disorders are counted right", () => {
    const majority = rules.find(({ verdicts }) => verdicts.every((table) => table[1] === 0 && table[2] === 0))!;
    // On how many pairs the two disagree: on none or all, an order; on one, two neighbours are tied, an order; on two,
    // x ties with y and y with z, but not x with z, which is no order.
    const agree = permutations(3).flatMap((a) =>
      permutations(3).map((b) => {
        const pairs = [
          [0, 1],
          [0, 2],
          [1, 2],
        ].filter(([x, y]) => a.indexOf(x) < a.indexOf(y) !== b.indexOf(x) < b.indexOf(y));
        return pairs.length;
      }),
    );
    expect(majority.disorders).to.equal(agree.filter((pairs) => pairs === 2).length);
  });

  it("a real circle needs three voters: with two nobody beats in a circle", () => {
    const circles = permutations(3).flatMap((a) =>
      permutations(3).filter((b) => majorityCycle(pairwiseTally(rankingsFromOrders([a, b]))) !== undefined),
    );
    expect(circles).to.have.length(0);
  });
});
