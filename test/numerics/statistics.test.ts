import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError } from "../../lib/src/core/index.js";
import {
  chiSquareTail,
  linspace,
  logGamma,
  mean,
  median,
  normalCdf,
  normalInterval,
  normalQuantile,
  pearsonCorrelation,
  quantile,
  variance,
} from "../../lib/src/numerics/index.js";

const functions = { chiSquareTail, logGamma, normalCdf, normalQuantile };

interface Case {
  desc: string;
  f: keyof typeof functions;
  args: [number, number];
  value: number;
  tolerance?: number;
  relative?: boolean;
}
const golden: Case[] = JSON.parse(readFileSync("test/golden/distributions.json", "utf8"));

describe("numerics: statistics", () => {
  for (const { desc, f, args, value, tolerance = 1e-13, relative } of golden) {
    it(desc, () => {
      const got = functions[f](...args);
      expect(got).to.be.closeTo(value, tolerance * (relative ? Math.abs(value) : Math.max(1, Math.abs(value))));
    });
  }

  it("normal quantile inverts the distribution function over its whole range", () => {
    fc.assert(
      fc.property(fc.double({ min: -37, max: 0, noNaN: true }), (z) => {
        expect(normalQuantile(normalCdf(z))).to.be.closeTo(z, 1e-9);
        expect(normalCdf(z) + normalCdf(-z)).to.be.closeTo(1, 1e-15);
      }),
    );
    expect(normalQuantile(0)).to.equal(-Infinity);
    expect(normalQuantile(1)).to.equal(Infinity);
    expect(normalQuantile(0.5)).to.be.closeTo(0, 1e-16);
    expect(() => normalQuantile(1.5)).to.throw(DomainError, "p");
    const { low, high } = normalInterval(10, 2, 0.95);
    expect(low).to.be.closeTo(10 - 3.919927969, 1e-8);
    expect(high).to.be.closeTo(10 + 3.919927969, 1e-8);
  });

  it("the least positive number is a probability like others", () => {
    // log P(Z <= z) from the asymptotic series of Mills's ratio, which has five terms' worth of 12 digits out there.
    const logTail = (z: number) => {
      const q = 1 / (z * z);
      return (
        -(z * z) / 2 - Math.log(-z * Math.sqrt(2 * Math.PI)) + Math.log1p(-q * (1 - 3 * q * (1 - 5 * q * (1 - 7 * q))))
      );
    };
    for (const p of [5e-324, 1e-323, 2.2e-308, 1e-300]) {
      const z = normalQuantile(p);
      expect(z).to.be.within(-39, -36);
      expect(logTail(z)).to.be.closeTo(Math.log(p), 1e-9);
    }
    expect(normalQuantile(5e-324)).to.be.below(normalQuantile(1e-323));
  });

  it("log Gamma keeps its digits beside its zeros, and obeys its recursion", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 39 - 1 }), fc.constantFrom(1, 2), (steps, zero) => {
        const away = steps / 2 ** 40; // so that x and x + 1 are exact
        for (const x of [zero + away, zero - away]) {
          // Gamma(x + 1) = x Gamma(x): at 1 this is log1p's zero, which has all its digits.
          const [log, next] = [logGamma(x), logGamma(x + 1)];
          const step = Math.log1p(x - 1);
          const size = Math.max(Math.abs(log), Math.abs(next), Math.abs(step));
          expect(log + step - next).to.be.closeTo(0, 4e-15 * size);
        }
      }),
    );
    expect(logGamma(1)).to.equal(0);
    expect(logGamma(2)).to.equal(0);
    expect(logGamma(Number.POSITIVE_INFINITY)).to.equal(Number.POSITIVE_INFINITY);
  });

  it("mean, variance, median, quantile on lists one can check by hand", () => {
    expect(mean([1, 2, 6])).to.equal(3);
    expect(variance([1, 2, 6])).to.equal(7);
    expect(variance([1, 2, 6], { population: true })).to.be.closeTo(14 / 3, 1e-15);
    expect(variance([1e9 + 1, 1e9 + 2, 1e9 + 6])).to.equal(7);
    expect(median([5, 1, 3])).to.equal(3);
    expect(quantile([4, 1, 3, 2], 0.25)).to.equal(1.75);
    expect(quantile([4, 1, 3, 2], 1)).to.equal(4);
    expect(pearsonCorrelation([1, 2, 3], [-2, -4, -6])).to.be.closeTo(-1, 1e-15);
  });

  it("linspace reaches both ends, exactly", () => {
    expect(linspace(0, 1, 5)).to.deep.equal([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(0.1, 0.7, 4)[3]).to.equal(0.7);
    expect(() => linspace(0, 1, 1)).to.throw(DomainError, "at least 2");
  });

  it("says what is wrong with the values", () => {
    expect(() => mean([])).to.throw(DomainError, "at least one value");
    expect(() => variance([1])).to.throw(DomainError, "at least 2 values");
    expect(() => quantile([1, Number.NaN], 0.5)).to.throw(DomainError, "NaN");
    expect(() => quantile([1], 2)).to.throw(DomainError, "from 0 to 1");
    expect(() => pearsonCorrelation([1, 1], [1, 2])).to.throw(DomainError, "vary");
  });
});
