import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  comparisonsFromColumns,
  comparisonsFromLabels,
  comparisonsFromPairs,
  comparisonsFromWins,
  mergeComparisons,
  winMatrix,
  winShares,
} from "../../lib/src/preferences/index.js";
import { winTables } from "./arbitrary.js";

describe("preferences: comparisons", () => {
  it("says the same in all four forms", () => {
    const wins = [
      [0, 2, 0],
      [1, 0, 1],
      [0, 0, 0],
    ];
    const pairs = comparisonsFromPairs([
      [0, 1],
      [1, 0],
      [1, 2],
      [0, 1],
    ]);
    const labels = comparisonsFromLabels([0, 0, 1, 1], [1, 1, 2, 0], [1, 0, 1, 0]);
    const columns = comparisonsFromColumns([0, 1, 1], [1, 0, 2], { weight: [2, 1, 1] });
    for (const data of [pairs, labels, columns, comparisonsFromWins(wins)]) {
      expect(winMatrix(data)).to.deep.equal(wins);
      expect(data.items).to.equal(3);
    }
  });

  it("shares: of the comparisons of a pair, NaN where there are none", () => {
    const data = comparisonsFromPairs(
      [
        [0, 1],
        [0, 1],
        [1, 0],
      ],
      { items: 3, weight: [1, 2, 1] },
    );
    expect(winShares(data)).to.deep.equal([
      [0.5, 0.75, Number.NaN],
      [0.25, 0.5, Number.NaN],
      [Number.NaN, Number.NaN, 0.5],
    ]);
  });

  it("a soft label counts for both sides", () => {
    const shares = comparisonsFromLabels([0], [1], [0.7], { weight: [10] });
    expect(winMatrix(shares)[0][1]).to.be.closeTo(7, 1e-12);
    expect(winMatrix(shares)[1][0]).to.be.closeTo(3, 1e-12);
  });

  it("merging keeps the table and leaves one row per ordered pair", () => {
    const rows = fc.array(
      fc.record({ a: fc.nat(5), b: fc.nat(5), weight: fc.integer({ min: 0, max: 3 }) }).filter(({ a, b }) => a !== b),
    );
    fc.assert(
      fc.property(rows, (list) => {
        const data = comparisonsFromColumns(
          list.map(({ a }) => a),
          list.map(({ b }) => b),
          { items: 6, weight: list.map(({ weight }) => weight) },
        );
        const merged = mergeComparisons(data);
        expect(winMatrix(merged)).to.deep.equal(winMatrix(data));
        const keys = Array.from(merged.winner, (w, k) => w * 6 + merged.loser[k]);
        expect(keys).to.deep.equal([...new Set(keys)].sort((x, y) => x - y));
        expect(merged.weight.every((weight) => weight > 0)).to.equal(true);
      }),
    );
    fc.assert(
      fc.property(winTables, (wins) => {
        expect(winMatrix(comparisonsFromWins(wins))).to.deep.equal(wins);
      }),
    );
  });

  it("a hundred thousand identical pairs are one row", () => {
    const n = 100_000;
    const data = comparisonsFromColumns(new Int32Array(n), new Int32Array(n).fill(1));
    const merged = mergeComparisons(data);
    expect([...merged.weight]).to.deep.equal([n]);
  });

  it("keeps items that were never compared, and their names", () => {
    const data = comparisonsFromPairs([[0, 1]], { names: ["tea", "coffee", "mate"] });
    expect(data.items).to.equal(3);
    expect(comparisonsFromPairs([], { items: 2 }).items).to.equal(2);
    expect(comparisonsFromPairs([]).items).to.equal(0);
  });

  it("quotes what is wrong", () => {
    const bad = (make: () => unknown, kind: typeof DomainError, ...words: string[]) => {
      for (const word of words) expect(make, word).to.throw(kind, word);
    };
    bad(
      () =>
        comparisonsFromPairs(
          [
            [0, 1],
            [0, 5],
          ],
          { items: 3 },
        ),
      DomainError,
      "loser of comparison 1",
      "0 to 2",
      "got 5",
    );
    bad(() => comparisonsFromPairs([[-1, 1]]), DomainError, "winner of comparison 0", "-1");
    bad(() => comparisonsFromPairs([[0.5, 1]]), DomainError, "0.5");
    bad(() => comparisonsFromPairs([[0, Number.NaN]]), DomainError, "NaN");
    bad(() => comparisonsFromPairs([[1, 1]], { names: ["tea", "coffee"] }), DomainError, "coffee against itself");
    bad(() => comparisonsFromPairs([[0, 1]], { weight: [Number.NaN] }), DomainError, "weight of comparison 0", "NaN");
    bad(() => comparisonsFromPairs([[0, 1]], { weight: [-1] }), DomainError, "at least 0");
    bad(() => comparisonsFromPairs([[0, 1]], { weight: [1, 2] }), ShapeError, "one for each comparison");
    bad(() => comparisonsFromPairs([[0, 1]], { items: 2, names: ["a"] }), ShapeError, "2 names");
    bad(() => comparisonsFromPairs([[0, 1, 2] as never]), ShapeError, "[winner, loser]");
    bad(() => comparisonsFromColumns([0], [1, 2]), ShapeError, "one for each winner");
    bad(() => comparisonsFromLabels([0], [1], [2]), DomainError, "y of comparison 0");
    bad(() => comparisonsFromLabels([0], [1], []), ShapeError, "[1, 1, 0]");
    bad(() => comparisonsFromLabels([0, 1], [1, 2], [1, 0], { weight: [5] }), ShapeError, "weight");
    bad(() => comparisonsFromLabels([0, 1], [1, 2], [1, 0], { weight: [5, Number.NaN] }), DomainError, "comparison 1");
    bad(() => comparisonsFromWins([[0, 1]]), ShapeError, "row 0 of wins");
    bad(
      () =>
        comparisonsFromWins([
          [0, -1],
          [1, 0],
        ]),
      DomainError,
      "wins[0][1]",
    );
  });
});
