import { expect } from "chai";
import fc from "fast-check";
import { isNear, whyNotNear } from "../../course/src/grade/near.js";

describe("near", () => {
  const numbers = fc.array(fc.double({ noNaN: true, min: -100, max: 100 }), { minLength: 1, maxLength: 8 });

  it("accepts what is equal, in any of the forms of a list", () => {
    fc.assert(
      fc.property(numbers, (xs) => {
        expect(whyNotNear(xs, xs, 0)).to.equal(undefined);
        expect(whyNotNear(new Float64Array(xs), xs, 0)).to.equal(undefined);
        expect(whyNotNear({ a: [xs] }, { a: [xs] }, 0)).to.equal(undefined);
      }),
    );
    expect(isNear(Number.NaN, Number.NaN, 0)).to.equal(true);
    expect(isNear(Infinity, Infinity, 0)).to.equal(true);
    for (const other of [-3, 0, Infinity, NaN]) expect(isNear(other, -Infinity, 1e-9)).to.equal(false);
  });

  it("rejects a change of any number beyond the tolerance, and no smaller one", () => {
    fc.assert(
      fc.property(numbers, fc.nat(), fc.double({ min: 0.001, max: 10, noNaN: true }), (xs, at, size) => {
        const i = at % xs.length;
        const scale = Math.max(1, Math.abs(xs[i]));
        const moved = (by: number) => xs.map((x, j) => (j === i ? x + by * size * scale : x));
        expect(isNear(moved(1.01), xs, size)).to.equal(false);
        expect(isNear(moved(0.99), xs, size)).to.equal(true);
      }),
    );
  });

  for (const [got, want, words] of [
    [undefined, 1, "is a `return` missing"],
    [2, 1, "twice the expected value: is a factor 1/2 missing?"],
    [[1, 2], [2, 4], "half the expected value"],
    [-3, 3, "the sign is the other way round"],
    [[9, 12, 21], [3, 4, 7], "3 times the expected value: a sum where a mean was asked for?"],
    [[1, 2, 5], [3, 6, 15], "1/3 of the expected value: a mean where a sum"],
    [Math.exp(1.5), 1.5, "this is exp of the expected value"],
    [Math.log(1.5), 1.5, "this is the log of the expected value"],
    [[1.5, 3, 7.5], [1, 2, 5], "every number is 1.5 times the expected one"],
    [[2, 3, 6], [1, 2, 5], "every number is off by the same 1"],
    [[5, 2, 1], [1, 2, 5], "the right numbers in reverse order"],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 3],
        [2, 4],
      ],
      "the transpose",
    ],
    [[1, 2], [1, 2, 3], "expected 3 entries, got 2"],
    [[[1], [2]], [[1, 2]], "expected 1 rows, got 2 (shape [1, 2], got [2, 1])"],
    [[1, "2"], [1, 2], 'expected a number at [1], got the text "2"'],
    [[1, Number.NaN], [1, 2], "NaN at [1]: NaN comes from"],
    [Infinity, 1, "is there a stable form?"],
    [{ a: 1 }, { a: 1, b: 2 }, "no b; got {a}"],
    [{ a: { c: [1] } }, { a: { c: [2] } }, "at a.c[0]"],
    [null, [1], "expected a list of 1, got null"],
    [0.1 + 0.2 + 1e-12, 0.3, "close but not within the tolerance"],
    // The forms with a small number in a denominator, as training code has them.
    [
      [1, -2, 3].map((x) => x / (1 + 1e-8)),
      [1, -2, 3],
      "off by 1e-8 of its size: is a small number added to a denominator",
    ],
    [[1 + 5e-11, 2 + 5e-11, 3 + 5e-11], [1, 2, 3], "off by 2e-11 of its size"],
    [-1e-12, 0, "off by 1e-12: is a small number added"],
    [Math.log(0.3 + 1e-8), Math.log(0.3), "off by 3e-8 of its size"],
    [[1e-5, 2e-5, 4e-5].map((x) => 2 * x), [1e-5, 2e-5, 4e-5], "twice the expected value"],
  ] as const) {
    it(`says "${words}"`, () => {
      expect(whyNotNear(got, want, 1e-15)).to.contain(words);
    });
  }

  for (const [got, want] of [
    [23.02585, 1000],
    [0, -1000],
    [Math.log(1000), 1000],
    [
      [0, 0],
      [-1000, -800],
    ],
    [
      [1 + 4e-8, 2 + 8e-8, 4 + 16e-8],
      [1, 2, 4],
    ],
    [
      [1 + 5e-11, 2 + 5e-11, 4 + 5e-11],
      [1, 2, 4],
    ],
  ] as const) {
    it(`does not call ${JSON.stringify(got)} the exp of ${JSON.stringify(want)}, nor a ratio of 1 or a shift of 0`, () => {
      expect(whyNotNear(got, want, 1e-15)).not.to.match(/this is exp|is 1 times|by the same 0/);
    });
  }

  it("survives values made to break it", () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const sparse: unknown[] = [];
    sparse.length = 4294967295;
    for (const bad of [cyclic, sparse, Object.create(null), new Map(), Symbol("x"), 10n]) {
      expect(whyNotNear(bad, 1, 1e-9)).to.be.a("string");
      expect(whyNotNear(bad, [1, 2], 1e-9)).to.be.a("string");
      expect(whyNotNear(bad, { a: 1 }, 1e-9)).to.be.a("string");
    }
  });
});
