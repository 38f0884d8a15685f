import { expect } from "chai";
import fc from "fast-check";
import { mean } from "rlhf-lab/numerics";
import { foldIn, key, uniform } from "rlhf-lab/random";
import { conformalThreshold, weightedConformalThreshold } from "rlhf-lab/robust";

describe("conformalThreshold", () => {
  it("takes the ceil((n + 1)(1 - miss))-th smallest, and Infinity beyond the last", () => {
    const twenty = Array.from({ length: 20 }, (_, i) => (7 * i) % 20);
    expect(conformalThreshold(twenty, 0.1)).to.equal(18); // the 19th
    expect(conformalThreshold([5, 1, 4, 2, 3], 0.1)).to.equal(Number.POSITIVE_INFINITY);
    expect(conformalThreshold([5, 1, 4, 2, 3], 1 / 6)).to.equal(5);
    expect(
      conformalThreshold(
        Array.from({ length: 99 }, (_, i) => i + 1),
        0.1,
      ),
    ).to.equal(90); // 100 * 0.9, no rounding up
    expect(conformalThreshold([2, 2, 2, 9], 0.5)).to.equal(2);
  });

  it("covers as often as Beta(k, n + 1 - k) says: on average k / (n + 1), over 4,000 draws, within 0.006", () => {
    // Of a uniform score the coverage is the threshold itself.
    const covered = Array.from({ length: 4000 }, (_, t) => conformalThreshold(uniform(foldIn(key(1), t), 20), 0.1));
    expect(mean(covered)).to.be.closeTo(0.904762, 0.006);
    const squares = mean(covered.map((c) => (c - 19 / 21) ** 2));
    expect(squares).to.be.closeTo((19 * 2) / (21 ** 2 * 22), 4e-4);
  });

  it("refuses in words", () => {
    expect(() => conformalThreshold([], 0.1)).to.throw(/scores/);
    expect(() => conformalThreshold([1, Number.NaN], 0.1)).to.throw(/scores.*without NaN/);
    for (const miss of [0, 1, -0.1, Number.NaN]) expect(() => conformalThreshold([1], miss)).to.throw(/miss/);
  });
});

describe("weightedConformalThreshold", () => {
  const scores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 12 });

  it("with equal weights is conformalThreshold, in any unit of weight", () => {
    fc.assert(
      fc.property(
        scores,
        fc.constantFrom(0.05, 0.1, 0.25, 0.5, 0.9),
        fc.constantFrom(1e-6, 1, 1e6),
        (list, miss, w) => {
          const weights = list.map(() => w);
          expect(weightedConformalThreshold(list, weights, w, miss)).to.equal(conformalThreshold(list, miss));
        },
      ),
    );
  });

  it("is the least q that the weights reach, by enumeration; the own weight stands at Infinity", () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 30 }), fc.constantFrom(0.1, 0.3, 0.5), (list, own, miss) => {
        const weights = list.map((s, i) => (Math.abs(s) + i) % 4);
        const total = weights.reduce((a, b) => a + b, own);
        const reached = (q: number) =>
          list.reduce((sum, s, i) => sum + (s <= q ? weights[i] : 0), 0) >= (1 - miss) * total - 1e-9;
        const right = [...list].sort((a, b) => a - b).find(reached) ?? Number.POSITIVE_INFINITY;
        expect(weightedConformalThreshold(list, weights, own, miss)).to.equal(right);
      }),
    );
    expect(weightedConformalThreshold([1, 2, 3], [1, 1, 1], 100, 0.1)).to.equal(Number.POSITIVE_INFINITY);
  });

  it("refuses in words", () => {
    expect(() => weightedConformalThreshold([1], [1, 2], 1, 0.1)).to.throw(/weights.*one for each score/);
    expect(() => weightedConformalThreshold([1], [-1], 1, 0.1)).to.throw(/weights\[0\]/);
    expect(() => weightedConformalThreshold([1], [1], 0, 0.1)).to.throw(/own/);
  });
});
