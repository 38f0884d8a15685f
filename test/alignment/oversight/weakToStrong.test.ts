import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "rlhf-lab";
import { confidenceLossAndGradient, performanceGapRecovered } from "rlhf-lab/alignment";

const logits = [
  [2, 0],
  [0, 1],
  [1, 1.5],
  [-1, 0.5],
];
const weak = [
  [0.9, 0.1],
  [0.2, 0.8],
  [0.6, 0.4],
  [0.3, 0.7],
];

describe("weak to strong", () => {
  it("the gap recovered, and what is outside 0 and 1 as it is", () => {
    expect(performanceGapRecovered({ weak: 0.6, weakToStrong: 0.8, ceiling: 0.9 })).to.be.closeTo(2 / 3, 1e-12);
    expect(performanceGapRecovered({ weak: 0.6, weakToStrong: 0.5, ceiling: 0.8 })).to.be.closeTo(-0.5, 1e-12);
    expect(performanceGapRecovered({ weak: 0.6, weakToStrong: 0.9, ceiling: 0.8 })).to.be.closeTo(1.5, 1e-12);
    expect(() => performanceGapRecovered({ weak: 0.6, weakToStrong: 0.8, ceiling: 0.6 })).to.throw(
      DomainError,
      "above",
    );
    expect(() => performanceGapRecovered({ weak: Number.NaN, weakToStrong: 0.8, ceiling: 1 })).to.throw(
      DomainError,
      "weak",
    );
  });

  it("the confidence loss of openai/weak-to-strong (weight 0, and 1/2 after the warm-up), recomputed by hand in numpy", () => {
    const plain = confidenceLossAndGradient(logits, weak, 0);
    expect(plain.loss).to.be.closeTo(0.56642, 1e-6);
    const half = confidenceLossAndGradient(logits, weak, 0.5);
    expect(half.loss).to.be.closeTo(0.48517, 1e-6);
    expect(half.threshold).to.be.closeTo(0.323241, 1e-6);
  });

  it("its gradient is that of the loss with the target held fixed (differences)", () => {
    const { gradient } = confidenceLossAndGradient(logits, weak, 0.5);
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 2; j++) {
        const at = (h: number) =>
          confidenceLossAndGradient(
            logits.map((row, r) => row.map((value, c) => (r === i && c === j ? value + h : value))),
            weak,
            0.5,
          ).loss;
        // So small a step moves no hard answer over the threshold.
        expect((at(1e-6) - at(-1e-6)) / 2e-6).to.be.closeTo(gradient[i][j], 1e-7);
      }
    }
  });

  it("a base rate of 1/5 keeps about a fifth of hard answers of class 1 (property)", () => {
    const row = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(fc.uniqueArray(row, { minLength: 10, maxLength: 10 }), (margins) => {
        const labels = margins.map(() => [0.8, 0.2]);
        const { gradient } = confidenceLossAndGradient(
          margins.map((m) => [m / 10, 0]),
          labels,
          1,
        );
        // With weight 1 a row's slope is below 0 where its hard answer is class 0.
        expect(gradient.filter(([slope]) => slope > 0).length).to.be.within(1, 3);
      }),
    );
  });

  it("refuses other shapes, weights and labels; survives huge logits", () => {
    expect(() => confidenceLossAndGradient([], [], 0.5)).to.throw(ShapeError, "at least one");
    expect(() => confidenceLossAndGradient([[1, 2, 3]], [[1, 0]], 0.5)).to.throw(ShapeError, "logits[0]");
    expect(() => confidenceLossAndGradient([[1, 2]], [[1, 1]], 0.5)).to.throw(DomainError, "add up");
    expect(() => confidenceLossAndGradient([[1, 2]], [[1, 0]], 2)).to.throw(DomainError, "weight");
    expect(confidenceLossAndGradient([[800, -800]], [[0, 1]], 0).loss).to.equal(1600);
  });
});
