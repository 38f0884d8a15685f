import { expect } from "chai";
import { exactExpectation, exactKL, exactRegularisedOptimum, logSoftmax } from "rlhf-lab/numerics";
import { foldIn, key, normal } from "rlhf-lab/random";
import { lowerBoundReward, maxMinUtility, setRobustTilt } from "rlhf-lab/robust";

const N = 12;
const d = 3;
const features = Array.from({ length: N }, (_, y) => [...normal(foldIn(key(1), y), d)]);
const logRef = logSoftmax(normal(key(2), N));
const posterior = {
  mean: [0.8, -0.3, 0.5],
  covariance: [
    [1, 0.6, 0],
    [0.6, 0.8, -0.2],
    [0, -0.2, 0.5],
  ],
};
const centre = Array.from({ length: d }, (_, j) =>
  exactExpectation(
    logRef,
    features.map((f) => f[j]),
  ),
);
const centred = features.map((f) => f.map((x, j) => x - centre[j]));
const square = (f: readonly number[]) =>
  f.reduce((sum, a, i) => sum + f.reduce((row, b, j) => row + a * posterior.covariance[i][j] * b, 0), 0);

describe("lowerBoundReward", () => {
  it("is f'm - k sqrt(f'Sf) of centred features", () => {
    const low = lowerBoundReward(features, posterior, 1.5, logRef);
    centred.forEach((f, y) => {
      const want = f.reduce((sum, x, j) => sum + x * posterior.mean[j], 0) - 1.5 * Math.sqrt(square(f));
      expect(low[y]).to.be.closeTo(want, 1e-12);
    });
  });

  it("does not change when a constant feature is added; without centring it does", () => {
    const more = features.map((f) => [...f, 5]);
    const wider = {
      mean: [...posterior.mean, 2],
      covariance: [...posterior.covariance.map((r) => [...r, 0]), [0, 0, 0, 3]],
    };
    const low = lowerBoundReward(features, posterior, 1, logRef);
    lowerBoundReward(more, wider, 1, logRef).forEach((r, y) => {
      expect(r).to.be.closeTo(low[y], 1e-9);
    });
    const loose = lowerBoundReward(more, wider, 1, logRef, { centred: false });
    expect(Math.abs(loose[0] - lowerBoundReward(features, posterior, 1, logRef, { centred: false })[0])).to.be.above(1);
  });

  it("refuses in words", () => {
    expect(() => lowerBoundReward(features, posterior, -1, logRef)).to.throw(/k: expected/);
    expect(() => lowerBoundReward([[1]], posterior, 1, [0])).to.throw(/features\[0\]/);
    expect(() => lowerBoundReward(features, { ...posterior, mean: [1] }, 1, logRef)).to.throw(/mean/);
    expect(() => lowerBoundReward(features, posterior, 1, [0])).to.throw(/centre/);
  });
});

describe("setRobustTilt", () => {
  it("with k = 0 is the tilt to the mean", () => {
    const { logProbs, guaranteed, kl } = setRobustTilt(features, posterior, { k: 0, beta: 0.7, logRef });
    const reward = centred.map((f) => f.reduce((sum, x, j) => sum + x * posterior.mean[j], 0));
    const optimum = exactRegularisedOptimum(logRef, reward, 0.7);
    optimum.logProbs.forEach((log, y) => {
      expect(logProbs[y]).to.be.closeTo(log, 1e-9);
    });
    expect(guaranteed).to.be.closeTo(exactExpectation(optimum.logProbs, reward), 1e-9);
    expect(kl).to.be.closeTo(exactKL(optimum.logProbs, logRef), 1e-9);
  });

  it("no policy near by is surer, and nature's answer is in the set and worst for it", () => {
    const [k, beta] = [1.2, 0.5];
    const found = setRobustTilt(features, posterior, { k, beta, logRef, tolerance: 1e-9 });
    const worth = (logProbs: ArrayLike<number>) => {
      const M = centre.map((_, j) =>
        exactExpectation(
          logProbs,
          centred.map((f) => f[j]),
        ),
      );
      const sure = M.reduce((sum, m, j) => sum + m * posterior.mean[j], 0) - k * Math.sqrt(square(M));
      return { sure, objective: sure - beta * exactKL(logProbs, logRef) };
    };
    const own = worth(found.logProbs);
    expect(found.guaranteed).to.be.closeTo(own.sure, 1e-9);
    for (let t = 0; t < 200; t++) {
      const push = normal(foldIn(key(3), t), N);
      for (const size of [0.01, 0.3]) {
        const other = logSoftmax(Float64Array.from(found.logProbs, (log, y) => log + size * push[y]));
        expect(worth(other).objective).to.be.at.most(own.objective + 1e-8);
      }
    }
    const worst = exactExpectation(
      found.logProbs,
      centred.map((f) => f.reduce((sum, x, j) => sum + x * found.theta[j], 0)),
    );
    expect(worst).to.be.closeTo(own.sure, 1e-4);
  });

  it("with a set so wide that no gain is sure stays at the reference", () => {
    const { kl, guaranteed } = setRobustTilt(features, posterior, { k: 50, beta: 0.5, logRef });
    expect(kl).to.be.closeTo(0, 1e-5);
    expect(guaranteed).to.be.within(-1e-5, 1e-5);
  });

  it("refuses in words", () => {
    expect(() => setRobustTilt(features, posterior, { k: 1, beta: 0, logRef })).to.throw(/beta/);
    expect(() => setRobustTilt(features, posterior, { k: -1, beta: 1, logRef })).to.throw(/k: /);
    const flat = {
      mean: [0, 0],
      covariance: [
        [1, 2],
        [2, 1],
      ],
    };
    expect(() => setRobustTilt([[1, 0]], flat, { k: 1, beta: 1, logRef: [0] })).to.throw(/positive definite/);
  });
});

describe("maxMinUtility", () => {
  // Ellsberg's urn: 30 red, 60 black or yellow.
  const priors = [
    [1 / 3, 0, 2 / 3],
    [1 / 3, 2 / 3, 0],
  ];
  it("makes Ellsberg's two choices, which no prior makes", () => {
    const { values, best } = maxMinUtility(
      [
        [100, 0, 0],
        [0, 100, 0],
      ],
      priors,
    );
    expect(values[0]).to.be.closeTo(33.3333, 1e-3);
    expect(values[1]).to.equal(0);
    expect(best).to.equal(0);
    const pairs = maxMinUtility(
      [
        [100, 0, 100],
        [0, 100, 100],
      ],
      priors,
    );
    expect(pairs.values[0]).to.be.closeTo(33.3333, 1e-3);
    expect(pairs.values[1]).to.be.closeTo(66.6667, 1e-3);
    expect(pairs.best).to.equal(1);
    for (let black = 0; black <= 60; black += 5) {
      const one = [[30, black, 60 - black].map((b) => b / 90)];
      const first = maxMinUtility(
        [
          [100, 0, 0],
          [0, 100, 0],
        ],
        one,
      ).values;
      const second = maxMinUtility(
        [
          [100, 0, 100],
          [0, 100, 100],
        ],
        one,
      ).values;
      expect(Math.sign(Math.round(first[0] - first[1]))).to.equal(Math.sign(Math.round(second[0] - second[1])));
    }
  });

  it("refuses in words", () => {
    expect(() => maxMinUtility([], priors)).to.throw(/acts/);
    expect(() => maxMinUtility([[1, 2, 3]], [])).to.throw(/priors/);
    expect(() => maxMinUtility([[1, 2]], priors)).to.throw(/priors\[0\]/);
    expect(() => maxMinUtility([[1, Number.NaN, 2]], priors)).to.throw(/acts\[0\]\[1\]/);
  });
});
