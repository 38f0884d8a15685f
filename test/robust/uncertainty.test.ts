import { expect } from "chai";
import fc from "fast-check";
import { sigmoid } from "rlhf-lab/numerics";
import { active, predictiveProbability } from "rlhf-lab/preferences";
import { splitUncertainty, splitVariance } from "rlhf-lab/robust";

describe("splitUncertainty", () => {
  it("of two members that disagree is ln 2 in all, of which a half can be learned", () => {
    const { total, aleatoric, epistemic } = splitUncertainty([
      [0.9, 0.1],
      [0.1, 0.9],
    ]);
    expect(total).to.be.closeTo(Math.LN2, 1e-12);
    expect(aleatoric).to.be.closeTo(0.325083, 1e-6);
    expect(epistemic).to.be.closeTo(0.368064, 1e-6);
  });

  it("is the information gain where there are two answers, with weights too, and 0 ln 0 is 0", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            p: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
            w: fc.integer({ min: 1, max: 9 }),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        (members) => {
          const weights = members.map(({ w }) => w);
          const split = splitUncertainty(
            members.map(({ p }) => [p, 1 - p]),
            weights,
          );
          const gain = active.informationGain(
            members.map(({ p }) => p),
            weights,
          );
          expect(split.total).to.be.closeTo(gain.total, 1e-12);
          expect(split.aleatoric).to.be.closeTo(gain.noise, 1e-12);
          expect(split.epistemic).to.be.closeTo(gain.gain, 1e-12);
        },
      ),
    );
  });

  it("refuses what is no distribution, in words", () => {
    expect(() => splitUncertainty([])).to.throw(/at least one member/);
    expect(() => splitUncertainty([[0.5, 0.6]])).to.throw(/probabilities\[0\].*add up to 1/);
    expect(() => splitUncertainty([[0.5, Number.NaN]])).to.throw(/add up to 1/);
    expect(() => splitUncertainty([[0.5, 0.5], [1]])).to.throw(/probabilities\[1\].*2 probabilities/);
    expect(() => splitUncertainty([[1, 0]], [1, 2])).to.throw(/weights.*one for each member/);
    expect(() => splitUncertainty([[1, 0]], [0])).to.throw(/weights.*above 0/);
    expect(() => splitUncertainty([[1, 0]], [-1])).to.throw(/weights\[0\]/);
  });
});

describe("splitVariance", () => {
  it("is the variance of the mixture, by enumeration", () => {
    // Each member a fair coin around its mean.
    const means = [0, 1, 4];
    const spread = [1, 0.5, 2];
    const weights = [1, 2, 5];
    const outcomes = means.flatMap((m, i) => [-1, 1].map((side) => ({ y: m + side * spread[i], p: weights[i] / 16 })));
    const centre = outcomes.reduce((sum, { y, p }) => sum + p * y, 0);
    const { total, aleatoric, epistemic } = splitVariance(
      means,
      spread.map((s) => s * s),
      weights,
    );
    expect(total).to.be.closeTo(
      outcomes.reduce((sum, { y, p }) => sum + p * (y - centre) ** 2, 0),
      1e-12,
    );
    expect(aleatoric + epistemic).to.equal(total);
    expect(
      splitVariance(
        means.map((m) => 3 * m + 100),
        spread.map((s) => 9 * s * s),
        weights,
      ).total,
    ).to.be.closeTo(9 * total, 1e-9);
  });

  it("refuses in words", () => {
    expect(() => splitVariance([], [])).to.throw(/at least one member/);
    expect(() => splitVariance([0], [-1])).to.throw(/variances\[0\].*at least 0/);
    expect(() => splitVariance([Number.NaN], [1])).to.throw(/means\[0\].*finite/);
  });
});

describe("what a normal reward expects of an answer", () => {
  it("E sigmoid of N(1, 1) is .6967347; MacKay's formula, sigmoid(m / sqrt(1 + pi s^2 / 8)), is near", () => {
    const exact = predictiveProbability(
      {
        mean: [1, 0],
        covariance: [
          [1, 0],
          [0, 0],
        ],
      },
      0,
      1,
    );
    expect(exact).to.be.closeTo(0.6967347, 1e-7);
    expect(sigmoid(1 / Math.sqrt(1 + Math.PI / 8))).to.be.closeTo(0.7000144, 1e-7);
  });
});
