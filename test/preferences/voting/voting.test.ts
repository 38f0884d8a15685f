import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import {
  rankingsFromBallots,
  rankingsFromChoices,
  rankingsFromOrders,
  topOf,
} from "../../../lib/src/preferences/rankings.js";
import {
  bordaScores,
  condorcetWinner,
  copelandScores,
  cyclicTriples,
  independenceViolation,
  kemeny,
  kemenyDisagreement,
  kemenyLocal,
  kendallDistance,
  majorityCycle,
  margins,
  orderByScore,
  pairwiseTally,
  permutations,
  pluralityScores,
  smithSet,
} from "../../../lib/src/preferences/voting/index.js";

const cycle = rankingsFromOrders([
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
]);
// The election over Tennessee's capital (Memphis, Nashville, Chattanooga, Knoxville), as in
// Wikipedia's "Condorcet method".
const tennessee = rankingsFromOrders(
  [
    [0, 1, 2, 3],
    [1, 2, 3, 0],
    [2, 3, 1, 0],
    [3, 2, 1, 0],
  ],
  { weight: [42, 26, 15, 17] },
);
const tallies = (n: number) =>
  fc.array(fc.array(fc.nat(9), { minLength: n, maxLength: n }), { minLength: n, maxLength: n });

describe("voting", () => {
  it("Tennessee: plurality, Borda, Copeland, Condorcet and Kemeny", async () => {
    const tally = pairwiseTally(tennessee);
    expect(tally[1]).to.deep.equal([58, 0, 68, 68]);
    expect(pluralityScores(tennessee)).to.deep.equal([42, 26, 15, 17]);
    expect(bordaScores(tally)).to.deep.equal([126, 194, 173, 107]);
    expect(copelandScores(tally)).to.deep.equal([0, 3, 2, 1]);
    expect(condorcetWinner(tally)).to.equal(1);
    expect(smithSet(tally)).to.deep.equal([1]);
    expect(majorityCycle(tally)).to.equal(undefined);
    // Wikipedia's "Kemeny-Young method" gives the score 393 for N C K M, of 600 votes on pairs.
    expect(await kemeny(tally)).to.deep.equal({ order: [1, 2, 3, 0], disagreement: 600 - 393, exact: true });
  });

  it("Condorcet's paradox: three voters in a row, a majority in a circle", () => {
    const tally = pairwiseTally(cycle);
    expect(condorcetWinner(tally)).to.equal(undefined);
    expect(majorityCycle(tally)).to.deep.equal([0, 1, 2]);
    expect(smithSet(tally)).to.deep.equal([0, 1, 2]);
    expect(cyclicTriples(tally)).to.deep.equal({ cyclic: 1, compared: 1 });
    expect(bordaScores(tally)).to.deep.equal([3, 3, 3]);
  });

  it("a partial ranking speaks only of its alternatives, a choice only of the chosen", () => {
    expect(pairwiseTally(rankingsFromOrders([[2, 0]], { items: 3 }))).to.deep.equal([
      [0, 0, 0],
      [0, 0, 0],
      [1, 0, 0],
    ]);
    const choice = rankingsFromChoices([{ chosen: 1, others: [0, 2] }]);
    expect(pairwiseTally(choice)[1]).to.deep.equal([1, 0, 1]);
    expect(pairwiseTally(choice)[0]).to.deep.equal([0, 0, 0]);
    expect(pairwiseTally(topOf(rankingsFromOrders([[1, 0, 2]]), 1))).to.deep.equal(pairwiseTally(choice));
  });

  it("Kemeny's order is the best of all, by enumeration", async () => {
    await fc.assert(
      fc.asyncProperty(tallies(5), async (tally) => {
        const best = Math.min(...permutations(5).map((order) => kemenyDisagreement(order, tally)));
        const found = await kemeny(tally);
        expect(found.disagreement).to.equal(best);
        expect([...found.order].sort()).to.deep.equal([0, 1, 2, 3, 4]);
        expect(kemenyLocal(tally).disagreement).to.be.within(best, best * 5);
      }),
      { numRuns: 15 },
    );
  });

  it("Kemeny solves 12 items exactly, and says so when it cannot", async () => {
    const tally = (n: number) =>
      Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i * 7 + j * 11) % 10));
    const [exact, local] = [await kemeny(tally(12)), kemenyLocal(tally(12))];
    expect(exact.exact).to.equal(true);
    expect(exact.disagreement).to.equal(kemenyDisagreement(exact.order, tally(12)));
    expect(exact.disagreement).to.be.at.most(local.disagreement);
    expect((await kemeny(tally(13))).exact).to.equal(false);
  });

  it("a Condorcet winner is the Smith set, Copeland's first and Kemeny's first", async () => {
    await fc.assert(
      fc.asyncProperty(tallies(4), async (tally) => {
        const winner = condorcetWinner(tally);
        if (winner === undefined) return;
        expect(smithSet(tally)).to.deep.equal([winner]);
        expect(orderByScore(copelandScores(tally))[0]).to.equal(winner);
        expect((await kemeny(tally)).order[0]).to.equal(winner);
      }),
      { numRuns: 60 },
    );
  });

  it("a majority cycle is one, and there is none exactly where the majorities can be put in a row", () => {
    fc.assert(
      fc.property(tallies(5), (tally) => {
        const found = majorityCycle(tally);
        const m = margins(tally);
        for (const [p, item] of (found ?? []).entries())
          expect(m[item][found![(p + 1) % found!.length]]).to.be.greaterThan(0);
        const inRow = permutations(5).some((order) =>
          order.every((item, p) => order.slice(p + 1).every((later) => m[later][item] <= 0)),
        );
        expect(found === undefined).to.equal(inRow);
      }),
      { numRuns: 60 },
    );
  });

  it("the shortest cycle is found, also where another group has a longer one", () => {
    // 0 > 1 > 2 > 3 > 0 with ties across, all of them beaten by each of 4 > 5 > 6 > 4: a cycle of three exists.
    const tally = Array.from({ length: 7 }, () => new Array<number>(7).fill(0));
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 0],
      [4, 5],
      [5, 6],
      [6, 4],
    ])
      tally[a][b] = 1;
    for (let a = 4; a < 7; a++) for (let b = 0; b < 4; b++) tally[a][b] = 1;
    expect(majorityCycle(tally)).to.have.lengthOf(3);
    const turned = tally.map((row, i) => row.map((_, j) => tally[6 - i][6 - j]));
    expect(majorityCycle(turned)).to.have.lengthOf(3);
    expect(smithSet(tally)).to.deep.equal([4, 5, 6]);
  });

  it("no smaller group than the Smith set beats everyone outside, by enumeration", () => {
    fc.assert(
      fc.property(tallies(4), (tally) => {
        const m = margins(tally);
        const sizes: number[] = [];
        for (let mask = 1; mask < 16; mask++) {
          const inside = [0, 1, 2, 3].filter((i) => (mask >> i) & 1);
          const outside = [0, 1, 2, 3].filter((i) => !((mask >> i) & 1));
          if (inside.every((i) => outside.every((j) => m[i][j] > 0))) sizes.push(inside.length);
        }
        expect(smithSet(tally)).to.have.lengthOf(Math.min(...sizes));
      }),
    );
  });

  it("Kemeny is exact to the vote, also among hundreds of thousands of votes", async () => {
    await fc.assert(
      fc.asyncProperty(tallies(5), async (noise) => {
        // Margins of a few votes between counts of 100,000.
        const tally = noise.map((row) => row.map((votes) => 100_000 + votes));
        const best = Math.min(...permutations(5).map((order) => kemenyDisagreement(order, tally)));
        expect((await kemeny(tally)).disagreement).to.equal(best);
      }),
      { numRuns: 10 },
    );
  });

  it("Kendall's distance is the disagreement with one ballot, and a distance", () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(order, order, order, (a, b, c) => {
        const d = kendallDistance(a, b);
        expect(d).to.equal(kemenyDisagreement(a, pairwiseTally(rankingsFromOrders([b]))));
        expect(d).to.equal(kendallDistance(b, a));
        expect(d).to.be.at.most(kendallDistance(a, c) + kendallDistance(c, b));
        expect(kendallDistance(a, [...a].reverse())).to.equal(10);
      }),
    );
    expect(() => kendallDistance([0, 1], [0])).to.throw(ShapeError);
    expect(() => kendallDistance([0, 1], [0, 0])).to.throw(DomainError, "each once");
  });

  it("a ballot puts whom it names above all others, and says nothing about the others", () => {
    const tally = pairwiseTally(rankingsFromBallots([{ order: [2], count: 5 }, { order: [0, 1] }], { items: 3 }));
    expect(tally).to.deep.equal([
      [0, 1, 1],
      [0, 0, 1],
      [5, 5, 0],
    ]);
  });

  it("every member of the Smith set beats everyone outside", () => {
    fc.assert(
      fc.property(tallies(5), (tally) => {
        const inside = smithSet(tally);
        const m = margins(tally);
        for (const i of inside)
          for (let j = 0; j < 5; j++) if (!inside.includes(j)) expect(m[i][j]).to.be.greaterThan(0);
      }),
    );
  });

  it("Arrow: Borda, plurality and Copeland break independence; a dictator does not", () => {
    const borda = independenceViolation((r) => bordaScores(pairwiseTally(r)));
    expect(borda).not.to.equal(undefined);
    // The witness is real: every voter ranks x against y alike in both elections.
    const side = (ballots: number[][]) => ballots.map((b) => b.indexOf(borda!.x) < b.indexOf(borda!.y));
    expect(side(borda!.first)).to.deep.equal(side(borda!.second));
    expect(borda!.verdicts[0]).not.to.equal(borda!.verdicts[1]);
    expect(independenceViolation(pluralityScores)).not.to.equal(undefined);
    expect(independenceViolation((r) => copelandScores(pairwiseTally(r)))).not.to.equal(undefined);
    const dictator = independenceViolation((r) => {
      const scores = new Array(3).fill(0);
      for (let p = 0; p < 3; p++) scores[r.order[p]] = 3 - p;
      return scores;
    });
    expect(dictator).to.equal(undefined);
    // With two items there is nothing irrelevant, and majority rule is fair (May 1952).
    expect(independenceViolation((r) => bordaScores(pairwiseTally(r)), 2, 3)).to.equal(undefined);
  });

  it("bad input is told what is wrong with it", async () => {
    expect(() => rankingsFromOrders([[0, 0]])).to.throw(DomainError, "twice");
    expect(() => rankingsFromOrders([[0, 5]], { items: 2 })).to.throw(DomainError, "from 0 to 1");
    expect(() => rankingsFromOrders([[0, 1]], { weight: [-1] })).to.throw(DomainError, "weight");
    expect(() => rankingsFromOrders([[0, 1]], { weight: [1, 2] })).to.throw(ShapeError);
    expect(() => topOf(cycle, 0)).to.throw(DomainError);
    expect(() => margins([[0, 1]])).to.throw(ShapeError);
    const unknown = [
      [0, Number.NaN],
      [1, 0],
    ];
    for (const rule of [condorcetWinner, smithSet, majorityCycle, bordaScores, copelandScores]) {
      expect(() => rule(unknown)).to.throw(DomainError, "tally[0][1]");
    }
    expect(() => pluralityScores(rankingsFromOrders([[]], { items: 1 }))).to.throw(DomainError, "empty");
    let caught: unknown;
    await kemeny([
      [0, Number.NaN],
      [1, 0],
    ]).catch((error) => {
      caught = error;
    });
    expect(caught).to.be.instanceOf(DomainError);
    expect((await kemeny([])).order).to.deep.equal([]);
    expect((await kemeny([[0]])).order).to.deep.equal([0]);
  });
});
