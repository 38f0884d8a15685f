import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, foldIn, key, mean, normal, ShapeError, split, standardError } from "rlhf-lab";
import { differenceGradient, differenceHessian } from "rlhf-lab/numerics";
import {
  type FeaturePairs,
  featurePairs,
  labelPairs,
  largestDifference,
  linearReward,
  selectPairs,
} from "rlhf-lab/rewards";
import { featureInputs, mlpReward, pairwiseLoss, splitRewards } from "rlhf-lab/rewards/tensor";
import { capture, leaves, tf, valueAndGradients } from "rlhf-lab/tensor";

/** n pairs of d Gaussian features, labelled by the weights theta. */
function world(seed: number, n: number, theta: number[]): FeaturePairs {
  const d = theta.length;
  const [a, b, c] = split(key(seed), 3);
  const [first, second] = [a, b].map((k) => normal(k, n * d));
  const y = labelPairs(c, linearReward.rewards(theta, first), linearReward.rewards(theta, second));
  const row = (x: Float64Array, k: number) => x.subarray(k * d, (k + 1) * d);
  return featurePairs(
    Array.from(y, (label, k) => row(label === 1 ? first : second, k)),
    Array.from(y, (label, k) => row(label === 1 ? second : first, k)),
  );
}

const theta3 = [1, -0.5, 0.25];

describe("linearReward", () => {
  it("has a loss that can be had by hand", () => {
    const pairs = featurePairs([[1, 0]], [[0, 1]]);
    expect(linearReward.loss([Math.log(3), 0], pairs)).to.be.closeTo(Math.log(4 / 3), 1e-12);
    expect(linearReward.loss([Math.log(3), 0], pairs, { l2: 2 })).to.be.closeTo(
      Math.log(4 / 3) + Math.log(3) ** 2,
      1e-12,
    );
    expect(Array.from(linearReward.gradient([Math.log(3), 0], pairs))).to.deep.equal([-0.25, 0.25].map((g) => g));
    expect(linearReward.hessian([0, 0], pairs).to2DArray()).to.deep.equal([
      [0.25, -0.25],
      [-0.25, 0.25],
    ]);
  });

  it("has the gradient and the Hessian of its loss, by differences", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0, max: 2, noNaN: true }), (seed, l2) => {
        const pairs = world(seed, 20, theta3);
        const at = Array.from(normal(key(seed), 3));
        const slope = differenceGradient((t) => linearReward.loss(t, pairs, { l2 }), at);
        const got = linearReward.gradient(at, pairs, { l2 });
        slope.forEach((g, j) => {
          expect(got[j]).to.be.closeTo(g, 1e-7);
        });
        const curve = differenceHessian((t) => linearReward.gradient(t, pairs, { l2 }), at);
        const h = linearReward.hessian(at, pairs, { l2 }).to2DArray();
        curve.forEach((row, i) => {
          row.forEach((value, j) => {
            expect(h[i][j]).to.be.closeTo(value, 1e-7);
          });
        });
      }),
      { numRuns: 20 },
    );
  });

  it("agrees with the engine in float32, value and gradient, eagerly and captured", () => {
    const pairs = world(5, 40, theta3);
    const model = mlpReward({ inputs: 3, hidden: [] });
    const at = [0.3, -1.2, 0.7];
    const params = { 0: { weight: tf.tensor2d(at, [3, 1]), bias: tf.zeros([1]) } };
    const x = featureInputs(pairs).inputs(Int32Array.from({ length: 40 }, (_, k) => k));
    const step = (p: typeof params, input: tf.Tensor2D) => {
      const { loss, gradients } = valueAndGradients(p, (q) => pairwiseLoss(...splitRewards(model.rewards(q, input))));
      return { loss, gradient: gradients[0].weight };
    };
    for (const run of [step, capture(step, [params, x])]) {
      const { loss, gradient } = run(params, x);
      expect(loss.dataSync()[0]).to.be.closeTo(linearReward.loss(at, pairs), 1e-6);
      const want = linearReward.gradient(at, pairs);
      gradient.dataSync().forEach((g, j) => {
        expect(g).to.be.closeTo(want[j], 1e-6);
      });
    }
  });

  it("keeps a margin of a thousand nats finite, in both precisions", () => {
    const pairs = featurePairs([[0]], [[1000]]);
    expect(linearReward.loss([1], pairs)).to.equal(1000);
    expect(pairwiseLoss(tf.tensor1d([0]), tf.tensor1d([1000])).dataSync()[0]).to.equal(1000);
    expect(() => pairwiseLoss(tf.zeros([2]), tf.zeros([3]))).to.throw(ShapeError, "rejected");
  });

  it("finds the same optimum by Newton's method and by L-BFGS", () => {
    const pairs = world(1, 300, theta3);
    for (const l2 of [0, 0.1]) {
      const newton = linearReward.fit(pairs, { l2, method: "newton" });
      const lbfgs = linearReward.fit(pairs, { l2, method: "lbfgs" });
      expect(newton.gradientNorm).to.be.below(1e-8);
      newton.theta.forEach((weight, j) => {
        expect(lbfgs.theta[j]).to.be.closeTo(weight, 1e-6);
      });
    }
  });

  it("does not see the order of rows, a feature that never differs, or a swap of the sign of all features and weights", () => {
    const pairs = world(2, 60, theta3);
    const order = Array.from({ length: 60 }, (_, k) => 59 - k);
    const { theta } = linearReward.fit(pairs);
    const again = linearReward.fit(selectPairs(pairs, order)).theta;
    const swapped = linearReward.fit({
      ...pairs,
      chosen: pairs.chosen.map((v) => -v),
      rejected: pairs.rejected.map((v) => -v),
    }).theta;
    theta.forEach((weight, j) => {
      expect(again[j]).to.be.closeTo(weight, 1e-9);
      expect(swapped[j]).to.be.closeTo(-weight, 1e-9);
    });
    const constant = featurePairs(
      [
        [1, 7],
        [0, 7],
        [2, 7],
      ],
      [
        [0, 7],
        [1, 7],
        [1, 7],
      ],
    );
    expect(linearReward.fit(constant).theta[1]).to.equal(0);
  });

  it("is consistent: the error shrinks like 1 / sqrt(n), and its mean is near 0 (4 standard errors)", () => {
    const errors = [100, 1600].map((n) =>
      Array.from({ length: 30 }, (_, seed) => linearReward.fit(world(1000 + seed, n, theta3)).theta[0] - theta3[0]),
    );
    const rms = errors.map((list) => Math.sqrt(mean(list.map((e) => e * e))));
    expect(rms[0] / rms[1]).to.be.within(2.5, 6.5); // 4 in the limit
    expect(Math.abs(mean(errors[1]))).to.be.below(4 * standardError(errors[1]) + 0.02);
  });

  it("says so when there is no finite optimum, and a penalty makes one", () => {
    const pairs = featurePairs([[1], [2]], [[0], [0]]);
    expect(() => linearReward.fit(pairs)).to.throw(ConvergenceError, "penalty");
    expect(linearReward.fit(pairs, { l2: 0.1 }).theta[0]).to.be.within(1, 5);
    expect(() => linearReward.fit(pairs, { l2: -1 })).to.throw(DomainError, "l2");
    expect(() => linearReward.loss([1, 2], pairs)).to.throw(ShapeError, "theta");
  });

  it("stays in a ball: inside it is the free optimum, on its edge the best point of the edge", () => {
    const pairs = world(3, 80, theta3);
    const free = linearReward.fit(pairs);
    expect(Array.from(linearReward.fitInBall(pairs, 100).theta)).to.deep.equal(Array.from(free.theta));
    const edge = linearReward.fitInBall(pairs, 0.5);
    expect(Math.hypot(...edge.theta)).to.be.closeTo(0.5, 1e-5);
    const best = linearReward.loss(edge.theta, pairs);
    for (let seed = 0; seed < 50; seed++) {
      const other = normal(key(seed), 3);
      const scale = 0.5 / Math.hypot(...other);
      expect(
        linearReward.loss(
          other.map((v) => v * scale),
          pairs,
        ),
      ).to.be.above(best - 1e-7);
    }
    expect(Math.hypot(...linearReward.fitInBall(featurePairs([[1], [2]], [[0], [0]]), 3).theta)).to.be.closeTo(3, 1e-4);
  });

  it("a ball of any size holds its estimate", () => {
    const steps = featurePairs([[1], [1], [0]], [[0], [0], [1]]);
    for (const radius of [1e-9, 1e-6, 1e-3, 0.1]) {
      const { theta } = linearReward.fitInBall(steps, radius);
      expect(theta[0] / radius).to.be.within(1 - 1e-5, 1);
    }
    expect(linearReward.fitInBall(steps, 1).theta[0]).to.be.closeTo(Math.log(2), 1e-9);
    expect(() => linearReward.fitInBall(steps, Number.POSITIVE_INFINITY)).to.throw(DomainError, "radius");
  });

  it("each feature in a unit of its own: the weights follow, by either method", () => {
    const chosen = Array.from({ length: 300 }, (_, k) => Array.from(normal(foldIn(key(77), k), 3)));
    const rejected = chosen.map((row, k) => row.map((x, j) => x - normal(foldIn(key(78), k), 3)[j] - 0.2 * j));
    for (const method of ["newton", "lbfgs"] as const) {
      const want = linearReward.fit(featurePairs(chosen, rejected), { method }).theta;
      for (const units of [
        [1e6, 1e6, 1e6],
        [1e-6, 1e-6, 1e-6],
        [1e-3, 1, 1e3],
        ...(method === "newton" ? [[1e-12, 1, 1e12]] : []),
      ]) {
        const inUnits = (rows: number[][]) => rows.map((row) => row.map((x, j) => x * units[j]));
        const { theta } = linearReward.fit(featurePairs(inUnits(chosen), inUnits(rejected)), { method });
        for (let j = 0; j < 3; j++) expect(theta[j] * units[j]).to.be.closeTo(want[j], 1e-6);
      }
    }
  });

  it("measures lengths in the covariance of the differences", () => {
    const pairs = featurePairs(
      [
        [2, 0],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 1],
      ],
    );
    const sigma = linearReward.covariance(pairs);
    expect(sigma.to2DArray()).to.deep.equal([
      [2, 0],
      [0, 0.5],
    ]);
    expect(linearReward.matrixNorm([3, 4], sigma, 0.5)).to.be.closeTo(Math.sqrt(9 * 2.5 + 16), 1e-12);
    expect(largestDifference(pairs)).to.equal(2);
  });

  it("refuses pairs that are none", () => {
    expect(() => featurePairs([], [])).to.throw(DomainError, "chosen");
    expect(() => featurePairs([[1]], [])).to.throw(ShapeError, "rejected");
    expect(() => featurePairs([[1]], [[1, 2]])).to.throw(ShapeError, "rejected[0]");
    expect(() => featurePairs([[Number.NaN]], [[1]])).to.throw(DomainError, "chosen[0][0]");
    expect(() => selectPairs(featurePairs([[1]], [[0]]), [1])).to.throw(DomainError, "rows[0]");
  });

  it("has a model whose parameters are a weight and a bias", () => {
    expect(leaves(mlpReward({ inputs: 3, hidden: [] }).init(key(0)))).to.have.length(2);
  });
});
