import { expect } from "chai";
import fc from "fast-check";
import {
  cagrad,
  climbTogether,
  minNorm,
  minNormUnderNoise,
  pcgrad,
  principleGradients,
  sampledPrincipleNoise,
  sumNoise,
} from "../../lib/src/constitution/index.js";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { reinforce } from "../../lib/src/policy/index.js";
import { key, normal } from "../../lib/src/random/index.js";
import { sequenceTree, treePolicy } from "../../lib/src/trees/index.js";
import { golden } from "./golden.js";

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((s, x, i) => s + x * b[i], 0);
const matrices = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 })).chain(([k, d]) =>
  fc.array(
    fc.array(
      fc.integer({ min: -30, max: 30 }).map((x) => x / 10),
      { minLength: d, maxLength: d },
    ),
    {
      minLength: k,
      maxLength: k,
    },
  ),
);
const near = (got: ArrayLike<number>, want: readonly number[], tolerance: number) => {
  expect(got.length).to.equal(want.length);
  want.forEach((w, i) => {
    expect(got[i]).to.be.closeTo(w, tolerance);
  });
};

describe("MGDA under noise", () => {
  const pair = [
    [1, 0],
    [-0.5, 0.5],
  ];

  it("is MGDA where the noise is small, and another direction where it is not", () => {
    near(minNormUnderNoise(key(1), pair, { draws: 50, noise: 1e-9 }), [0.1, 0.3], 1e-7);
    const seen = Array.from({ length: 10 }, (_, i) => minNormUnderNoise(key(i + 1), pair));
    // Lesson 12's claim holds the bias; here only that there is one, ten keys alike.
    for (const direction of seen) expect(Math.hypot(direction[0] - 0.1, direction[1] - 0.3)).to.be.above(0.05);
    near(minNormUnderNoise(key(3), [[2, -1]], { draws: 4000 }), [2, -1], 4 / Math.sqrt(4000));
  });

  it("refuses what are no gradients, draws or noise", () => {
    expect(() => minNormUnderNoise(key(1), [])).to.throw(DomainError, "gradients");
    expect(() => minNormUnderNoise(key(1), pair, { draws: 0 })).to.throw(DomainError, "draws");
    expect(() => minNormUnderNoise(key(1), pair, { noise: -1 })).to.throw(DomainError, "noise");
  });
});

describe("gradient surgery", () => {
  const torch = golden<{ gradients: number[][]; pcgrad: number[]; mgda: number[]; mgdaWeights: number[] }>("PCGrad");

  it("PCGrad and MGDA are TorchJD's", () => {
    near(pcgrad(torch.gradients), torch.pcgrad, 5e-5);
    near(minNorm(torch.gradients).direction, torch.mgda, 1e-12);
    near(minNorm(torch.gradients).weights, torch.mgdaWeights, 1e-12);
  });

  it("PCGrad of three depends on the order and can hurt; by hand", () => {
    const three = [
      [-3, -2],
      [3, 1],
      [-2, 3],
    ];
    const [up, down] = [pcgrad(three), pcgrad(three, Array(3).fill([2, 1, 0]))];
    near(up, [-17 / 13, 3.1615], 5e-4);
    near(down, [-1.562, 1.892], 1e-3);
    expect(three.map((g) => dot(g, up) < 0)).to.deep.equal([true, true, false]);
    expect(three.map((g) => dot(g, down) < 0)).to.deep.equal([false, true, false]);
  });

  it("PCGrad leaves agreement alone, and of two gradients hurts neither (property)", () => {
    near(
      pcgrad([
        [1, 1],
        [2, 0.5],
      ]),
      [3, 1.5],
      1e-12,
    );
    near(
      pcgrad([
        [0, 0],
        [2, 0.5],
      ]),
      [2, 0.5],
      1e-12,
    );
    fc.assert(
      fc.property(matrices, (gradients) => {
        fc.pre(gradients.length === 2);
        const d = pcgrad(gradients);
        for (const g of gradients) expect(dot(g, d)).to.be.above(-1e-9);
      }),
    );
  });

  it("minNorm is the least norm of the hull: its certificate g_i . d >= |d|^2 (property)", () => {
    fc.assert(
      fc.property(matrices, (gradients) => {
        const { direction, weights } = minNorm(gradients);
        const square = dot(direction, direction);
        for (const g of gradients) expect(dot(g, direction)).to.be.above(square - 1e-6);
        expect(Math.min(...weights)).to.be.at.least(0);
        expect(
          dot(
            weights,
            weights.map(() => 1),
          ),
        ).to.be.closeTo(1, 1e-9);
        if (gradients.length === 2) {
          const [a, b] = gradients;
          const apart = a.map((x, i) => x - b[i]);
          const share = dot(apart, apart) === 0 ? 0.5 : -dot(apart, b) / dot(apart, apart);
          const alpha = Math.min(1, Math.max(0, share));
          near(
            direction,
            a.map((x, i) => alpha * x + (1 - alpha) * b[i]),
            1e-6,
          );
        }
      }),
      { numRuns: 300 },
    );
    near(
      minNorm([
        [1, 0],
        [3, 0.1],
      ]).direction,
      [1, 0],
      1e-12,
    ); // clipped
  });

  it("CAGrad is the mean at c = 0, stays in its ball, and no direction of the ball has a better worst", () => {
    fc.assert(
      fc.property(matrices, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (gradients, c) => {
        const d = cagrad(gradients, c);
        const mean = gradients[0].map((_, i) => gradients.reduce((s, g) => s + g[i], 0) / gradients.length);
        const [size, off] = [Math.hypot(...mean), Math.hypot(...mean.map((m, i) => d[i] - m))];
        expect(off).to.be.at.most(c * size * (1 + 1e-9) + 1e-12);
        near(cagrad(gradients, 0), mean, 1e-12);
        const worst = (x: ArrayLike<number>) => Math.min(...gradients.map((g) => dot(g, x)));
        const { direction } = minNorm(gradients);
        fc.pre(Math.hypot(...direction) > 1e-3 && size > 1e-3);
        const draws = normal(key(Math.round(1e6 * c)), 20 * mean.length);
        for (let trial = 0; trial < 20; trial++) {
          const step = Array.from(draws.slice(trial * mean.length, (trial + 1) * mean.length));
          const length = Math.hypot(...step);
          const other = mean.map((m, i) => m + (c * size * step[i]) / length);
          expect(worst(other)).to.be.below(worst(d) + 1e-6);
          // A small step from d, back onto the ball: nothing better nearby.
          const nudged = mean.map((m, i) => d[i] - m + 0.03 * c * size * (step[i] / length));
          const back = Math.min(1, (c * size) / Math.hypot(...nudged));
          expect(worst(mean.map((m, i) => m + back * nudged[i]))).to.be.below(worst(d) + 1e-6);
        }
      }),
      { numRuns: 150 },
    );
    near(
      cagrad(
        [
          [1, 0],
          [-1, 0],
        ],
        0.5,
      ),
      [0, 0],
      1e-12,
    );
  });

  it("refuse bad input in words", () => {
    expect(() => pcgrad([])).to.throw(DomainError);
    expect(() => pcgrad([[1], [2, 3]])).to.throw(ShapeError);
    expect(() => pcgrad([[1], [2]], [[1]])).to.throw(ShapeError, "orders");
    expect(() => pcgrad([[1], [2]], [[2], [0]])).to.throw(DomainError, "orders[0]");
    expect(() => minNorm([[Number.NaN]])).to.throw(DomainError, "gradients[0][0]");
    expect(() => cagrad([[1]], 1)).to.throw(DomainError, "c");
  });
});

describe("noise of principles", () => {
  const tree = sequenceTree(3, 2);
  const logits = [0.3, -0.2, 0.5, 1, 0, -1, 0.2, 0.1, 0.4];
  const rewards = [
    [1, 0, 2, -1, 0.5, 1.5, 0],
    [-1, 0.3, 0, 1, 2, 0, -0.5],
  ];
  const moments = principleGradients(tree, logits, rewards);

  it("is that of REINFORCE's own moments for each sum of rewards", () => {
    for (const w of [
      [1, 0],
      [0.5, 0.5],
      [0.2, 1.7],
    ]) {
      const sum = rewards[0].map((r, y) => w[0] * r + w[1] * rewards[1][y]);
      const policy = reinforce.enumeratePolicy(treePolicy(tree, logits), sum);
      const known = reinforce.gradientMoments(policy, { baseline: policy.value });
      const got = sumNoise(moments, w);
      expect(got.totalVariance).to.be.closeTo(known.totalVariance, 1e-12);
      expect(got.noiseToSignal).to.be.closeTo(known.noiseToSignal, 1e-9);
    }
  });

  it("of a drawn principle is what enumerating replies and principles gives", () => {
    const w = [0.3, 0.7];
    const policies = rewards.map((r) => reinforce.enumeratePolicy(treePolicy(tree, logits), r));
    const mean = policies[0].gradient.map((g, i) => w[0] * g + w[1] * policies[1].gradient[i]);
    let square = 0;
    policies.forEach((policy, i) => {
      policy.logProbs.forEach((log, y) => {
        const score = reinforce.replyScore(policy, y);
        const estimate = score.map((s) => (policy.reward[y] - policy.value) * s);
        square += w[i] * Math.exp(log) * dot(estimate, estimate);
      });
    });
    const got = sampledPrincipleNoise(moments, w);
    expect(got.totalVariance).to.be.closeTo(square - dot(mean, mean), 1e-12);
    expect(got.squaredNorm).to.be.closeTo(dot(mean, mean), 1e-12);
    const same = { gradients: [moments.gradients[0], moments.gradients[0]], covariance: Array(2).fill([1, 1]) };
    expect(sampledPrincipleNoise(same, w).totalVariance).to.be.closeTo(1, 1e-12);
  });

  it("scales with the squares of rewards; opposed rewards have no signal and no noise", () => {
    const doubled = principleGradients(
      tree,
      logits,
      rewards.map((r) => r.map((x) => 2 * x + 3)),
    );
    expect(sumNoise(doubled, [0.5, 0.5]).totalVariance).to.be.closeTo(
      4 * sumNoise(moments, [0.5, 0.5]).totalVariance,
      1e-9,
    );
    const opposed = principleGradients(tree, logits, [rewards[0], rewards[0].map((x) => -x)]);
    const { totalVariance, noiseToSignal } = sumNoise(opposed, [0.5, 0.5]);
    expect(totalVariance).to.be.closeTo(0, 1e-12);
    expect(noiseToSignal).to.equal(Number.POSITIVE_INFINITY);
    expect(() => principleGradients(tree, logits, [[1]])).to.throw(ShapeError, "rewards[0]");
    expect(() => principleGradients(tree, [0], rewards)).to.throw(ShapeError, "logits");
    expect(() => sumNoise(moments, [1])).to.throw(ShapeError, "weights");
    expect(() => sampledPrincipleNoise(moments, [0.5, 0.7])).to.throw(DomainError, "probabilities");
    expect(() => sumNoise({ ...moments, covariance: [] }, [1, 1])).to.throw(ShapeError, "covariance");
  });

  it("climbTogether follows the direction that it is given", () => {
    const path = climbTogether(tree, logits, rewards, (g) => g[0], { steps: 200, rate: 1 });
    expect(path).to.have.length(201);
    expect(path[200][0]).to.be.above(1.8);
    const still = climbTogether(tree, logits, rewards, (g) => g[0].map(() => 0), { steps: 2, rate: 1 });
    expect([...still[2]]).to.deep.equal([...still[0]]);
    const one = climbTogether(tree, logits, rewards, (g) => g[1], { steps: 1, rate: 1e-4 });
    expect((one[1][0] - one[0][0]) / 1e-4).to.be.closeTo(dot(moments.gradients[0], moments.gradients[1]), 1e-3);
    expect(() => climbTogether(tree, logits, rewards, () => [Number.NaN], { steps: 1, rate: 1 })).to.throw(ShapeError);
    expect(() => climbTogether(tree, logits, rewards, (g) => g[0], { steps: 1, rate: 0 })).to.throw(DomainError);
  });
});
