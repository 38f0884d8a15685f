import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, key, mean, ShapeError } from "rlhf-lab";
import { clopperPearsonInterval, clopperPearsonLower, clopperPearsonUpper, wilsonInterval } from "rlhf-lab/numerics";
import { split, uniform } from "rlhf-lab/random";
import {
  cleanTrials,
  empiricalBernstein,
  intervalCoverage,
  mixtureEValue,
  mixtureRho,
  normalMixtureBoundary,
  watchTrials,
} from "rlhf-lab/safety";

const golden = JSON.parse(readFileSync("test/golden/safety-bounds.json", "utf8"));
const ofShare = (k: number, n: number) => Float64Array.from({ length: n }, (_, i) => (i < k ? 1 : 0));

describe("Clopper and Pearson's one-sided bounds", () => {
  for (const { desc, successes, trials, interval } of golden) {
    if (interval === undefined || trials === undefined) continue;
    it(desc, () => {
      const { low, high } = clopperPearsonInterval(successes, trials);
      expect([low, high].map((end) => Number(end.toFixed(6)))).to.deep.equal(interval);
      // Two sides at 0.05 are one each at 0.025.
      expect(clopperPearsonLower(successes, trials, 0.025)).to.equal(low);
      expect(clopperPearsonUpper(successes, trials, 0.025)).to.equal(high);
    });
  }

  it("no failure in n: 1 - delta^(1/n), about 3 / n; all failed: 1; mirrored from below", () => {
    expect(clopperPearsonUpper(0, 1000, 0.05)).to.be.closeTo(1 - 0.05 ** (1 / 1000), 1e-15);
    expect(clopperPearsonUpper(0, 1000, 0.05) * 1000).to.be.within(2.98, 3);
    expect(clopperPearsonUpper(0, 1, 0.05)).to.be.closeTo(0.95, 1e-15);
    expect(clopperPearsonUpper(1e6, 1e6, 0.05)).to.equal(1);
    expect(clopperPearsonLower(0, 7, 0.05)).to.equal(0);
    expect(clopperPearsonLower(7, 7, 0.05)).to.be.closeTo(0.05 ** (1 / 7), 1e-12);
    for (const k of [0, 1, 3, 7]) {
      expect(clopperPearsonLower(k, 7, 0.1)).to.be.closeTo(1 - clopperPearsonUpper(7 - k, 7, 0.1), 1e-12);
    }
  });

  it("hold with at least 1 - delta for every p, exactly, and with little more at the worst", () => {
    const coverage = (p: number) =>
      intervalCoverage(p, 50, (k, n) => ({ low: 0, high: clopperPearsonUpper(k, n, 0.05) }));
    const all = Array.from({ length: 99 }, (_, i) => coverage((i + 1) / 100));
    for (const share of all) expect(share).to.be.at.least(0.95);
    expect(all.reduce((a, b) => Math.min(a, b))).to.be.below(0.953);
  });

  it("Wald's interval at n = 50, p = 0.01 covers four times in ten; Wilson's and theirs do what they say", () => {
    const wald = (k: number, n: number) => {
      const half = 1.96 * Math.sqrt(((k / n) * (1 - k / n)) / n);
      return { low: k / n - half, high: k / n + half };
    };
    expect(intervalCoverage(0.01, 50, wald)).to.be.closeTo(0.3948, 1e-4);
    expect(intervalCoverage(0.01, 50, clopperPearsonInterval)).to.be.above(0.95);
    expect(intervalCoverage(0.01, 50, wilsonInterval)).to.be.above(0.9);
  });

  it("refuse counts that cannot be and delta outside (0, 1)", () => {
    for (const f of [clopperPearsonUpper, clopperPearsonLower]) {
      expect(() => f(3, 2, 0.05)).to.throw(DomainError, "successes");
      expect(() => f(Number.NaN, 2, 0.05)).to.throw(DomainError, "successes");
      expect(() => f(0, 0, 0.05)).to.throw(DomainError, "trials");
      for (const delta of [0, 1, Number.NaN]) expect(() => f(1, 2, delta)).to.throw(DomainError, "delta");
    }
  });
});

describe("how many clean trials", () => {
  it("exclude one in a thousand, and one in ten thousand, at 95 %", () => {
    expect(cleanTrials(1e-3, 0.05)).to.equal(2995);
    expect(cleanTrials(1e-4, 0.05)).to.equal(29956);
    for (const p of [1e-3, 0.02, 0.4]) {
      const n = cleanTrials(p, 0.05);
      expect(clopperPearsonUpper(0, n, 0.05)).to.be.at.most(p);
      if (n > 1) expect(clopperPearsonUpper(0, n - 1, 0.05)).to.be.above(p);
    }
    expect(() => cleanTrials(0, 0.05)).to.throw(DomainError, "p");
    expect(() => cleanTrials(0.1, 1)).to.throw(DomainError, "delta");
  });
});

describe("the empirical Bernstein bound", () => {
  it("of 0, 50 and 500 failures in 1,000, beside Clopper and Pearson's", () => {
    const bounds = [0, 50, 500].map((k) => [
      empiricalBernstein(ofShare(k, 1000), 0.05),
      clopperPearsonUpper(k, 1000, 0.05),
    ]);
    const seen = bounds.map((row) => row.map((x) => x.toFixed(4)));
    expect(seen).to.deep.equal([
      ["0.0086", "0.0030"],
      ["0.0773", "0.0629"],
      ["0.5516", "0.5265"],
    ]);
  });

  it("is the formula, on numbers by hand", () => {
    // Mean 0.5, sample variance 0.5, n = 2, ln(2 / 0.5) = ln 4.
    const log = Math.log(4);
    expect(empiricalBernstein([0, 1], 0.5)).to.be.closeTo(0.5 + Math.sqrt(0.5 * log) + (7 * log) / 3, 1e-12);
  });

  it("holds: exact coverage of coins, and of uniform numbers over 400 keys", () => {
    for (const p of [0.01, 0.1, 0.5]) {
      const upper = (k: number, n: number) => ({ low: 0, high: empiricalBernstein(ofShare(k, n), 0.1) });
      expect(intervalCoverage(p, 60, upper)).to.be.at.least(0.9);
    }
    const missed = split(key(1), 400).filter((k) => empiricalBernstein(uniform(k, 50), 0.1) < 0.5).length;
    expect(missed).to.be.at.most(40);
  });

  it("takes no number outside [0, 1], and at least two", () => {
    expect(() => empiricalBernstein([0.5, 1.1], 0.05)).to.throw(DomainError, "values[1]");
    expect(() => empiricalBernstein([Number.NaN, 0], 0.05)).to.throw(DomainError, "values[0]");
    expect(() => empiricalBernstein([0.5], 0.05)).to.throw(ShapeError, "two");
    expect(() => empiricalBernstein([0.5, 0.5], 0)).to.throw(DomainError, "delta");
  });
});

describe("the mixture e-value", () => {
  /** The integral by Simpson's rule, on plain likelihoods. */
  const byQuadrature = (k: number, n: number, p0: number) => {
    const f = (q: number) => q ** k * (1 - q) ** (n - k);
    const N = 2000;
    let sum = f(0) + f(p0);
    for (let i = 1; i < N; i++) sum += (i % 2 === 1 ? 4 : 2) * f((i * p0) / N);
    return (sum * p0) / N / 3 / p0 / f(p0);
  };

  it("is the average likelihood ratio, by quadrature", () => {
    for (const [k, n, p0] of [
      [0, 0, 0.3],
      [0, 10, 0.3],
      [3, 10, 0.3],
      [9, 10, 0.3],
      [2, 400, 0.01],
      [5, 5, 0.9],
    ]) {
      expect(Math.exp(mixtureEValue(k, n, p0)) / byQuadrature(k, n, p0)).to.be.closeTo(1, 1e-9);
    }
  });

  it("has mean 1 after any number of trials at p0, exactly, and less above it", () => {
    const meanAt = (p: number, p0: number, n: number) => {
      let sum = 0;
      for (let k = 0; k <= n; k++) {
        const exactly = { looks: [n], certifies: (failures: number) => failures === k };
        sum += watchTrials(p, exactly).certified * Math.exp(mixtureEValue(k, n, p0));
      }
      return sum;
    };
    for (const n of [1, 7, 40]) {
      expect(meanAt(0.2, 0.2, n)).to.be.closeTo(1, 1e-10);
      expect(meanAt(0.3, 0.2, n)).to.be.below(1);
    }
  });

  it("falls with failures, also where the evidence itself is too small for a number", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, p0) => {
        for (let k = 1; k <= n; k += 7) {
          expect(mixtureEValue(k, n, p0)).to.be.below(mixtureEValue(k - 1, n, p0));
        }
      }),
      { numRuns: 30 },
    );
    // All failed: the integral is p0^(n+1) / (n+1), so E = 1 / (n+1).
    expect(mixtureEValue(3000, 3000, 0.01)).to.be.closeTo(-Math.log(3001), 1e-9);
  });

  it("refuses what cannot be", () => {
    expect(() => mixtureEValue(2, 1, 0.1)).to.throw(DomainError, "failures");
    expect(() => mixtureEValue(0, -1, 0.1)).to.throw(DomainError, "trials");
    for (const p0 of [0, 1, Number.NaN]) expect(() => mixtureEValue(0, 1, p0)).to.throw(DomainError, "p0");
  });
});

describe("peeking, exactly", () => {
  const looks = Array.from({ length: 271 }, (_, i) => 300 + 10 * i);
  const mostFailures = new Map(
    looks.map((n) => {
      let k = -1;
      while (clopperPearsonUpper(k + 1, n, 0.05) < 0.01) k++;
      return [n, k];
    }),
  );
  const byInterval = (k: number, n: number) => k <= (mostFailures.get(n) as number);
  const byEValue = (k: number, n: number) => mixtureEValue(k, n, 0.01) >= Math.log(20);

  it("turns an error of at most 5 % into one of 19 %; the e-value's stays below 5 % whenever one looks", () => {
    expect(watchTrials(0.01, { looks, certifies: byInterval }).certified).to.be.closeTo(0.1925, 1e-4);
    expect(watchTrials(0.01, { looks: [3000], certifies: byInterval }).certified).to.be.closeTo(0.0346, 1e-4);
    expect(watchTrials(0.01, { looks, certifies: byEValue }).certified).to.be.closeTo(0.02955, 1e-5);
    const always = Array.from({ length: 3000 }, (_, i) => i + 1);
    expect(watchTrials(0.01, { looks: always, certifies: byEValue }).certified).to.be.within(0.0295, 0.05);
  });

  it("and the e-value is not idle: at p = 0.002 half of all runs are certified after 690 trials", () => {
    const { median, certified } = watchTrials(0.002, { looks, certifies: byEValue });
    expect(median).to.equal(690);
    expect(certified).to.be.above(0.999);
  });

  it("agrees with runs that are drawn", () => {
    const rule = { looks: [5, 10, 20], certifies: (k: number, n: number) => k <= n / 10 };
    const { certified, atLook } = watchTrials(0.2, rule);
    expect(atLook[0]).to.be.closeTo(0.8 ** 5, 1e-12);
    expect(mean([...atLook]) * 3).to.be.closeTo(certified, 1e-12);
    const n = 4000;
    const hits = split(key(3), n).filter((k) => {
      const failed = uniform(k, 20).map((u) => (u < 0.2 ? 1 : 0));
      return rule.looks.some((look) =>
        rule.certifies(
          failed.subarray(0, look).reduce((a, b) => a + b),
          look,
        ),
      );
    }).length;
    // Hoeffding at 1e-4: sqrt(ln(2e4) / 2n).
    expect(Math.abs(hits / n - certified)).to.be.below(Math.sqrt(Math.log(2e4) / (2 * n)));
  });

  it("says Infinity where half of the runs never are, and refuses looks out of order", () => {
    expect(watchTrials(0.5, { looks: [10], certifies: (k) => k === 0 }).median).to.equal(Number.POSITIVE_INFINITY);
    expect(() => watchTrials(0.5, { looks: [10, 10], certifies: () => true })).to.throw(DomainError, "looks[1]");
    expect(() => watchTrials(1.5, { looks: [10], certifies: () => true })).to.throw(DomainError, "p:");
  });
});

describe("the normal mixture boundary", () => {
  it("is confseq's", () => {
    const { v, alpha, rho, boundary } = golden[1];
    expect(mixtureRho(v, alpha)).to.be.closeTo(rho, 5e-6);
    expect(normalMixtureBoundary(v, { alpha, rho: mixtureRho(v, alpha) })).to.be.closeTo(boundary, 5e-6);
  });

  it("is where the mixture of exp(x s - x^2 v / 2) over x ~ N(0, 1/rho) reaches 1/alpha", () => {
    for (const [v, alpha, rho] of [
      [1, 0.05, 1],
      [50, 0.01, 3],
      [0, 0.3, 2],
    ]) {
      const s = normalMixtureBoundary(v, { alpha, rho });
      // Simpson over x in +-12 standard deviations of the integrand's normal.
      const [centre, sd] = [s / (v + rho), 1 / Math.sqrt(v + rho)];
      const f = (x: number) => Math.exp(x * s - (x * x * (v + rho)) / 2) * Math.sqrt(rho / (2 * Math.PI));
      const N = 2000;
      const h = (24 * sd) / N;
      let sum = 0;
      for (let i = 0; i <= N; i++) {
        sum += (i === 0 || i === N ? 1 : i % 2 === 1 ? 4 : 2) * f(centre - 12 * sd + i * h);
      }
      expect(((sum * h) / 3) * alpha).to.be.closeTo(1, 1e-9);
    }
  });

  it("is nearly tightest at its v: no rho on a fine grid is more than 0.2 % better", () => {
    const here = normalMixtureBoundary(100, { alpha: 0.05, rho: mixtureRho(100, 0.05) });
    for (let rho = 1; rho < 60; rho += 0.25) {
      expect(normalMixtureBoundary(100, { alpha: 0.05, rho })).to.be.above(here * 0.998);
    }
  });

  it("is left by few of 500 walks of fair signs, at any of 400 steps", () => {
    const rho = mixtureRho(100, 0.1);
    const out = split(key(4), 500).filter((k) => {
      let sum = 0;
      return uniform(k, 400).some((u, i) => {
        sum += u < 0.5 ? -1 : 1;
        return Math.abs(sum) > normalMixtureBoundary(i + 1, { alpha: 0.1, rho });
      });
    }).length;
    expect(out).to.be.within(1, 50);
  });

  it("refuses what cannot be", () => {
    expect(() => normalMixtureBoundary(-1, { alpha: 0.05, rho: 1 })).to.throw(DomainError, "v:");
    expect(() => normalMixtureBoundary(1, { alpha: 0, rho: 1 })).to.throw(DomainError, "alpha");
    expect(() => normalMixtureBoundary(1, { alpha: 0.05, rho: 0 })).to.throw(DomainError, "rho");
    expect(() => mixtureRho(0, 0.05)).to.throw(DomainError, "v:");
  });
});
