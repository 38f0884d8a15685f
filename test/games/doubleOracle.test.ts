import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  bestAnswers,
  colonelBlotto,
  doubleOracle,
  exploitability,
  zeroSumEquilibrium,
} from "../../lib/src/games/index.js";

const { strategies, payoffs } = colonelBlotto(10, 3);

describe("learning by best answers", () => {
  it("knows Colonel Blotto: 66 ways, by hand who wins", () => {
    expect(strategies).to.have.length(66);
    expect(strategies[0]).to.deep.equal([0, 0, 10]);
    for (const men of strategies) expect(men.reduce((a, b) => a + b)).to.equal(10);
    const at = (own: number[], other: number[]) =>
      payoffs[strategies.findIndex((s) => `${s}` === `${own}`)][strategies.findIndex((s) => `${s}` === `${other}`)];
    expect(at([5, 5, 0], [3, 3, 4])).to.equal(1);
    expect(at([0, 0, 10], [5, 5, 0])).to.equal(-1);
    expect(at([5, 0, 5], [5, 5, 0])).to.equal(0);
    expect(colonelBlotto(2, 2).payoffs).to.deep.equal([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("goes round in circles against the latest, slowly down against all, to the end against their equilibrium", async () => {
    const latest = await bestAnswers(payoffs, { start: 0, answers: 100, against: "latest" });
    expect(latest).to.have.length(101);
    expect(latest.every((meta) => meta.exploitability === 1)).to.equal(true);
    expect(new Set(latest[100].population).size).to.equal(7);
    const uniform = await bestAnswers(payoffs, { start: 0, answers: 300, against: "uniform" });
    expect(uniform[65].exploitability).to.be.within(0.15, 0.22);
    expect(uniform[300].exploitability).to.be.within(0.07, 0.09);
    const nash = await bestAnswers(payoffs, { start: 0, answers: 60, against: "nash" });
    expect(nash[nash.length - 1].exploitability).to.be.below(1e-9);
    expect(new Set(nash[nash.length - 1].population).size).to.be.below(35);
    for (const { mixture, exploitability: gap } of [latest[7], uniform[20], nash[8]]) {
      expect(gap).to.be.closeTo(exploitability(payoffs, mixture, mixture), 1e-9);
    }
  });

  it("solves any zero-sum game by a double oracle: as the linear program (property)", async () => {
    const matrix = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([m, n]) =>
      fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n, maxLength: n }), {
        minLength: m,
        maxLength: m,
      }),
    );
    await fc.assert(
      fc.asyncProperty(matrix, async (game) => {
        const { row, column, value, exploitability: gap } = await doubleOracle(game);
        expect(value).to.be.closeTo((await zeroSumEquilibrium(game)).value, 1e-7);
        expect(gap).to.be.closeTo(0, 1e-7);
        expect(gap).to.be.closeTo(exploitability(game, row, column), 1e-12);
      }),
      { numRuns: 15 },
    );
    const blotto = await doubleOracle(payoffs);
    expect(blotto.rows.length).to.be.below(40);
    expect(blotto.value).to.be.closeTo(0, 1e-9);
  });

  it("refuses games that are not zero-sum or not symmetric, NaN, and starts that are not there", async () => {
    const fails = async (promise: Promise<unknown>, kind: typeof DomainError, words: string) => {
      const error = await promise.then(
        () => undefined,
        (thrown) => thrown as Error,
      );
      expect(error).to.be.instanceOf(kind);
      expect(error?.message).to.include(words);
    };
    const options = { start: 0, answers: 3, against: "nash" } as const;
    await fails(bestAnswers([[1]], options), DomainError, "zero-sum and symmetric");
    await fails(
      bestAnswers(
        [
          [0, 1],
          [1, 0],
        ],
        options,
      ),
      DomainError,
      "payoffs[1][0]",
    );
    await fails(
      bestAnswers(
        [
          [0, Number.NaN],
          [1, 0],
        ],
        options,
      ),
      DomainError,
      "zero-sum",
    );
    await fails(bestAnswers([[Number.NaN]], options), DomainError, "finite");
    await fails(bestAnswers([[0, 1]], options), ShapeError, "payoffs[0]");
    await fails(bestAnswers([], options), ShapeError, "at least one");
    await fails(bestAnswers([[0]], { ...options, start: 1 }), DomainError, "start");
    await fails(bestAnswers([[0]], { ...options, answers: 0.5 }), DomainError, "answers");
    await fails(bestAnswers([[0]], { ...options, against: "best" as "nash" }), DomainError, "latest");
    await fails(doubleOracle([[1, 2]], { column: 2 }), DomainError, "column");
    await fails(doubleOracle([[Number.NaN, 1]]), DomainError, "finite");
    expect(() => colonelBlotto(0, 3)).to.throw(DomainError, "soldiers");
    expect(() => colonelBlotto(3, 1.5)).to.throw(DomainError, "fields");
  });
});
