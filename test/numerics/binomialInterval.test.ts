import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError } from "../../lib/src/core/index.js";
import { clopperPearsonInterval, normalQuantile, wilsonInterval } from "../../lib/src/numerics/index.js";

interface Case {
  desc: string;
  method: "wilson" | "clopperPearson";
  successes: number;
  trials: number;
  interval: [number, number];
}
const golden: Case[] = JSON.parse(readFileSync("test/golden/binomial-intervals.json", "utf8"));
const methods = { wilson: wilsonInterval, clopperPearson: clopperPearsonInterval };

/** P(X <= k) of a binomial, summed. */
function atMost(k: number, n: number, p: number): number {
  let [term, sum] = [(1 - p) ** n, 0];
  for (let i = 0; i <= k; i++) {
    sum += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return sum;
}

describe("intervals of a share", () => {
  for (const { desc, method, successes, trials, interval } of golden) {
    it(desc, () => {
      const { low, high } = methods[method](successes, trials);
      expect(low).to.be.closeTo(interval[0], 5.1e-5);
      expect(high).to.be.closeTo(interval[1], 5.1e-5);
    });
  }

  it("Wilson's ends are where the seen share is z standard deviations away; at 0 it is z^2 / (n + z^2)", () => {
    const z = normalQuantile(0.95);
    const { low, high } = wilsonInterval(7, 30, 0.9);
    for (const p of [low, high]) expect(Math.abs(7 / 30 - p)).to.be.closeTo(z * Math.sqrt((p * (1 - p)) / 30), 1e-12);
    expect(wilsonInterval(0, 20, 0.9).high).to.be.closeTo(z ** 2 / (20 + z ** 2), 1e-12);
  });

  it("Clopper and Pearson's ends leave half of the rest in each tail", () => {
    const { low, high } = clopperPearsonInterval(7, 30);
    expect(1 - atMost(6, 30, low)).to.be.closeTo(0.025, 1e-10);
    expect(atMost(7, 30, high)).to.be.closeTo(0.025, 1e-10);
  });

  it("hold the share, mirror, and Clopper and Pearson's is the wider one at the ends", () => {
    const shares = fc
      .integer({ min: 1, max: 200 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(shares, ([k, n]) => {
        for (const interval of Object.values(methods)) {
          const [{ low, high }, mirrored] = [interval(k, n), interval(n - k, n)];
          expect(low).to.be.within(0, k / n + 1e-12);
          expect(high).to.be.within(k / n - 1e-12, 1);
          expect(mirrored.low).to.be.closeTo(1 - high, 1e-9);
        }
        expect(clopperPearsonInterval(0, n).high).to.be.at.least(wilsonInterval(0, n).high * 0.9);
      }),
      { numRuns: 60 },
    );
  });

  it("refuse counts that cannot be", () => {
    for (const interval of Object.values(methods)) {
      for (const [k, n, level] of [
        [-1, 5],
        [6, 5],
        [1.5, 5],
        [0, 0],
        [Number.NaN, 5],
        [1, 5, 1],
        [1, 5, Number.NaN],
      ]) {
        expect(() => interval(k, n, level)).to.throw(DomainError);
      }
    }
  });
});
