import { expect } from "chai";
import fc from "fast-check";
import {
  equilibriumOfLying,
  medianRule,
  medianWithPhantoms,
  profitableLies,
  singlePeakedOrders,
  strategyProofRules,
  vcg,
} from "../../lib/src/agents/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";

const every = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];
const mean = (p: readonly number[]) => p.reduce((a, b) => a + b, 0) / p.length;
const trimmed = (p: readonly number[]) => mean([...p].sort((a, b) => a - b).slice(1, -1));
const grid = Array.from({ length: 11 }, (_, i) => i / 10);
const peaks = [0.1, 0.3, 0.4, 0.6, 0.9];

describe("strategy-proof rules", () => {
  it("of two voters and three alternatives are 17, and onto only the two dictators", () => {
    expect(strategyProofRules(every).rules.length).to.equal(17);
    const { rules } = strategyProofRules(every, { onto: true });
    expect(rules.length).to.equal(2);
    const dictators = [0, 1].map((v) =>
      every.flatMap((_, b) => every.map((_, a) => every[v === 0 ? a : b][0])).join(""),
    );
    expect(rules.map((rule) => rule.join("")).sort()).to.deep.equal(dictators.sort());
  });

  it("with single-peaked orders are many: 9 onto, of them 3 anonymous; 4 with four alternatives", () => {
    expect(singlePeakedOrders(3)).to.have.deep.members([
      [0, 1, 2],
      [1, 0, 2],
      [1, 2, 0],
      [2, 1, 0],
    ]);
    expect(strategyProofRules(singlePeakedOrders(3), { onto: true }).rules.length).to.equal(9);
    expect(strategyProofRules(singlePeakedOrders(3), { onto: true, anonymous: true }).rules.length).to.equal(3);
    expect(strategyProofRules(singlePeakedOrders(4), { onto: true, anonymous: true }).rules.length).to.equal(4);
  });

  it("that are anonymous are the medians with a phantom at each alternative", () => {
    const orders = singlePeakedOrders(4);
    const { rules } = strategyProofRules(orders, { onto: true, anonymous: true });
    const medians = [0, 1, 2, 3].map((phantom) =>
      Array.from({ length: 64 }, (_, p) =>
        medianWithPhantoms([orders[p % 8][0], orders[Math.floor(p / 8)][0]], [phantom]),
      ).join(""),
    );
    expect(rules.map((rule) => rule.join("")).sort()).to.deep.equal(medians.sort());
  });

  it("are refused where the question has no answer", () => {
    expect(() => strategyProofRules([])).to.throw(ShapeError, "at least one order");
    expect(() => strategyProofRules([[0, 0, 1]])).to.throw(ShapeError, "each once");
    expect(() => strategyProofRules(every, { voters: 4 })).to.throw(DomainError, "at most 300");
  });
});

describe("rules on a line", () => {
  it("the mean can be lied to 13 times, the trimmed mean 8 times, the median never", () => {
    expect(profitableLies(mean, peaks, grid).length).to.equal(13);
    expect(profitableLies(trimmed, peaks, grid).length).to.equal(8);
    expect(profitableLies(medianRule, peaks, grid)).to.deep.equal([]);
  });

  it("an equilibrium of lying under the mean says only ends, and misses the mean", () => {
    expect(equilibriumOfLying(mean, peaks, grid)).to.deep.equal({ reports: [0, 0, 0, 1, 1], outcome: 0.4 });
    expect(equilibriumOfLying(medianRule, peaks, grid).outcome).to.equal(0.4);
  });

  it("no median with phantoms can be lied to; the average of the two middle ones can", () => {
    const numbers = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        numbers,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (p, phantoms) => {
          expect(profitableLies((said) => medianWithPhantoms(said, phantoms), p, grid)).to.deep.equal([]);
        },
      ),
    );
    const middle = (said: readonly number[]) => {
      const sorted = [...said].sort((a, b) => a - b);
      return (sorted[1] + sorted[2]) / 2;
    };
    expect(profitableLies(middle, [0.1, 0.3, 0.7, 0.9], grid).length).to.be.above(0);
  });

  it("refuse an empty electorate, and phantoms that do not fit", () => {
    expect(() => medianRule([])).to.throw(ShapeError, "at least one agent");
    expect(() => medianWithPhantoms([1, 2], [])).to.throw(ShapeError, "phantoms: expected 1");
    expect(() => medianWithPhantoms([1, Number.NaN], [0])).to.throw(DomainError, "peaks[1]");
    expect(() => profitableLies(mean, [], grid)).to.throw(ShapeError);
    let turn = 0;
    expect(() => equilibriumOfLying(() => Math.sin(turn++ * 7), peaks, grid, { rounds: 3 })).to.throw(
      DomainError,
      "still change",
    );
    expect(medianRule([3])).to.equal(3);
    expect(medianRule([1, 2, 3, 4])).to.equal(2);
  });
});

describe("VCG", () => {
  it("takes the greatest sum and charges what one's presence costs the others", () => {
    expect(
      vcg([
        [3, 0, 1],
        [0, 4, 1],
        [2, 1, 0],
      ]),
    ).to.deep.equal({ option: 0, payments: [3, 0, 1] });
    // Two apples: A wants one for 5, B one for 2, C both for 6.
    expect(
      vcg([
        [5, 0],
        [2, 0],
        [0, 6],
      ]),
    ).to.deep.equal({ option: 0, payments: [4, 1, 0] });
  });

  it("rewards no lie of one agent", () => {
    const game = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 3 }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(game, fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 3 }), (values, lie) => {
        const worth = (said: number[][]) => {
          const { option, payments } = vcg(said);
          return values[0][option] - payments[0];
        };
        expect(worth([lie, values[1], values[2]])).to.be.at.most(worth(values) + 1e-12);
        for (const payment of vcg(values).payments) expect(payment).to.be.at.least(0);
      }),
    );
  });

  it("is no match for two who collude: both bid 6 for what is worth 1 to them, and pay nothing", () => {
    expect(
      vcg([
        [5, 0],
        [0, 6],
        [0, 6],
      ]),
    ).to.deep.equal({ option: 1, payments: [0, 0, 0] });
  });

  it("refuses in words", () => {
    expect(() => vcg([])).to.throw(ShapeError, "at least one agent");
    expect(() => vcg([[1], [1, 2]])).to.throw(ShapeError);
    expect(() => vcg([[Number.NaN]])).to.throw(DomainError, "values[0][0]");
  });
});
