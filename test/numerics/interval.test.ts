import { expect } from "chai";
import fc from "fast-check";
import {
  above,
  below,
  clamp,
  cosine,
  type Interval,
  magnitude,
  minus,
  plus,
  point,
  power,
  product,
  quotient,
  sine,
  times,
} from "../../lib/src/numerics/interval.js";
import { add, compare, type Dyadic, exact, lies, multiply, negative } from "./dyadic.js";

/** The next number in the order of float64, by its bits. */
function next(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (x > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true });
const usual = fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.integer({ min: -3, max: 3 }));
const interval = (ends: fc.Arbitrary<number>) =>
  fc.tuple(ends, ends).map(([a, b]): Interval => [Math.min(a, b), Math.max(a, b)]);

describe("interval arithmetic", () => {
  it("below and above are at least one number out, and two at most: all sizes of numbers", () => {
    const tight = (x: number) => {
      expect(above(x)).to.be.at.least(next(x));
      if (Number.isFinite(next(next(x)))) expect(above(x)).to.be.at.most(next(next(x)));
      expect(below(x)).to.equal(-above(-x));
    };
    fc.assert(fc.property(anyNumber, tight), { numRuns: 2000 });
    for (const x of [0, 1, 1 - 2 ** -53, 2 ** -1022, 2 ** -1022 - 2 ** -1074, 2 ** -1021, 2 ** -969, 2 ** -970])
      tight(x);
    expect(below(Number.POSITIVE_INFINITY)).to.equal(Number.MAX_VALUE);
    expect(above(Number.MAX_VALUE)).to.equal(Number.POSITIVE_INFINITY);
    expect([below(Number.NaN), above(Number.NaN)]).to.deep.equal([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("holds the exact result of each operation on any two numbers, overflow and underflow included", () => {
    const holds = (x: number, y: number) => {
      const [a, b] = [exact(x), exact(y)];
      expect(lies(add(a, b), plus(point(x), point(y)))).to.equal(true);
      expect(lies(add(a, negative(b)), minus(point(x), point(y)))).to.equal(true);
      expect(lies(multiply(a, b), product(point(x), point(y)))).to.equal(true);
      expect(lies(multiply(a, b), times(x, point(y)))).to.equal(true);
      const [low, high] = quotient(point(x), point(y));
      // a / b against an end: a against end b, turned round where b is below 0.
      const against = (end: number) => compare(a, multiply(exact(end), b)) * Math.sign(y);
      if (y !== 0 && Number.isFinite(low)) expect(against(low)).to.be.at.least(0);
      if (y !== 0 && Number.isFinite(high)) expect(against(high)).to.be.at.most(0);
    };
    fc.assert(fc.property(anyNumber, anyNumber, holds), { numRuns: 2000 });
    fc.assert(fc.property(usual, usual, holds), { numRuns: 2000 });
  });

  it("a rounded result alone would not: one tenth plus two tenths is not what it is rounded to", () => {
    const sum = add(exact(0.1), exact(0.2));
    expect(lies(sum, [0.1 + 0.2, 0.1 + 0.2])).to.equal(false);
    expect(lies(sum, plus(point(0.1), point(0.2)))).to.equal(true);
  });

  it("holds exact values of random expressions of ten operations, at random points of its intervals", () => {
    const operation = fc.constantFrom("plus", "minus", "product", "square", "cube");
    const step = fc.record({ operation, with: interval(usual), at: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 10 }), (steps) => {
        let [range, value] = [point(1), exact(1)] as [Interval, Dyadic];
        for (const { operation: name, with: other, at } of steps) {
          const x = exact(Math.min(other[1], Math.max(other[0], other[0] + at * (other[1] - other[0]))));
          if (name === "plus") [range, value] = [plus(range, other), add(value, x)];
          if (name === "minus") [range, value] = [minus(range, other), add(value, negative(x))];
          if (name === "product") [range, value] = [product(range, other), multiply(value, x)];
          if (name === "square") [range, value] = [power(range, 2), multiply(value, value)];
          if (name === "cube") [range, value] = [power(range, 3), multiply(value, multiply(value, value))];
          expect(lies(value, range)).to.equal(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is tight: a hundred sums of one number each are within 1e-13 of the exact sum", () => {
    const [low, high] = Array.from({ length: 100 }, (_, i) => 1 / (i + 3)).reduce(
      (sum, x) => plus(sum, point(x)),
      point(0),
    );
    expect(high - low).to.be.above(0);
    expect(high - low).to.be.below(1e-13);
  });

  it("is exact where nothing rounds: 0, sizes, limits, even powers", () => {
    expect(product(point(0), [-1, Number.POSITIVE_INFINITY])).to.deep.equal([0, 0]);
    expect(plus(point(0.1), point(-0.1))).to.deep.equal([0, 0]);
    expect(power([-2, 1], 2)[0]).to.equal(0);
    expect(power([-2, 1], 0)).to.deep.equal([1, 1]);
    expect(power([-2, 1], 3)[0]).to.be.within(-8.0001, -8);
    expect(magnitude([-3, 2])).to.equal(3);
    expect(clamp([-3, 0.5], 1)).to.deep.equal([-1, 0.5]);
    expect(quotient(point(1), [-1, 1])).to.deep.equal([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("what overflowed is everything, and never NaN", () => {
    const huge = product(point(1e300), point(1e300));
    expect(huge).to.deep.equal([Number.MAX_VALUE, Number.POSITIVE_INFINITY]);
    expect(minus(huge, huge)).to.deep.equal([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("sine and cosine hold exact values, by a series in whole numbers of 2^-1200", () => {
    fc.assert(
      fc.property(fc.double({ min: -2 * Math.PI, max: 2 * Math.PI, noNaN: true }), (x) => {
        expect(lies(series(x, 1), sine(point(x)))).to.equal(true);
        expect(lies(series(x, 0), cosine(point(x)))).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("sine and cosine of intervals hold those of all points in them, crests included", () => {
    const angle = fc.double({ min: -6.28, max: 6.28, noNaN: true });
    fc.assert(
      fc.property(interval(angle), fc.double({ min: 0, max: 1, noNaN: true }), (a, at) => {
        const x = a[0] + at * (a[1] - a[0]);
        for (const [f, of] of [
          [Math.sin, sine],
          [Math.cos, cosine],
        ] as const) {
          expect(f(x)).to.be.within(...of(a));
          for (const crest of [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2].map((turn) => turn * Math.PI)) {
            if (crest > a[0] && crest < a[1]) expect(f(crest)).to.be.within(...of(a));
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(sine([-7, 0])).to.deep.equal([-1, 1]);
    expect(cosine([0, Number.NaN])).to.deep.equal([-1, 1]);
    expect(sine([1, 2])[1]).to.equal(1);
    expect(cosine([3, 4])[0]).to.equal(-1);
    expect(cosine([0.5, 1])[1]).to.be.closeTo(Math.cos(0.5), 1e-14);
  });
});

/** sin x (start 1) or cos x (start 0) by its series, to about 2^-1190. */
function series(x: number, start: 0 | 1): Dyadic {
  const BITS = 1200n;
  const { m, e } = exact(x);
  const fixed = e < 0 ? (m << BITS) >> BigInt(-e) : (m << BITS) << BigInt(e);
  let term = start === 1 ? fixed : 1n << BITS;
  let sum = term;
  for (let k = BigInt(start) + 1n; k < 120n; k += 2n) {
    term = -((((term * fixed) >> BITS) * fixed) >> BITS) / (k * (k + 1n));
    sum += term;
  }
  return { m: sum, e: -1200 };
}
