// Interval arithmetic with outward rounding, for what must be proved and not only computed.

/**
 * An interval [low, high]. What holds of every function here: if the exact numbers lie in the intervals given, then the
 * exact result, in real arithmetic, lies in the interval returned. JavaScript rounds each operation to the nearest
 * number, half a unit in the last place away at most; `below` and `above` go a whole unit further out, so that no
 * rounding mode is needed (Rump, Zimmermann, Boldo and Melquiond 2009, doi:10.1007/s10543-009-0218-z). An end that
 * overflows outwards becomes infinite, one that overflows inwards the greatest number, and NaN becomes infinite. `sine`
 * and `cosine` rest on one assumption more, which is said there.
 */
export type Interval = readonly [low: number, high: number];

/** u (1 + 2u) with u = 2^-53: times |x| and rounded, it is more than half a unit in the last place of x. */
const UNIT = 2 ** -53 * (1 + 2 ** -52);

/** A number below x, by one unit in the last place of x (two at most, where numbers are smallest). */
export function below(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return Number.MAX_VALUE;
  const low = x - (Math.abs(x) * UNIT + Number.MIN_VALUE);
  return Number.isNaN(low) ? Number.NEGATIVE_INFINITY : low;
}

/** A number above x, as `below`. */
export function above(x: number): number {
  return -below(-x);
}

/** The interval that holds one number and nothing else. */
export function point(x: number): Interval {
  return [x, x];
}

/** From low to high as they came out rounded; a sum or difference of 0 is exact, as nothing underflows in it. */
function roundedSum(low: number, high: number): Interval {
  return [low === 0 ? 0 : below(low), high === 0 ? 0 : above(high)];
}

/** a + b. */
export function plus(a: Interval, b: Interval): Interval {
  return roundedSum(a[0] + b[0], a[1] + b[1]);
}

/** a - b. */
export function minus(a: Interval, b: Interval): Interval {
  return roundedSum(a[0] - b[1], a[1] - b[0]);
}

/** c a, for a number c. */
export function times(c: number, a: Interval): Interval {
  return product([c, c], a);
}

/** a b. */
export function product(a: Interval, b: Interval): Interval {
  return [
    Math.min(low(a[0], b[0]), low(a[0], b[1]), low(a[1], b[0]), low(a[1], b[1])),
    Math.max(high(a[0], b[0]), high(a[0], b[1]), high(a[1], b[0]), high(a[1], b[1])),
  ];
}

/** x y or less; exactly 0 where a factor is, also beside what has overflowed, which still stands for numbers. */
function low(x: number, y: number): number {
  return x === 0 || y === 0 ? 0 : below(x * y);
}

function high(x: number, y: number): number {
  return x === 0 || y === 0 ? 0 : above(x * y);
}

/** a / b; the whole line if b holds 0. */
export function quotient(a: Interval, b: Interval): Interval {
  if (!(b[0] > 0 || b[1] < 0)) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const [p, q, r, s] = [a[0] / b[0], a[0] / b[1], a[1] / b[0], a[1] / b[1]];
  return [below(Math.min(p, q, r, s)), above(Math.max(p, q, r, s))];
}

/** a^n for a whole number n of at least 0; an even power is never below 0. */
export function power(a: Interval, n: number): Interval {
  if (n === 0) return [1, 1];
  if (n % 2 === 1) return [ofNumber(a[0], n)[0], ofNumber(a[1], n)[1]];
  const least = a[0] <= 0 && a[1] >= 0 ? 0 : Math.min(Math.abs(a[0]), Math.abs(a[1]));
  return [ofNumber(least, n)[0], ofNumber(magnitude(a), n)[1]];
}

/** x^n for a number x and n of at least 1. */
function ofNumber(x: number, n: number): Interval {
  let result = point(x);
  for (let k = 1; k < n; k++) result = times(x, result);
  return result;
}

/** The greatest size of a number in it; exact. */
export function magnitude(a: Interval): number {
  return Math.max(Math.abs(a[0]), Math.abs(a[1]));
}

/** a cut off at -limit and limit; exact. */
export function clamp(a: Interval, limit: number): Interval {
  const cut = (x: number) => Math.min(limit, Math.max(-limit, x));
  return [cut(a[0]), cut(a[1])];
}

/**
 * sin a. Math.sin and Math.cos are taken to err by less than two units in the last place; JavaScript promises no
 * accuracy, V8's err by less than one (fdlibm), and a test compares them with exact arithmetic. Numbers of up to 2 pi.
 */
export function sine(a: Interval): Interval {
  return wave(a, Math.sin, Math.PI / 2);
}

/** cos a, as `sine`. */
export function cosine(a: Interval): Interval {
  return wave(a, Math.cos, 0);
}

/** A wave of period 2 pi with its crest at `crest`, on an interval within [-2 pi, 2 pi]; else [-1, 1]. */
function wave(a: Interval, f: (x: number) => number, crest: number): Interval {
  if (!(a[0] >= -2 * Math.PI && a[1] <= 2 * Math.PI)) return [-1, 1];
  const [from, to] = [f(a[0]), f(a[1])];
  // pi is rounded, so that what lies within 1e-14 of the interval counts as in it.
  const has = (at: number) => a[0] - 1e-14 <= at && at <= a[1] + 1e-14;
  const meets = (at: number) => [-2, -1, 0, 1, 2].some((turn) => has(at + turn * 2 * Math.PI));
  return [
    meets(crest + Math.PI) ? -1 : Math.max(-1, below(below(Math.min(from, to)))),
    meets(crest) ? 1 : Math.min(1, above(above(Math.max(from, to)))),
  ];
}
