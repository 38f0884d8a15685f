import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { Matrix, solve } from "ml-matrix";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import { linspace, mean, normalDensity, standardDeviation, wilsonInterval } from "../../lib/src/numerics/index.js";
import { foldIn, key, normal, uniform } from "../../lib/src/random/index.js";
import {
  drawFunction,
  expectedBestOfTwo,
  expectedImprovement,
  gaussianProcess,
  type JointBeliefs,
  knowledgeGradient,
  knowledgeGradients,
  logExpectedImprovement,
  matern52,
  probabilityOfImprovement,
  type SafeOptMethod,
  safeOptStep,
  safeOptTrial,
  squaredExponential,
  thompson,
  upperConfidence,
} from "../../lib/src/robust/index.js";

const golden = JSON.parse(readFileSync(new URL("../golden/robust.json", import.meta.url), "utf8"));
const found = (name: string) => golden.find((entry: Record<string, unknown>) => entry[name])[name];

/** E g(Z) for a standard normal Z, by the trapezoid rule. */
function overNormal(g: (z: number) => number, cells = 40_000): number {
  let sum = 0;
  for (let k = 0; k <= cells; k++) {
    const z = -12 + (24 * k) / cells;
    sum += g(z) * normalDensity(z) * (24 / cells);
  }
  return sum;
}

const branin = ([x, y]: readonly number[]) =>
  (y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 +
  10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
  10;

/** A process on a few points of the line, from a key. */
const example = (seed: number, n: number, noise = 0.1) => {
  const x = Array.from(uniform(key(seed), n), (u) => [4 * u]);
  const y = normal(foldIn(key(seed), 1), n);
  return { x, y, process: gaussianProcess(squaredExponential({ length: 0.7, deviation: 1.3 }), x, y, noise) };
};

describe("Gaussian processes", () => {
  it("are what the formulas say, by another solver; the evidence as well (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 8 }), (seed, n) => {
        const kernel = squaredExponential({ length: 0.7, deviation: 1.3 });
        const { x, y, process } = example(seed, n);
        const K = new Matrix(x.map((a, i) => x.map((b, j) => kernel(a, b) + (i === j ? 0.01 : 0))));
        const points = [[0], [1.1], x[0]];
        const own = new Matrix(points.map((a) => x.map((b) => kernel(a, b))));
        const weights = solve(K, Matrix.columnVector(y));
        const posterior = Matrix.sub(
          new Matrix(points.map((a) => points.map((b) => kernel(a, b)))),
          own.mmul(solve(K, own.transpose())),
        );
        const { mean: m, covariance, deviation } = process.jointly(points);
        const alone = process.at(points);
        for (let i = 0; i < 3; i++) {
          expect(m[i]).to.be.closeTo(own.mmul(weights).get(i, 0), 1e-8);
          expect(alone.mean[i]).to.equal(m[i]);
          expect(deviation[i]).to.be.closeTo(Math.sqrt(posterior.get(i, i)), 1e-7);
          expect(alone.deviation[i]).to.be.closeTo(deviation[i], 1e-7);
          for (let j = 0; j < 3; j++) expect(covariance[3 * i + j]).to.be.closeTo(posterior.get(i, j), 1e-8);
        }
        // ln p(y) as a chain of predictions, one measurement after the other.
        let evidence = 0;
        for (let k = 0; k < n; k++) {
          const before = gaussianProcess(kernel, x.slice(0, k), y.slice(0, k), 0.1).at([x[k]]);
          const sd = Math.hypot(before.deviation[0], 0.1);
          evidence += Math.log(normalDensity((y[k] - before.mean[0]) / sd) / sd);
        }
        expect(process.logEvidence).to.be.closeTo(evidence, 1e-7);
      }),
      { numRuns: 30 },
    );
  });

  it("without noise go through the measurements; without any are the prior; far away forget", () => {
    const process = gaussianProcess(matern52({ length: 1, deviation: 2 }), [[0], [1], [3]], [1, -1, 2], 0);
    const { mean: m, deviation } = process.at([[0], [1], [3], [1000]]);
    [1, -1, 2, 0].forEach((y, i) => {
      expect(m[i]).to.be.closeTo(y, 1e-9);
    });
    [0, 0, 0, 2].forEach((sd, i) => {
      expect(deviation[i]).to.be.closeTo(sd, 1e-6);
    });
    const prior = gaussianProcess(matern52({ length: 1, deviation: 2 }), [], [], 0);
    expect(prior.at([[5]])).to.deep.equal({ mean: Float64Array.of(0), deviation: Float64Array.of(2) });
    expect(prior.logEvidence).to.be.closeTo(0, 1e-12);
  });

  it("measure twice as once with less noise; scale and distance are the kernel's", () => {
    const kernel = squaredExponential({ length: 0.5 });
    const twice = gaussianProcess(kernel, [[1], [1]], [0.2, 0.6], 0.3).at([[1.2]]);
    const once = gaussianProcess(kernel, [[1]], [0.4], 0.3 / Math.SQRT2).at([[1.2]]);
    expect(twice.mean[0]).to.be.closeTo(once.mean[0], 1e-12);
    expect(twice.deviation[0]).to.be.closeTo(once.deviation[0], 1e-12);
    for (const [scale, far] of [
      [1e8, 1],
      [1e-8, 1],
      [1, 1e6],
    ]) {
      const wide = squaredExponential({ length: 0.5 * far, deviation: scale });
      const { mean: m, deviation } = gaussianProcess(wide, [[far], [far]], [0.2 * scale, 0.6 * scale], 0.3 * scale).at([
        [1.2 * far],
      ]);
      expect(m[0] / scale).to.be.closeTo(twice.mean[0], 1e-9);
      expect(deviation[0] / scale).to.be.closeTo(twice.deviation[0], 1e-9);
    }
  });

  it("Matern's kernel by hand, and in more dimensions", () => {
    const z = Math.sqrt(5) * 5;
    expect(matern52({ length: 1 })([0, 0], [3, 4])).to.be.closeTo((1 + z + (z * z) / 3) * Math.exp(-z), 1e-15);
    expect(squaredExponential({ length: 5, deviation: 2 })([0, 0], [3, 4])).to.be.closeTo(4 * Math.exp(-0.5), 1e-15);
  });

  it("learn Branin's function, whose three minima are known", () => {
    const { value, at } = found("branin");
    for (const minimum of at) expect(branin(minimum)).to.be.closeTo(value, 1e-6);
    const grid = linspace(-5, 10, 8).flatMap((a) => linspace(0, 15, 8).map((b) => [a, b]));
    const process = gaussianProcess(squaredExponential({ length: 4, deviation: 200 }), grid, grid.map(branin), 0.1);
    const { mean: m } = process.at(at);
    m.forEach((seen) => {
      expect(seen).to.be.closeTo(value, 2);
    });
  });

  it("refuse what they cannot read", () => {
    const kernel = squaredExponential({ length: 1 });
    expect(() => gaussianProcess(kernel, [[1], [1]], [0, 1], 0)).to.throw(DomainError, "positive definite");
    expect(() => gaussianProcess((a, b) => -a[0] * b[0], [[1]], [0], 0.1)).to.throw(DomainError, "kernel");
    expect(() => gaussianProcess(() => Number.NaN, [[1]], [0], 0.1)).to.throw(DomainError, "kernel");
    expect(() => gaussianProcess(kernel, [[1]], [0, 1], 0.1)).to.throw(ShapeError, "y");
    expect(() => gaussianProcess(kernel, [[1], [1, 2]], [0, 1], 0.1)).to.throw(ShapeError, "x[1]");
    expect(() => gaussianProcess(kernel, [[1]], [0], 0.1).at([[1, 2]])).to.throw(ShapeError, "points[0]");
    expect(() => gaussianProcess(kernel, [[Number.NaN]], [0], 0.1)).to.throw(DomainError, "x[0][0]");
    expect(() => gaussianProcess(kernel, [[1]], [Number.NaN], 0.1)).to.throw(DomainError, "y[0]");
    for (const noise of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => gaussianProcess(kernel, [[1]], [0], noise)).to.throw(DomainError, "noise");
    }
    expect(() => squaredExponential({ length: 0 })).to.throw(DomainError, "length");
    expect(() => matern52({ length: 1, deviation: -1 })).to.throw(DomainError, "deviation");
  });
});

describe("what to measure next", () => {
  it("BoTorch's expected and probable improvements", () => {
    const { means, improvement, probability } = found("botorch");
    means.forEach((m: number, i: number) => {
      expect(expectedImprovement(m, 1, 0)).to.be.closeTo(improvement[i], 1e-4);
    });
    for (const { mean: m, sd, best, p } of probability) {
      expect(probabilityOfImprovement(m, sd, best)).to.be.closeTo(p, 1e-4);
    }
  });

  it("expected improvement is the integral, its log its logarithm, across the change of formula (property)", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 3, noNaN: true }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (z, sd, best) => {
          const m = best + sd * z;
          const integral = overNormal((t) => Math.max(m + sd * t - best, 0));
          expect(expectedImprovement(m, sd, best) / integral).to.be.closeTo(1, 1e-3);
          expect(logExpectedImprovement(m, sd, best)).to.be.closeTo(Math.log(integral), 1e-3);
          expect(expectedImprovement(1e6 * m, 1e6 * sd, 1e6 * best) / 1e6).to.be.closeTo(
            expectedImprovement(m, sd, best),
            1e-10,
          );
        },
      ),
      { numRuns: 40 },
    );
    const around = [2 - 1e-9, 2, 2 + 1e-9].map((a) => logExpectedImprovement(-a, 1, 0));
    expect(around[0]).to.be.closeTo(around[2], 1e-8);
    expect(around[1]).to.be.closeTo(around[2], 1e-8);
  });

  it("far out: phi(z) / z^2 (1 - 3 / z^2), where the number itself is long 0; never below 0", () => {
    for (const a of [30, 100, 1e6]) {
      const tail = -(a * a + Math.log(2 * Math.PI)) / 2 - 2 * Math.log(a) + Math.log1p(-3 / (a * a) + 15 / a ** 4);
      expect(logExpectedImprovement(-a, 1, 0) - tail).to.be.closeTo(0, 1e-6 + 1e-15 * a * a);
    }
    expect(expectedImprovement(-40, 1, 0)).to.equal(0);
    expect(expectedImprovement(-6, 1, 0)).to.be.above(0);
    expect(logExpectedImprovement(-38, 1, 0)).to.be.below(logExpectedImprovement(-37.9, 1, 0));
  });

  it("at deviation 0: what is known", () => {
    expect([expectedImprovement(2, 0, 1), expectedImprovement(0, 0, 1), expectedImprovement(1, 0, 1)]).to.deep.equal([
      1, 0, 0,
    ]);
    expect(logExpectedImprovement(0, 0, 1)).to.equal(Number.NEGATIVE_INFINITY);
    expect([2, 1, 0].map((m) => probabilityOfImprovement(m, 0, 1))).to.deep.equal([1, 0, 0]);
    expect(expectedBestOfTwo(2, 3, 0)).to.equal(3);
  });

  it("the best of two: the ground's number, quadrature, and the two in any order (property)", () => {
    expect(expectedBestOfTwo(1, 0, Math.SQRT2)).to.be.closeTo(1.1996412, 1e-7);
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (a, b, s) => {
          const integral = b + overNormal((z) => Math.max(a - b + s * z, 0));
          expect(expectedBestOfTwo(a, b, s)).to.be.closeTo(integral, 1e-5);
          expect(expectedBestOfTwo(b, a, s)).to.be.closeTo(expectedBestOfTwo(a, b, s), 1e-9);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("upper confidence, and bad input", () => {
    expect(upperConfidence(1, 0.5, -2)).to.equal(0);
    for (const f of [expectedImprovement, logExpectedImprovement, probabilityOfImprovement]) {
      expect(() => f(Number.NaN, 1, 0)).to.throw(DomainError, "mean");
      expect(() => f(0, -1, 0)).to.throw(DomainError, "deviation");
      expect(() => f(0, 1, Number.POSITIVE_INFINITY)).to.throw(DomainError, "best");
    }
    expect(() => upperConfidence(0, 1, Number.NaN)).to.throw(DomainError, "width");
    expect(() => expectedBestOfTwo(0, 1, -1)).to.throw(DomainError);
  });
});

describe("the most improving point", () => {
  it("is the greatest of all expected improvements, without all variances (property)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 0, max: 150 }),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: -1, max: 40, noNaN: true }),
        (seed, n, m, best) => {
          const { process } = example(seed, n);
          const points = Array.from(uniform(foldIn(key(seed), 3), m), (u) => [8 * u]);
          const { mean: centre, deviation } = process.at(points);
          const logs = Array.from(centre, (c, i) => logExpectedImprovement(c, deviation[i], best));
          const { choice, logImprovement } = process.mostImproving(points, best);
          expect(logImprovement).to.be.closeTo(Math.max(...logs), 1e-6 * (1 + Math.abs(logImprovement)));
          expect(logs[choice]).to.be.closeTo(logImprovement, 1e-6 * (1 + Math.abs(logImprovement)));
        },
      ),
    );
  });

  it("says so where nothing can improve, and refuses no points", () => {
    const process = gaussianProcess(squaredExponential({ length: 1 }), [[0]], [1], 0);
    expect(process.mostImproving([[0]], 2)).to.deep.equal({ choice: 0, logImprovement: Number.NEGATIVE_INFINITY });
    expect(() => process.mostImproving([], 2)).to.throw(ShapeError, "at least one point");
  });
});

describe("knowledge gradient", () => {
  const believed = (seed: number, n: number): JointBeliefs => {
    const { process } = example(seed, 3, 0.5);
    return process.jointly(Array.from(uniform(foldIn(key(seed), 2), n), (u) => [4 * u]));
  };

  it("is the integral over what the measurement may say (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 7 }), (seed, n) => {
        const beliefs = believed(seed, n);
        const noise = 0.4;
        const { choice, gains } = knowledgeGradients(beliefs, noise);
        for (let i = 0; i < n; i++) {
          const scale = Math.sqrt(beliefs.covariance[i * n + i] + noise * noise);
          const best = overNormal((z) =>
            beliefs.mean.reduce(
              (most, m, x) => Math.max(most, m + (beliefs.covariance[x * n + i] / scale) * z),
              Number.NEGATIVE_INFINITY,
            ),
          );
          expect(gains[i]).to.be.closeTo(best - Math.max(...beliefs.mean), 1e-5);
          expect(gains[i]).to.be.at.least(0);
        }
        expect(gains[choice]).to.equal(Math.max(...gains));
      }),
      { numRuns: 25 },
    );
  });

  it("of two independent points is the expected improvement over the other; nothing known twice is worth nothing", () => {
    const beliefs = {
      mean: Float64Array.of(0, 0.3),
      deviation: Float64Array.of(1, 1),
      covariance: Float64Array.of(1, 0, 0, 0),
    };
    expect(knowledgeGradient(beliefs, 0, 0)).to.be.closeTo(expectedImprovement(0, 1, 0.3), 1e-12);
    expect(knowledgeGradient(beliefs, 1, 0)).to.equal(0);
    expect(knowledgeGradient(beliefs, 0, 1e9)).to.be.closeTo(0, 1e-9);
    // Points that move together teach nothing about which is better.
    const tied = { ...beliefs, covariance: Float64Array.of(1, 1, 1, 1) };
    expect(knowledgeGradient(tied, 0, 0)).to.equal(0);
    expect(() => knowledgeGradient(beliefs, 2, 0)).to.throw(DomainError, "i: expected one of the points");
    expect(() => knowledgeGradient(beliefs, 0, -1)).to.throw(DomainError, "noise");
  });
});

describe("Thompson sampling", () => {
  const beliefs = example(4, 4).process.jointly(linspace(0, 4, 9).map((x) => [x]));

  it("draws have the mean and covariance that are believed, over 4,000 keys", () => {
    const draws = Array.from({ length: 4000 }, (_, i) => drawFunction(foldIn(key(8), i), beliefs));
    for (const i of [0, 3, 8]) {
      const own = draws.map((f) => f[i]);
      expect(mean(own)).to.be.closeTo(beliefs.mean[i], 4.5 * (beliefs.deviation[i] / Math.sqrt(4000)) + 1e-9);
      expect(standardDeviation(own)).to.be.closeTo(beliefs.deviation[i], 0.06 * beliefs.deviation[i] + 1e-6);
    }
    const together = mean(draws.map((f) => (f[0] - beliefs.mean[0]) * (f[1] - beliefs.mean[1])));
    expect(together).to.be.closeTo(beliefs.covariance[1], 0.1 * beliefs.deviation[0] * beliefs.deviation[1]);
  });

  it("takes each of two points as often as it is believed to be the best", () => {
    const two = {
      mean: Float64Array.of(0.5, 0),
      deviation: Float64Array.of(1, 1),
      covariance: Float64Array.of(1, 0, 0, 1),
    };
    let first = 0;
    for (let i = 0; i < 2000; i++) if (thompson(foldIn(key(3), i), two).choice === 0) first++;
    const { low, high } = wilsonInterval(first, 2000, 0.999);
    expect(probabilityOfImprovement(0.5, Math.SQRT2, 0)).to.be.within(low, high);
    const known = { mean: Float64Array.of(0, 1), deviation: Float64Array.of(0, 0), covariance: new Float64Array(4) };
    expect(thompson(key(1), known)).to.deep.equal({ choice: 1, draw: Float64Array.of(0, 1) });
  });

  it("refuses a covariance that is none, and no points", () => {
    const wrong = {
      mean: Float64Array.of(0, 0),
      deviation: Float64Array.of(1, 1),
      covariance: Float64Array.of(1, 2, 2, 1),
    };
    expect(() => thompson(key(1), wrong)).to.throw(DomainError, "semi-definite");
    const none = { mean: new Float64Array(), deviation: new Float64Array(), covariance: new Float64Array() };
    expect(() => thompson(key(1), none)).to.throw(ShapeError, "at least one point");
  });
});

describe("SafeOpt", () => {
  const x = linspace(0, 1, 21).map((place) => [place]);
  const kernel = squaredExponential({ length: 0.2 });
  const options = { threshold: -0.2, width: 2, noise: 0.05, seed: [10] };

  it("expanders are the safe points from which one measurement would certify a new one, by doing it", () => {
    const seen = [10, 8, 13];
    const y = [0.3, 0.5, -0.05];
    const process = gaussianProcess(
      kernel,
      seen.map((i) => x[i]),
      y,
      options.noise,
    );
    const { safe, maximisers, expanders, lower, upper, choice } = safeOptStep(process.jointly(x), options);
    expect(safe.length).to.be.within(4, 20);
    const again = safe.filter((i) => {
      const more = gaussianProcess(kernel, [...seen.map((k) => x[k]), x[i]], [...y, upper[i]], options.noise).at(x);
      return more.mean.some((m, k) => !safe.includes(k) && m - 2 * more.deviation[k] >= options.threshold);
    });
    expect(expanders).to.deep.equal(again);
    expect(expanders.length).to.be.within(1, safe.length - 1);
    const most = Math.max(...safe.map((i) => lower[i]));
    expect(maximisers).to.deep.equal(safe.filter((i) => upper[i] >= most));
    const width = (i: number) => upper[i] - lower[i];
    expect(width(choice)).to.be.closeTo(Math.max(...[...maximisers, ...expanders].map(width)), 1e-12);
    for (const i of safe) expect(lower[i] >= options.threshold || i === 10).to.equal(true);
  });

  it("knows nothing but the seed at first; refuses to begin without one", () => {
    const prior = gaussianProcess(kernel, [], [], 0.05).jointly(x);
    expect(safeOptStep(prior, options).safe).to.deep.equal([10]);
    expect(safeOptStep(prior, options).choice).to.equal(10);
    expect(() => safeOptStep(prior, { ...options, seed: [] })).to.throw(
      InfeasibleError,
      "no point is known to be safe",
    );
    expect(() => safeOptStep(prior, { ...options, seed: [21] })).to.throw(DomainError, "seed");
    expect(() => safeOptStep(prior, { ...options, width: -1 })).to.throw(DomainError, "width");
    expect(() => safeOptStep(prior, { ...options, threshold: Number.NaN })).to.throw(DomainError, "threshold");
    // What is known exactly could still be the best.
    const known = { mean: Float64Array.of(0, 1), deviation: new Float64Array(2), covariance: new Float64Array(4) };
    expect(safeOptStep(known, { ...options, seed: [] }).maximisers).to.deep.equal([1]);
    // Where everything is safe nothing is left to expand.
    const all = safeOptStep(prior, { ...options, threshold: -10 });
    expect([all.safe.length, all.expanders.length]).to.deep.equal([21, 0]);
  });

  it("never measures below the threshold where UCB, EI and Thompson often do; a wrong length undoes that", () => {
    const keys = Array.from({ length: 16 }, (_, i) => key(i + 1));
    const small = { points: 61, queries: 20 };
    const runs = (method: SafeOptMethod, more = {}) => keys.map((k) => safeOptTrial(k, { ...small, method, ...more }));
    const violated = (trials: ReturnType<typeof runs>) => trials.filter(({ violations }) => violations > 0).length;
    for (const method of ["ucb", "expectedImprovement", "thompson"] as const) {
      expect(violated(runs(method)), method).to.be.at.least(9);
    }
    const [timid, safe] = [runs("safeUcb"), runs("safeOpt")];
    expect(violated(timid) + violated(safe)).to.equal(0);
    expect(mean(safe.map(({ regret }) => regret))).to.be.below(0.03);
    // Safe-UCB does not look for what would widen its set.
    const size = ({ film }: (typeof safe)[number]) => film[film.length - 1].safe.length;
    expect(mean(safe.map(size)) - mean(timid.map(size))).to.be.above(3);
    expect(violated(runs("safeOpt", { believedLength: 0.24 }))).to.be.at.least(4);
    expect(violated(runs("safeOpt", { width: 1 }))).to.be.at.least(4);
    for (const { film, visits, f, seed } of safe) {
      expect([film.length, visits.length]).to.deep.equal([21, 20]);
      expect(f[seed]).to.be.at.least(0.3);
      visits.forEach((i, t) => {
        expect(film[t].choice).to.equal(i);
      });
    }
    expect(() => safeOptTrial(key(1), { method: "none" as SafeOptMethod })).to.throw(DomainError, "method");
  });
});
