import { expect } from "chai";
import fc from "fast-check";
import {
  correlatedMajority,
  correlatedMajorityLimit,
  flatMajority,
  majorityClashes,
} from "../../lib/src/agents/index.js";
import { DomainError } from "../../lib/src/core/index.js";
import { key } from "../../lib/src/random/index.js";

describe("a jury", () => {
  it("independent: the closed numbers", () => {
    [
      [3, 0.6, 0.648],
      [11, 0.6, 0.75349813248],
      [101, 0.6, 0.979103309],
      [101, 0.45, 0.1562446],
    ].forEach(([n, p, right]) => {
      expect(flatMajority(n, p)).to.be.closeTo(right, 1e-7);
    });
  });

  it("correlated: stops at P(accuracy > 1/2), 11/16 for Beta(3, 2)", () => {
    expect(correlatedMajority(1, 3, 2)).to.be.closeTo(0.6, 1e-12);
    // Three jurors: E[3 p^2 - 2 p^3] = 3 (3 4)/(5 6) - 2 (3 4 5)/(5 6 7).
    expect(correlatedMajority(3, 3, 2)).to.be.closeTo(1.2 - 4 / 7, 1e-12);
    expect(correlatedMajorityLimit(3, 2)).to.be.closeTo(0.6875, 1e-12);
    expect(correlatedMajority(10_001, 3, 2)).to.be.closeTo(0.6875, 1e-4);
    for (const n of [1, 3, 11, 101]) {
      expect(correlatedMajority(n, 3, 2)).to.be.below(correlatedMajorityLimit(3, 2));
      expect(correlatedMajority(n, 2, 3)).to.be.above(correlatedMajorityLimit(2, 3));
    }
  });

  it("is the mean of independent juries over the accuracy, by quadrature", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 0, max: 6 }),
        (a, b, half) => {
          const n = 2 * half + 1;
          let [sum, weight] = [0, 0];
          for (let i = 0; i < 2000; i++) {
            const p = (i + 0.5) / 2000;
            const density = p ** (a - 1) * (1 - p) ** (b - 1);
            sum += density * flatMajority(n, p);
            weight += density;
          }
          expect(correlatedMajority(n, a, b)).to.be.closeTo(sum / weight, 1e-5);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("clashes with itself: a share by enumeration for three, one quarter for many", () => {
    // Three agents, 4^3 sheets of two coins.
    let clashes = 0;
    for (let sheet = 0; sheet < 64; sheet++) {
      const votes = [0, 1, 2].map((i) => [(sheet >> (2 * i)) & 1, (sheet >> (2 * i + 1)) & 1]);
      const wins = (says: (v: number[]) => number) => votes.filter((v) => says(v) === 1).length >= 2;
      if (wins((v) => v[0] * v[1]) !== (wins((v) => v[0]) && wins((v) => v[1]))) clashes++;
    }
    expect(majorityClashes(key(1), 3, 4000)).to.be.closeTo(clashes / 64, 4.5 * Math.sqrt(0.1 / 4000));
    expect(majorityClashes(key(2), 101, 2000)).to.be.closeTo(0.25, 4.5 * Math.sqrt(0.19 / 2000) + 0.01);
    expect(majorityClashes(key(3), 1, 500)).to.equal(0);
  });

  it("refuses in words", () => {
    expect(() => correlatedMajority(4, 1, 1)).to.throw(DomainError, "an odd number");
    expect(() => correlatedMajority(3, 0, 1)).to.throw(DomainError, "a: expected a positive number");
    expect(() => correlatedMajorityLimit(3, -1)).to.throw(DomainError, "b: expected a positive number");
    expect(() => majorityClashes(key(1), 0, 5)).to.throw(DomainError, "agents");
    expect(() => majorityClashes(key(1), 3, 0)).to.throw(DomainError, "draws");
  });
});
