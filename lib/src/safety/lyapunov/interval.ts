// Intervals [low, high], rounding not counted: what a certificate says is true to about 1e-12.

export type Interval = readonly [low: number, high: number];

/** a + b. */
export function plus(a: Interval, b: Interval): Interval {
  return [a[0] + b[0], a[1] + b[1]];
}

/** c a. */
export function times(c: number, a: Interval): Interval {
  return c >= 0 ? [c * a[0], c * a[1]] : [c * a[1], c * a[0]];
}

/** a b. */
export function product(a: Interval, b: Interval): Interval {
  const [p, q, r, s] = [a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]];
  return [Math.min(p, q, r, s), Math.max(p, q, r, s)];
}

/** The greatest size of a number in it. */
export function magnitude(a: Interval): number {
  return Math.max(Math.abs(a[0]), Math.abs(a[1]));
}
