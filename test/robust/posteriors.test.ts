import { expect } from "chai";
import { DomainError, ShapeError } from "rlhf-lab";
import { linspace, logSigmoid, mean, sigmoid, type ValueAndGradient, variance } from "rlhf-lab/numerics";
import { foldIn, key, normal } from "rlhf-lab/random";
import {
  anchoredMember,
  anchoredMembers,
  dropoutDraws,
  gridPosterior,
  hmc,
  linearPosterior,
  sgld,
  variationalGaussian,
} from "rlhf-lab/robust";

/** Precision of a Gaussian that hangs together, its covariance, its mean. */
const precision = [
  [2, 1.2],
  [1.2, 1.5],
];
const determinant = 2 * 1.5 - 1.2 ** 2;
const covariance = [
  [1.5 / determinant, -1.2 / determinant],
  [-1.2 / determinant, 2 / determinant],
];
const centre = [0.7, -1.1];
const gaussian: ValueAndGradient = (at, gradient) => {
  const x = centre.map((c, i) => at[i] - c);
  let value = 0;
  for (let i = 0; i < 2; i++) {
    gradient[i] = -(precision[i][0] * x[0] + precision[i][1] * x[1]);
    value += (gradient[i] * x[i]) / 2;
  }
  return value;
};

/** Four answers and a prior: skewed. */
const rows = [
  [1, 0.5],
  [-0.3, 1],
  [2, -1],
  [0.4, 0.9],
];
const logistic: ValueAndGradient = (at, gradient) => {
  let value = 0;
  for (let i = 0; i < 2; i++) {
    gradient[i] = -at[i] / 2.25;
    value -= at[i] ** 2 / 4.5;
  }
  for (const x of rows) {
    const z = x[0] * at[0] + x[1] * at[1];
    value += logSigmoid(z);
    for (let i = 0; i < 2; i++) gradient[i] += sigmoid(-z) * x[i];
  }
  return value;
};
const logisticOnGrid = gridPosterior(
  (at) => logistic(Float64Array.from(at), new Float64Array(2)),
  [linspace(-8, 10, 181), linspace(-8, 10, 181)],
);
const momentsOf = (draws: number[][]) => ({
  means: [0, 1].map((i) => mean(draws.map((at) => at[i]))),
  variances: [0, 1].map((i) => variance(draws.map((at) => at[i]))),
});

describe("gridPosterior", () => {
  it("has the mean and covariance of a Gaussian", () => {
    const axes = centre.map((c) => linspace(c - 9, c + 9, 181));
    const found = gridPosterior((at) => gaussian(Float64Array.from(at), new Float64Array(2)), axes);
    for (let i = 0; i < 2; i++) {
      expect(found.mean[i]).to.be.closeTo(centre[i], 1e-8);
      for (let j = 0; j < 2; j++) expect(found.covariance[i][j]).to.be.closeTo(covariance[i][j], 1e-6);
    }
    expect(found.points).to.have.length(181 * 181);
    expect(found.points[1]).to.deep.equal([axes[0][0], axes[1][1]]);
  });

  it("is not moved by a constant, however large, and refuses what is no density", () => {
    const axis = [linspace(-1, 1, 5)];
    const one = gridPosterior(([x]) => x, axis);
    const far = gridPosterior(([x]) => x - 5000, axis);
    for (let i = 0; i < 5; i++) expect(far.weights[i]).to.be.closeTo(one.weights[i], 1e-12);
    expect(() => gridPosterior(() => 0, [])).to.throw(ShapeError, /axes/);
    expect(() => gridPosterior(() => 0, [[]])).to.throw(ShapeError, /axes/);
    expect(() => gridPosterior(() => Number.NaN, axis)).to.throw(DomainError, /logDensity\(-1\).*NaN/);
    expect(() => gridPosterior(() => Number.NEGATIVE_INFINITY, axis)).to.throw(DomainError, /0 at every point/);
  });
});

describe("hmc", () => {
  it("walks a skewed posterior, whose moments the grid knows (a fixed key)", () => {
    const { draws, acceptance } = hmc(key(1), logistic, [0, 0], { draws: 16_000, step: 0.3, leaps: 5 });
    const { means, variances } = momentsOf(draws);
    expect(acceptance).to.be.within(0.9, 1);
    for (let i = 0; i < 2; i++) {
      expect(means[i]).to.be.closeTo(logisticOnGrid.mean[i], 0.05);
      expect(variances[i] / logisticOnGrid.covariance[i][i]).to.be.within(0.93, 1.07);
    }
  });

  it("is right with steps that lose much energy too, since it may refuse", () => {
    const { draws, acceptance } = hmc(key(2), gaussian, centre, { draws: 16_000, step: 1.06, leaps: 3 });
    const { means, variances } = momentsOf(draws);
    expect(acceptance).to.be.within(0.3, 0.95);
    for (let i = 0; i < 2; i++) {
      expect(means[i]).to.be.closeTo(centre[i], 0.1);
      expect(variances[i] / covariance[i][i]).to.be.within(0.85, 1.18);
    }
  });

  it("refuses in words", () => {
    expect(() => hmc(key(1), gaussian, [0, 0], { draws: 0 })).to.throw(/draws/);
    expect(() => hmc(key(1), gaussian, [0, 0], { draws: 1, step: 0 })).to.throw(/step/);
    expect(() => hmc(key(1), gaussian, [Number.NaN, 0], { draws: 1 })).to.throw(/at the start.*finite/);
  });
});

describe("sgld", () => {
  const slopeOf = (_: unknown, at: Float64Array) => {
    const slope = new Float64Array(2);
    gaussian(at, slope);
    return slope;
  };

  it("with a small step has the variances; with a large one they are those of its own recursion", () => {
    for (const step of [0.1, 0.6]) {
      const draws = sgld(key(3), slopeOf, centre, { draws: 20_000, thin: step < 0.5 ? 10 : 3, step });
      // The stationary covariance of x' = (I - step/2 P) x + sqrt(step) e is (P - step/4 P P)^-1.
      const bent = precision.map((row, i) =>
        row.map((p, j) => p - (step / 4) * (precision[i][0] * precision[0][j] + precision[i][1] * precision[1][j])),
      );
      const size = bent[0][0] * bent[1][1] - bent[0][1] ** 2;
      const { means, variances } = momentsOf(draws);
      expect(variances[0] / (bent[1][1] / size), `step ${step}`).to.be.within(0.93, 1.07);
      expect(variances[1] / (bent[0][0] / size), `step ${step}`).to.be.within(0.93, 1.07);
      expect(means[0]).to.be.closeTo(centre[0], 0.08);
    }
  });

  it("gives the estimate a key of its own each time, and says where it left the numbers", () => {
    const seen = new Set<string>();
    const watch = (own: readonly number[], at: Float64Array) => {
      seen.add(String(own));
      return slopeOf(own, at);
    };
    sgld(key(3), watch, centre, { draws: 5, burnIn: 5, step: 0.1 });
    expect(seen.size).to.equal(10);
    expect(() => sgld(key(3), slopeOf, centre, { draws: 1e4, step: 100 })).to.throw(/left the numbers.*smaller step/);
    expect(() => sgld(key(3), slopeOf, centre, { draws: 10, step: -1 })).to.throw(/step.*positive/);
  });
});

describe("variationalGaussian", () => {
  it("gives a Gaussian back; mean field its diagonal precision", () => {
    const full = variationalGaussian(key(4), gaussian, [0, 0]);
    const field = variationalGaussian(key(4), gaussian, [0, 0], { full: false });
    for (let i = 0; i < 2; i++) {
      expect(full.mean[i]).to.be.closeTo(centre[i], 1e-5);
      expect(field.mean[i]).to.be.closeTo(centre[i], 1e-5);
      for (let j = 0; j < 2; j++) {
        expect(full.covariance[i][j]).to.be.closeTo(covariance[i][j], 1e-5);
        expect(field.covariance[i][j]).to.be.closeTo(i === j ? 1 / precision[i][i] : 0, 1e-5);
      }
    }
  });

  it("of a skewed posterior is near to the grid's mean", () => {
    const { mean: found } = variationalGaussian(key(5), logistic, [0, 0]);
    for (let i = 0; i < 2; i++) expect(found[i]).to.be.closeTo(logisticOnGrid.mean[i], 0.05);
    expect(() => variationalGaussian(key(5), logistic, [0, 0], { draws: 9 })).to.throw(/even/);
    expect(() => variationalGaussian(key(5), logistic, [0, 0], { draws: 4 })).to.throw(/draws.*at least 8/);
  });
});

describe("linearPosterior and anchored members", () => {
  const n = 20;
  const x = Array.from({ length: n }, (_, k) => [...normal(foldIn(key(6), k), 3)]);
  const y = [...normal(key(7), n)];
  const options = { noise: 0.7, prior: 1.3 };
  const exact = linearPosterior(x, y, options);

  it("solves the normal equations, and is the prior without rows that say anything", () => {
    for (let i = 0; i < 3; i++) {
      let left = exact.mean[i] / options.prior ** 2;
      for (let k = 0; k < n; k++) {
        const fit = x[k].reduce((sum, value, j) => sum + value * exact.mean[j], 0);
        left += (x[k][i] * (fit - y[k])) / options.noise ** 2;
      }
      expect(left).to.be.closeTo(0, 1e-9);
    }
    const nothing = linearPosterior([[0, 0]], [3], options);
    expect(nothing.mean).to.deep.equal([0, 0]);
    expect(nothing.covariance[0][0]).to.be.closeTo(1.69, 1e-12);
  });

  it("members are exact draws; without noise on the answers they are too near to each other", () => {
    const draws = anchoredMembers(key(8), x, y, 20_000, options);
    const narrow = anchoredMembers(key(8), x, y, 4000, { ...options, answerNoise: false });
    for (let i = 0; i < 3; i++) {
      const own = draws.map((w) => w[i]);
      expect(mean(own)).to.be.closeTo(exact.mean[i], 0.01);
      expect(variance(own) / exact.covariance[i][i]).to.be.within(0.95, 1.05);
      expect(variance(narrow.map((w) => w[i])) / exact.covariance[i][i]).to.be.below(0.3);
    }
    expect(anchoredMember(key(8), x, y, options)).to.deep.equal(anchoredMembers(key(8), x, y, 1, options)[0]);
  });

  it("members of two rows have the prior's width where the rows say nothing: that is the anchor's part", () => {
    const [few, answers] = [x.slice(0, 2), y.slice(0, 2)];
    const { covariance } = linearPosterior(few, answers, options);
    const draws = anchoredMembers(key(10), few, answers, 8000, options);
    for (let i = 0; i < 3; i++) {
      expect(variance(draws.map((w) => w[i])) / covariance[i][i]).to.be.within(0.93, 1.07);
    }
  });

  it("scales: answers, noise and prior in other units", () => {
    const other = linearPosterior(
      x,
      y.map((v) => 10 * v),
      { noise: 7, prior: 13 },
    );
    exact.mean.forEach((m, i) => {
      expect(other.mean[i]).to.be.closeTo(10 * m, 1e-9);
    });
    expect(other.covariance[0][1]).to.be.closeTo(100 * exact.covariance[0][1], 1e-9);
  });

  it("refuse in words", () => {
    expect(() => linearPosterior([], [], options)).to.throw(/x: expected rows/);
    expect(() => linearPosterior([[1], [1, 2]], [1, 2], options)).to.throw(/x\[1\]/);
    expect(() => linearPosterior([[1]], [1, 2], options)).to.throw(/y.*one for each row/);
    expect(() => linearPosterior([[1]], [Number.NaN], options)).to.throw(/y\[0\].*finite/);
    expect(() => linearPosterior([[1]], [1], { noise: 0, prior: 1 })).to.throw(/noise/);
    expect(() => anchoredMember(key(1), [[1]], [1], { noise: 1, prior: -1 })).to.throw(/prior/);
  });
});

describe("dropoutDraws", () => {
  it("have the mean of the weights and the variance of coins", () => {
    const draws = dropoutDraws(key(9), [2, -1], 0.3, 20_000);
    for (const [i, w] of [2, -1].entries()) {
      const own = draws.map((draw) => draw[i]);
      expect(mean(own)).to.be.closeTo(w, 0.04);
      expect(variance(own)).to.be.closeTo((0.3 / 0.7) * w * w, 0.05);
      for (const value of own) expect([0, w / 0.7]).to.include(value === 0 ? 0 : value);
    }
    expect(dropoutDraws(key(9), [2, -1], 0, 1)).to.deep.equal([[2, -1]]);
    expect(() => dropoutDraws(key(9), [2], 1, 1)).to.throw(/rate/);
    expect(() => dropoutDraws(key(9), [2], 0.5, 0)).to.throw(/draws/);
  });
});
