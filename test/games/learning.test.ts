import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  exploitability,
  fictitiousPlay,
  multiplicativeWeights,
  nashConv,
  type Play,
  regretMatching,
  regretMatchingStrategy,
  replicatorFlow,
  replicatorVelocity,
  simultaneousWeights,
  type Watch,
} from "../../lib/src/games/index.js";
import { rockPaperScissors } from "../../lib/src/worlds/index.js";

const start = [0.5, 0.3, 0.2];
const missed = (x: ArrayLike<number>) => exploitability(rockPaperScissors, x, x);

describe("learning a game by playing it", () => {
  it("moves as the replicator does (nashpy's numbers)", () => {
    const game = [
      [3, 2, 3],
      [4, 1, 1],
      [2, 3, 1],
    ];
    const at = (x: number[]) => Array.from(replicatorVelocity(game, x), (v) => Number(v.toFixed(12)));
    expect(at([0, 0.25, 0.75])).to.deep.equal([0, -0.09375, 0.09375]);
    expect(at([0.2, 0.4, 0.4])).to.deep.equal([0.128, -0.144, 0.016]);
  });

  it("flows round the equilibrium of rock, paper, scissors: the product stays, the average arrives", () => {
    const { last, average } = replicatorFlow(rockPaperScissors, start, { time: 200 });
    expect(last.reduce((a, b) => a * b)).to.be.closeTo(0.03, 1e-11);
    expect(missed(last)).to.be.above(0.1);
    expect(missed(average)).to.be.below(0.006);
  });

  it("spirals away by multiplicative weights, unless it is optimistic or pays for entropy", () => {
    const plain = multiplicativeWeights(rockPaperScissors, start, { rate: 0.1, steps: 3000 });
    expect(missed(plain.last)).to.be.above(0.9);
    expect(missed(plain.average)).to.be.below(0.011);
    const optimistic = multiplicativeWeights(rockPaperScissors, start, { rate: 0.1, steps: 3000, optimistic: true });
    expect(missed(optimistic.last)).to.be.below(0.0014);
    const held = multiplicativeWeights(rockPaperScissors, start, { rate: 0.1, steps: 3000, entropy: 0.2 });
    expect(missed(held.last)).to.be.below(1e-14);
    const [first] = multiplicativeWeights(
      [
        [1, 1],
        [0, 0],
      ],
      [0.5, 0.5],
      { rate: Math.log(3), steps: 1 },
    ).last;
    expect(first).to.be.closeTo(0.75, 1e-12); // odds times exp(rate)
  });

  it("two players by multiplicative weights: at rest at the equilibrium, away from beside it, their averages near", () => {
    const beside = { row: [0.36, 0.32, 0.32], column: [0.32, 0.36, 0.32] };
    const level = [1 / 3, 1 / 3, 1 / 3];
    const play = (steps: number) => simultaneousWeights(rockPaperScissors, beside, { rate: 0.1, steps });
    const fromNash = (p: Float64Array) => -p.reduce((sum, x) => sum + Math.log(3 * x) / 3, 0);
    // Seen by another hand: KL(equilibrium || x) 0.0133 after 1,000 rounds; the mean (0.331, 0.330, 0.338) after 2,000.
    expect(fromNash(play(1000).row.last)).to.be.closeTo(0.0133, 5e-5);
    expect(fromNash(play(2000).row.last)).to.be.above(0.5);
    [0.331, 0.33, 0.338].forEach((p, i) => {
      expect(play(2000).row.average[i]).to.be.closeTo(p, 5e-4);
    });
    const still = simultaneousWeights(rockPaperScissors, { row: level, column: level }, { rate: 0.1, steps: 50 });
    for (const p of [...still.row.last, ...still.column.last]) expect(p).to.be.closeTo(1 / 3, 1e-12);
    // One step of a game that is not square, by hand: odds times exp(rate x difference of payoffs).
    const step = simultaneousWeights([[1, 0, 0]], { row: [1], column: [0.5, 0.25, 0.25] }, { rate: 1, steps: 1 });
    expect(step.row.last[0]).to.equal(1);
    expect(step.column.last[0] / step.column.last[1]).to.be.closeTo(2 / Math.E, 1e-12);
    expect(Array.from(step.column.average)).to.deep.equal([0.5, 0.25, 0.25]);
    expect(() => simultaneousWeights(rockPaperScissors, beside, { rate: 0, steps: 1 })).to.throw(DomainError, "rate");
    expect(() => simultaneousWeights(rockPaperScissors, beside, { rate: 1, steps: 0 })).to.throw(DomainError, "steps");
  });

  it("plays fictitiously at a rate of one over a root", () => {
    const missedAfter = (steps: number) => missed(fictitiousPlay(rockPaperScissors, start, { steps }).average);
    expect(missedAfter(100)).to.be.below(0.08);
    expect(missedAfter(10_000)).to.be.below(0.0075);
    expect(missedAfter(10_000)).to.be.above(0.001);
  });

  it("matches regrets above 0, and averages to an equilibrium", () => {
    expect(Array.from(regretMatchingStrategy([3, -2, 1]))).to.deep.equal([0.75, 0, 0.25]);
    expect(Array.from(regretMatchingStrategy([-1, -2]))).to.deep.equal([0.5, 0.5]);
    const missedAfter = (steps: number) => {
      const { row, column } = regretMatching(rockPaperScissors, { steps, row: [1, 0, 0] });
      return nashConv(rockPaperScissors, row.average, column.average);
    };
    expect(missedAfter(10_000)).to.be.below(0.02);
    expect(missedAfter(10_000)).to.be.below(missedAfter(100) / 5);
    const uneven = [
      [2, -1],
      [-1, 1],
    ];
    const { row, column } = regretMatching(uneven, { steps: 20_000 });
    expect(row.average[0]).to.be.closeTo(0.4, 0.02); // by hand: 2 of 5
    expect(column.average[0]).to.be.closeTo(0.4, 0.02);
  });

  it("matches regrets kept at 0 or above faster, by an average weighted by the step", () => {
    const uneven = [
      [2, -1, 0.5],
      [-1, 1, 0],
    ];
    const missedAfter = (steps: number, plus: boolean) => {
      const { row, column } = regretMatching(uneven, { steps, plus, row: [1, 0] });
      expect(row.average.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-9);
      expect(column.average.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-9);
      return nashConv(uneven, row.average, column.average);
    };
    expect(missedAfter(1000, true)).to.be.below(missedAfter(1000, false) / 2);
    expect(missedAfter(10_000, true)).to.be.below(1e-3);
    // By hand: the row learns that its second action is better; with plus the column answers that, else the first.
    const skewed = [
      [1, -1],
      [-1, 2],
    ];
    const answer = (plus: boolean) => Array.from(regretMatching(skewed, { steps: 1, plus, row: [1, 0] }).column.last);
    expect(answer(true)).to.deep.equal([1, 0]);
    expect(answer(false)).to.deep.equal([0, 1]);
    // Two steps of which the second counts twice.
    const { row, column } = regretMatching(
      [
        [1, -1],
        [-1, 1],
      ],
      { steps: 2, plus: true, row: [1, 0] },
    );
    // Gains (0, 0): no regret, row 2 uniform. Its column sees (0, 0) too: uniform for ever.
    expect(Array.from(row.average, (p) => Number(p.toFixed(12)))).to.deep.equal(
      [(1 + 2 / 2) / 3, 2 / 2 / 3].map((p) => Number(p.toFixed(12))),
    );
    expect(Array.from(column.average)).to.deep.equal([0.5, 0.5]);
  });

  it("shows its way to whoever watches: start, steps and end", () => {
    const ways: Record<string, (watch: Watch) => Play> = {
      replicator: (watch) => replicatorFlow(rockPaperScissors, start, { time: 1, step: 0.25, watch }),
      weights: (watch) => multiplicativeWeights(rockPaperScissors, start, { rate: 0.1, steps: 4, watch }),
      fictitious: (watch) => fictitiousPlay(rockPaperScissors, start, { steps: 4, watch }),
    };
    for (const [name, way] of Object.entries(ways)) {
      const seen: number[][] = [];
      const { last, average } = way((x, t) => {
        expect(t, name).to.equal(seen.length);
        seen.push(Array.from(x));
      });
      expect(seen, name).to.have.length(5);
      expect(seen[0], name).to.deep.equal(start);
      expect(seen[4], name).to.deep.equal(Array.from(name === "fictitious" ? average : last));
    }
  });

  it("refuses steps and rates that cannot be", () => {
    expect(() => fictitiousPlay(rockPaperScissors, start, { steps: 0 })).to.throw(DomainError, "steps");
    expect(() => multiplicativeWeights(rockPaperScissors, start, { rate: 0, steps: 1 })).to.throw(DomainError, "rate");
    expect(() => multiplicativeWeights(rockPaperScissors, start, { rate: 2, entropy: 1, steps: 1 })).to.throw(
      DomainError,
      "entropy",
    );
    expect(() => replicatorFlow(rockPaperScissors, start, { time: 0 })).to.throw(DomainError, "time");
    const tall = [[1], [2]];
    expect(() => fictitiousPlay(tall, [1], { steps: 1 })).to.throw(ShapeError, "1 rows");
    expect(() => replicatorVelocity(tall, [1])).to.throw(ShapeError, "1 rows");
    expect(() => multiplicativeWeights(tall, [1], { rate: 1, steps: 1 })).to.throw(ShapeError, "1 rows");
    expect(() => replicatorVelocity([[Number.NaN]], [1])).to.throw(DomainError, "finite");
    expect(() => fictitiousPlay(rockPaperScissors, [2, -1, 0], { steps: 1 })).to.throw(DomainError, "add up to 1");
    expect(() => regretMatching([], { steps: 1 })).to.throw(ShapeError, "at least one row");
    expect(() => regretMatching(rockPaperScissors, { steps: 1, row: [1, 1, 0] })).to.throw(DomainError, "add up to 1");
  });
});
