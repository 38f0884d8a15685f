import { expect } from "chai";
import fc from "fast-check";
import {
  crossValidateShrinkage,
  rewardErrorParts,
  shrunkReward,
  shrunkRewardError,
} from "../../lib/src/constitution/index.js";
import { ConvergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import { key, normal, split } from "../../lib/src/random/index.js";

const features = [
  [1, 0, 2],
  [0, 1, 1],
  [1, 1, 0],
  [2, 0, 1],
  [0, 3, 1],
];
const labels = [1, 2, 0.5, -1, 3];
const prior = [0.5, -0.5, 1];

describe("a reward that shrinks to a constitution", () => {
  it("minimises its loss: gradient 0 by differences, at every weight (property)", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (weight) => {
        const theta = shrunkReward(features, labels, prior, weight);
        const loss = (t: ArrayLike<number>) =>
          features.reduce((s, row, i) => s + (labels[i] - row.reduce((p, x, j) => p + x * t[j], 0)) ** 2, 0) +
          weight * prior.reduce((s, p, j) => s + (t[j] - p) ** 2, 0);
        for (let j = 0; j < 3; j++) {
          const step = (h: number) => loss(theta.map((x, i) => (i === j ? x + h : x)));
          expect(step(1e-4) - step(-1e-4)).to.be.closeTo(0, 1e-7 * (1 + weight));
        }
      }),
    );
  });

  it("is least squares at 0 and the constitution at Infinity; refuses the rest", () => {
    const truth = [1, -2, 0.5];
    const exact = features.map((row) => row.reduce((s, x, j) => s + x * truth[j], 0));
    shrunkReward(features, exact, prior, 0).forEach((t, j) => {
      expect(t).to.be.closeTo(truth[j], 1e-9);
    });
    expect([...shrunkReward(features, labels, prior, Number.POSITIVE_INFINITY)]).to.deep.equal(prior);
    expect(() => shrunkReward([[1, 1]], [1], [0, 0], 0)).to.throw(ConvergenceError, "weight above 0");
    expect(() => shrunkReward(features, labels, prior, -1)).to.throw(DomainError, "weight");
    expect(() => shrunkReward(features, [1], prior, 1)).to.throw(ShapeError, "labels");
    expect(() => shrunkReward(features, labels, [1], 1)).to.throw(ShapeError, "prior");
  });

  it("has the bias and variance of the closed form, over 4000 draws of the labels", () => {
    const truth = [1.2, 2, 0, -1, 2.5];
    const use = {
      features: [
        [1, 0, 0],
        [0, 1, 1],
        [2, 1, 0],
      ],
      truth: [0, 1, -1],
      probabilities: [0.5, 0.3, 0.2],
    };
    const design = { features, truth, labelVariance: 0.49 };
    const runs = 4000;
    for (const weight of [0.3, 3]) {
      const { squaredBias, variance } = shrunkRewardError(design, use, prior, weight);
      let total = 0;
      for (const k of split(key(11), runs)) {
        const noise = normal(k, 5);
        const theta = shrunkReward(
          features,
          truth.map((u, i) => u + 0.7 * noise[i]),
          prior,
          weight,
        );
        use.features.forEach((row, y) => {
          const error = row.reduce((s, x, j) => s + x * theta[j], 0) - use.truth[y];
          total += (use.probabilities[y] * error * error) / runs;
        });
      }
      // The standard error of the mean of these squares is near 0.01.
      expect(total).to.be.closeTo(squaredBias + variance, 0.05 * (squaredBias + variance));
    }
    const sure = shrunkRewardError(design, use, prior, Number.POSITIVE_INFINITY);
    expect(sure.variance).to.equal(0);
    expect(sure.squaredBias).to.be.closeTo(0.5 * 0.25 + 0.3 * 0.25 + 0.2 * 2.25, 1e-12);
    const steps = [0.1, 1, 10, 100].map((w) => shrunkRewardError(design, use, prior, w).variance);
    expect(steps.every((v, i) => i === 0 || v < steps[i - 1])).to.equal(true);
    expect(() => shrunkRewardError({ ...design, labelVariance: -1 }, use, prior, 1)).to.throw(DomainError);
  });

  it("measured parts add up to the mean squared error, and do not see a shift", () => {
    const [truth, p] = [
      [0, 1, 3],
      [0.2, 0.5, 0.3],
    ];
    const rewards = [
      [0, 2, 3],
      [1, 1, 2],
      [0, 0, 4],
    ];
    const { squaredBias, variance } = rewardErrorParts(rewards, truth, p);
    const centred = (r: readonly number[]) => r.map((x) => x - r.reduce((s, v, y) => s + p[y] * v, 0));
    const target = centred(truth);
    const error = rewards.map((r) => centred(r).reduce((s, x, y) => s + p[y] * (x - target[y]) ** 2, 0));
    expect(squaredBias + variance).to.be.closeTo(error.reduce((a, b) => a + b) / 3, 1e-12);
    const shifted = rewardErrorParts(
      rewards.map((r, i) => r.map((x) => x + i)),
      truth,
      p,
    );
    expect(shifted.variance).to.be.closeTo(variance, 1e-12);
    const same = rewardErrorParts([rewards[0], rewards[0]], truth, p);
    expect(same.variance).to.equal(0);
    expect(() => rewardErrorParts([truth], truth, p)).to.throw(DomainError, "at least 2");
    expect(() => rewardErrorParts([truth, [1]], truth, p)).to.throw(ShapeError);
  });

  it("cross-validated with as many folds as rows is leave one out, whatever the key", () => {
    const weights = [0.1, 2];
    const by = (seed: number) => crossValidateShrinkage(key(seed), features, labels, prior, { weights, folds: 5 });
    const want = weights.map((weight) => {
      const errors = features.map((row, i) => {
        const without = <T>(list: readonly T[]) => list.filter((_, j) => j !== i);
        const theta = shrunkReward(without(features), without(labels), prior, weight);
        return (row.reduce((s, x, j) => s + x * theta[j], 0) - labels[i]) ** 2;
      });
      return errors.reduce((a, b) => a + b) / 5;
    });
    for (const seed of [1, 2]) {
      by(seed).forEach((error, w) => {
        expect(error).to.be.closeTo(want[w], 1e-12);
      });
    }
    expect(() => crossValidateShrinkage(key(1), features, labels, prior, { weights, folds: 6 })).to.throw(DomainError);
    expect(() => crossValidateShrinkage(key(1), features, labels, prior, { weights: [] })).to.throw(DomainError);
  });
});
