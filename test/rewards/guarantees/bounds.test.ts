import { expect } from "chai";
import fc from "fast-check";
import { DomainError, foldIn, key, logSumExp, normal, ShapeError, sigmoid, uniform } from "rlhf-lab";
import {
  binaryKL,
  binaryKLInverse,
  catoniBound,
  estimationBound,
  finiteClassBound,
  fitPowerLaw,
  gaussianKL,
  hoeffdingBound,
  logisticCurvature,
  maurerBound,
  mcAllesterBound,
  posteriorError,
  rademacherMarginBound,
  rampLoss,
  seegerBound,
} from "rlhf-lab/rewards";

const bounds = {
  mcAllesterBound,
  maurerBound,
  seegerBound,
  catoni: (seen: Parameters<typeof maurerBound>[0]) => catoniBound({ ...seen, c: 1 }),
};

/**
 * A simulation in which everything is known: `classSize` predictors with true error p, all judged on the same n
 * examples, and the Gibbs posterior that leans to those that did well (the harder, the more it overfits). Returns what
 * a bound sees, and the truth.
 */
function trial(seed: number, n: number, classSize: number, p: number, lean: number) {
  const errors = Float64Array.from({ length: classSize }, (_, h) => {
    const draws = uniform(foldIn(key(seed), h), n);
    return draws.reduce((sum, u) => sum + (u < p ? 1 : 0), 0) / n;
  });
  const logits = errors.map((e) => -lean * n * e);
  const total = logSumExp(logits);
  const posterior = logits.map((l) => Math.exp(l - total));
  return {
    n,
    error: Math.min(
      1,
      posterior.reduce((sum, w, h) => sum + w * errors[h], 0),
    ),
    kl: Math.max(
      0,
      posterior.reduce((sum, w) => (w === 0 ? sum : sum + w * Math.log(w * classSize)), 0),
    ),
    best: errors.reduce((x, y) => Math.min(x, y)),
    truth: p,
  };
}

/** The share of trials in which the truth lies above the bound. */
function failures(
  bound: (seen: ReturnType<typeof trial>) => number,
  classSize: number,
  lean: number,
  { trials = 400, n = 50, p = 0.3 } = {},
): number {
  let count = 0;
  for (let seed = 0; seed < trials; seed++) {
    const seen = trial(seed, n, classSize, p, lean);
    if (seen.truth > bound(seen)) count++;
  }
  return count / trials;
}

// A bound that holds with probability 0.9 exactly would fail in more than 16 % of 400 trials
// with probability below 1e-4.
const delta = 0.1;
const often = 0.16;

describe("bounds for one predictor, for many, for a ball", () => {
  it("are what they are by hand", () => {
    const seen = { error: 0.1, n: 200, delta: Math.exp(-1) };
    expect(hoeffdingBound(seen)).to.be.closeTo(0.1 + 0.05, 1e-12);
    expect(finiteClassBound({ ...seen, classSize: Math.exp(3) })).to.be.closeTo(0.1 + 0.1, 1e-12);
    expect(finiteClassBound({ ...seen, logClassSize: 3 })).to.be.closeTo(0.2, 1e-12);
    expect(rademacherMarginBound({ ...seen, n: 200, norm: 2, radius: 3, rho: 1 })).to.be.closeTo(
      0.15 + 12 / Math.sqrt(200),
      1e-12,
    );
    expect(rampLoss([-3, 0, 0.5, 1, 7], 1)).to.be.closeTo(2.5 / 5, 1e-12);
  });

  it("hold as often as they say; Hoeffding's for the best of 50 does not", () => {
    expect(failures(({ error, n }) => hoeffdingBound({ error, n, delta }), 1, 0)).to.be.at.most(often);
    expect(failures(({ best, n }) => finiteClassBound({ error: best, n, delta, classSize: 50 }), 50, 0)).to.be.at.most(
      often,
    );
    expect(failures(({ best, n }) => hoeffdingBound({ error: best, n, delta }), 50, 0)).to.be.above(0.25);
  });

  it("of the ball holds for a linear reward that was chosen to look good", () => {
    let failed = 0;
    for (let seed = 0; seed < 200; seed++) {
      const [n, d, rho] = [100, 2, 0.5];
      // Labels are coin tosses, so every reward's true error is 1/2.
      const x = Array.from({ length: n }, (_, k) => {
        const v = normal(foldIn(key(seed), k), d);
        const length = Math.hypot(...v);
        return v.map((c) => c / length);
      });
      const looks = Array.from({ length: 36 }, (_, a) => {
        const theta = [Math.cos((a * Math.PI) / 18), Math.sin((a * Math.PI) / 18)];
        return rampLoss(
          x.map((v) => theta[0] * v[0] + theta[1] * v[1]),
          rho,
        );
      });
      const bound = rademacherMarginBound({ error: Math.min(...looks), n, delta, norm: 1, radius: 1, rho });
      if (0.5 > bound) failed++;
    }
    expect(failed / 200).to.be.at.most(0.19);
  });

  it("refuse numbers that are none", () => {
    const seen = { error: 0.1, n: 10, delta: 0.1 };
    expect(() => hoeffdingBound({ ...seen, delta: 0 })).to.throw(DomainError, "delta");
    expect(() => hoeffdingBound({ ...seen, error: 2 })).to.throw(DomainError, "error");
    expect(() => hoeffdingBound({ ...seen, n: 0.5 })).to.throw(DomainError, "n");
    expect(() => finiteClassBound({ ...seen, classSize: 0.5 })).to.throw(DomainError);
    expect(() => rademacherMarginBound({ ...seen, norm: 1, radius: 1, rho: 0 })).to.throw(DomainError, "rho");
    expect(() => maurerBound({ ...seen, n: 7, kl: 1 })).to.throw(DomainError, "n");
    expect(() => maurerBound({ ...seen, kl: -1 })).to.throw(DomainError, "kl");
  });
});

describe("PAC-Bayes bounds", () => {
  it("are what they are by hand", () => {
    const seen = { error: 0.1, kl: 3, n: 100, delta: 0.05 };
    // ln(2 * 10 / 0.05) = ln 400 = 5.991465; (3 + 5.991465) / 200 = 0.0449573
    expect(maurerBound(seen)).to.be.closeTo(0.1 + 0.2120314, 1e-6);
    // ln(100 / 0.05) = 7.600902; 10.600902 / 198 = 0.0535399
    expect(mcAllesterBound(seen)).to.be.closeTo(0.1 + 0.2313869, 1e-6);
    // (1 - exp(-0.1 - (3 + ln 20) / 100)) / (1 - exp(-1))
    expect(catoniBound({ ...seen, c: 1 })).to.be.closeTo(-Math.expm1(-0.1 - 0.0599573) / (1 - Math.exp(-1)), 1e-6);
    // Nothing went wrong: kl(0 || p) = -ln(1 - p).
    expect(seegerBound({ ...seen, error: 0 })).to.be.closeTo(-Math.expm1(-8.991465 / 100), 1e-6);
  });

  it("hold as often as they say, for posteriors that lean to what looked good", () => {
    for (const [name, bound] of Object.entries(bounds)) {
      for (const lean of [0, 0.5, 3]) {
        expect(
          failures((seen) => bound({ ...seen, delta }), 50, lean),
          `${name}, lean ${lean}`,
        ).to.be.at.most(often);
        expect(
          failures((seen) => bound({ ...seen, delta }), 1, lean),
          `${name}, one predictor`,
        ).to.be.at.most(often);
      }
    }
  });

  it("need their terms: without KL, or without any price for luck, they fail too often", () => {
    const many = { trials: 60, n: 20, p: 0.5 };
    expect(failures((seen) => maurerBound({ ...seen, kl: 0, delta }), 2000, 3, many)).to.be.above(0.5);
    expect(failures((seen) => maurerBound({ ...seen, delta }), 2000, 3, many)).to.equal(0);
    const noLuck = ({ error, kl, n }: ReturnType<typeof trial>) => error + Math.sqrt(kl / (2 * n));
    expect(failures(noLuck, 1, 0)).to.be.above(0.3);
  });

  it("come down to the empirical error as n grows, and order as they should", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.integer({ min: 8, max: 100000 }),
        (error, kl, n) => {
          const seen = { error, kl, n, delta };
          expect(seegerBound(seen)).to.be.at.most(maurerBound(seen) + 1e-9);
          expect(maurerBound(seen)).to.be.at.most(mcAllesterBound(seen) + 1e-9);
          expect(seegerBound(seen)).to.be.at.least(error);
          // Catoni's at every c lies above the kl-inverse of its own budget.
          const budget = (kl + Math.log(1 / delta)) / n;
          for (const c of [0.1, 1, 4]) {
            expect(catoniBound({ ...seen, c })).to.be.at.least(binaryKLInverse(error, budget) - 1e-9);
          }
        },
      ),
    );
    for (const bound of [mcAllesterBound, maurerBound, seegerBound]) {
      expect(bound({ error: 0.2, kl: 5, n: 1e9, delta })).to.be.closeTo(0.2, 1e-3);
    }
  });

  it("invert kl", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (q, budget) => {
          const p = binaryKLInverse(q, budget);
          expect(p).to.be.within(q, 1);
          if (p < 1 - 1e-9) expect(binaryKL(q, p)).to.be.closeTo(budget, 1e-7);
        },
      ),
    );
    expect(binaryKL(0.7, 0.5)).to.be.closeTo(0.0822829, 1e-7); // references.md
    expect(binaryKL(0.5, 0)).to.equal(Number.POSITIVE_INFINITY);
    expect(binaryKL(0, 0)).to.equal(0);
  });

  it("know KL between Gaussians: by hand, and by drawing from them", () => {
    expect(gaussianKL({ mean: [3, 4], deviation: 1 }, { deviation: 1 })).to.be.closeTo(12.5, 1e-12);
    expect(gaussianKL({ mean: [1], deviation: 2 }, { mean: [1], deviation: 1 })).to.be.closeTo(1.5 - Math.LN2, 1e-12);
    const z = normal(key(1), 40000);
    const logRatio = z.map((v) => {
      const x = 0.7 + 0.5 * v;
      return -Math.log(0.5) - (v * v) / 2 + (x * x) / 2;
    });
    const average = logRatio.reduce((a, b) => a + b) / z.length;
    // 5 standard errors.
    expect(gaussianKL({ mean: [0.7], deviation: 0.5 }, { deviation: 1 })).to.be.closeTo(average, 0.02);
    expect(() => gaussianKL({ mean: [1], deviation: 1 }, { mean: [1, 2], deviation: 1 })).to.throw(ShapeError);
    expect(() => gaussianKL({ mean: [1], deviation: 0 }, { deviation: 1 })).to.throw(DomainError);
  });

  it("average a posterior's error, and say how far above it may be", () => {
    // P(theta < 0) for Normal(1, 1): 0.158655.
    const loss = (theta: Float64Array) => (theta[0] < 0 ? 1 : 0);
    const { mean, atMost } = posteriorError(key(2), { mean: [1], deviation: 1 }, loss, { draws: 4000, failure: 0.01 });
    expect(mean).to.be.closeTo(0.158655, 0.025); // 4 standard errors
    expect(atMost).to.be.closeTo(mean + Math.sqrt(Math.log(100) / 8000), 1e-12);
    expect(() => posteriorError(key(2), { mean: [1], deviation: 1 }, () => 2, { draws: 1, failure: 0.1 })).to.throw(
      DomainError,
      "posterior",
    );
  });
});

describe("estimationBound", () => {
  it("is what it is by hand, and its curvature is the logistic function's slope", () => {
    for (const range of [0, 0.5, 3]) {
      expect(logisticCurvature(range)).to.be.closeTo(sigmoid(range) * sigmoid(-range), 1e-12);
    }
    // d = 4, ln(1/delta) = 4: d + 2 * 4 + 8 = 20; gamma = 1/4 at range 0 (nearly).
    const setting = { n: 20, width: 4, norm: 1, radius: 1e-9, delta: Math.exp(-4) };
    expect(estimationBound(setting)).to.be.closeTo(2, 1e-9);
    expect(estimationBound({ ...setting, lambda: 0.25 })).to.be.closeTo(3, 1e-9);
    expect(estimationBound({ ...setting, n: 80 })).to.be.closeTo(1, 1e-9);
  });

  it("fits a power law exactly, and says how well", () => {
    const x = [10, 20, 40, 80];
    const { slope, slopeError, intercept } = fitPowerLaw(
      x,
      x.map((v) => 3 / Math.sqrt(v)),
    );
    expect(slope).to.be.closeTo(-0.5, 1e-12);
    expect(slopeError).to.be.below(1e-12);
    expect(Math.exp(intercept)).to.be.closeTo(3, 1e-9);
    expect(() => fitPowerLaw([1, 2], [1, 2])).to.throw(DomainError);
    expect(() => fitPowerLaw([1, 2, 3], [1, 0, 2])).to.throw(DomainError, "y[1]");
    expect(() => fitPowerLaw([2, 2, 2], [1, 1, 2])).to.throw(DomainError, "spread");
  });
});
