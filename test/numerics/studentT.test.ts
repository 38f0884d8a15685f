import { expect } from "chai";
import fc from "fast-check";
import { DomainError } from "../../lib/src/core/index.js";
import {
  incompleteBeta,
  mean,
  meanInterval,
  normalQuantile,
  standardError,
  studentTCdf,
  studentTQuantile,
} from "../../lib/src/numerics/index.js";
import { key, normal, split } from "../../lib/src/random/index.js";

describe("numerics: Student's t", () => {
  it("has the quantiles of its closed forms, for 1, 2 and 4 degrees", () => {
    for (const p of [1e-300, 1e-30, 1e-10, 0.001, 0.025, 0.2, 0.4999]) {
      const a = 4 * p * (1 - p);
      const q = Math.cos(Math.acos(Math.sqrt(a)) / 3) / Math.sqrt(a);
      const exact = { 1: -1 / Math.tan(Math.PI * p), 2: (2 * p - 1) * Math.sqrt(2 / a), 4: -2 * Math.sqrt(q - 1) };
      for (const [degrees, want] of Object.entries(exact)) {
        const got = studentTQuantile(p, Number(degrees));
        // Near the middle the closed form itself loses digits.
        expect(got, `${p}, ${degrees} degrees`).to.be.closeTo(want, p > 0.49 ? 1e-12 : 1e-12 * Math.abs(want));
      }
    }
  });

  it("has the printed 97.5 % points", () => {
    const printed = {
      1: 12.7062047,
      2: 4.3026527,
      3: 3.1824463,
      4: 2.7764451,
      5: 2.5705818,
      6: 2.4469119,
      7: 2.3646243,
      8: 2.3060041,
      9: 2.2621572,
      10: 2.2281389,
      11: 2.2009852,
      20: 2.0859634,
      30: 2.0422725,
      60: 2.0002978,
      120: 1.9799304,
    };
    for (const [degrees, want] of Object.entries(printed)) {
      expect(studentTQuantile(0.975, Number(degrees)), degrees).to.be.closeTo(want, 6e-8);
    }
  });

  it("goes to the normal with many degrees", () => {
    for (const p of [1e-8, 0.025, 0.3, 0.9]) {
      const z = normalQuantile(p);
      expect(studentTQuantile(p, Number.POSITIVE_INFINITY)).to.equal(z);
      // The first correction is (z^3 + z) / (4 degrees).
      const degrees = 1e6;
      expect(studentTQuantile(p, degrees)).to.be.closeTo(z + (z ** 3 + z) / (4 * degrees), 5e-9);
    }
  });

  it("is inverted by its quantile, has both tails alike, and rises", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: -0.02, noNaN: true }),
        fc.double({ min: 0.3, max: 400, noNaN: true }),
        (logP, degrees) => {
          const p = Math.exp(logP);
          const t = studentTQuantile(p, degrees);
          expect(studentTCdf(t, degrees)).to.be.closeTo(p, 1e-11 * p);
          if (p > 1e-3 && p < 0.999)
            expect(studentTQuantile(1 - p, degrees)).to.be.closeTo(-t, 1e-9 * (1 + Math.abs(t)));
          expect(studentTQuantile(p * 0.9, degrees)).to.be.below(t);
        },
      ),
    );
    expect(studentTQuantile(0.5, 3)).to.equal(0);
    expect([0, 1].map((p) => studentTQuantile(p, 3))).to.deep.equal([-Infinity, Infinity]);
    expect([-Infinity, Infinity].map((t) => studentTCdf(t, 3))).to.deep.equal([0, 1]);
  });

  it("the incomplete beta has its closed forms", () => {
    for (const x of [0, 1e-12, 0.1, 0.5, 0.93, 1]) {
      expect(incompleteBeta(x, 1, 1)).to.be.closeTo(x, 1e-15);
      expect(incompleteBeta(x, 3, 1)).to.be.closeTo(x ** 3, 1e-14);
      expect(incompleteBeta(x, 2, 3)).to.be.closeTo(x * x * (6 - 8 * x + 3 * x * x), 1e-14);
      expect(incompleteBeta(x, 0.5, 0.5)).to.be.closeTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 1e-13);
    }
  });

  it("an interval of the mean: by hand, and it covers as often as it says", () => {
    const { mean: centre, half, low, high } = meanInterval([1, 2, 3, 4, 5, 9]);
    expect([centre, low, high]).to.deep.equal([4, 4 - half, 4 + half]);
    expect(half).to.be.closeTo(2.5705818 * standardError([1, 2, 3, 4, 5, 9]), 1e-6);
    expect(half).to.be.closeTo(2.968252, 1e-6); // standard error sqrt(8 / 6)
    // 4,000 samples of four normals: the share that covers has a standard error of 0.005.
    for (const level of [0.8, 0.95]) {
      const covered = split(key(17), 4000).map((k) => {
        const { low, high } = meanInterval(normal(k, 4), level);
        return low < 0 && 0 < high ? 1 : 0;
      });
      expect(mean(covered)).to.be.closeTo(level, 0.025);
    }
  });

  it("refuses what cannot be", () => {
    expect(() => meanInterval([1])).to.throw(DomainError, "at least 2 values");
    expect(() => meanInterval([1, 2], 95)).to.throw(DomainError, "level");
    expect(() => studentTQuantile(1.1, 3)).to.throw(DomainError, "p: expected");
    expect(() => studentTQuantile(0.5, 0)).to.throw(DomainError, "degrees");
    expect(() => studentTCdf(Number.NaN, 3)).to.throw(DomainError, "t: expected");
    expect(() => incompleteBeta(2, 1, 1)).to.throw(DomainError, "x: expected");
  });
});
