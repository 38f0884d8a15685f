import { checkCount, checkNumbers, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { type Interval, plus, point, power, product, quotient, times } from "../../numerics/interval.js";
import { aboutMiddle, type PendulumState } from "./pendulum.js";

/** An even polynomial of two variables without a constant: V(x) = sum of coefficient[k] z0^i z1^j, z = x / unit. */
export interface Polynomial {
  /** Even: the greatest i + j. */
  degree: number;
  /** One for each of `evenPowers(degree)`. */
  coefficients: ArrayLike<number>;
  /** What x is measured in, so that no power is huge. */
  unit: readonly [number, number];
}

/**
 * The powers [i, j] of all terms with i + j = 2, 4, ..., degree. A system that is the same turned upside down,
 * f(-x) = -f(x), needs no others.
 * @throws DomainError unless degree is even and at least 2
 */
export function evenPowers(degree: number): [number, number][] {
  checkCount("degree", degree, 2);
  if (degree % 2 !== 0) throw new DomainError(complaint("degree", "an even number", degree));
  const powers: [number, number][] = [];
  for (let d = 2; d <= degree; d += 2) for (let i = d; i >= 0; i--) powers.push([i, d - i]);
  return powers;
}

/** The terms' values at x, without their coefficients, in the order of `evenPowers`. */
export function termsAt(powers: readonly (readonly [number, number])[], unit: readonly number[], x: PendulumState) {
  return powers.map(([i, j]) => (x[0] / unit[0]) ** i * (x[1] / unit[1]) ** j);
}

/**
 * V(x), rounded.
 * @throws ShapeError, DomainError for a polynomial that cannot be
 * @example polynomialValue({ degree: 2, coefficients: [1, 0, 2], unit: [1, 1] }, [3, 1]) // 11
 */
export function polynomialValue(V: Polynomial, x: PendulumState): number {
  const terms = termsAt(checkPolynomial(V), V.unit, x);
  return terms.reduce((sum, term, k) => sum + V.coefficients[k] * term, 0);
}

/** c x0^i x1^j, with c as an interval. */
interface Term {
  c: Interval;
  i: number;
  j: number;
}

/**
 * V and its two slopes over boxes of states, rounded outwards. Each is bounded about the middle of the box, by
 * f(middle) + slopes of f over the box times half its sides, with slopes bounded in the same way and those of the
 * slopes' slopes term by term: what terms of opposite signs take from each other is kept.
 * @throws as `polynomialValue`
 */
export function polynomialBounds(V: Polynomial) {
  const inverse = V.unit.map((unit) => quotient(point(1), point(unit)));
  const terms = checkPolynomial(V).map(([i, j], k): Term => {
    const scale = product(power(inverse[0], i), power(inverse[1], j));
    return { c: times(V.coefficients[k], scale), i, j };
  });
  const value = withSlopes(terms, 3);
  return {
    value: (x: readonly Interval[]) => bound(value, seenFrom(x, V.degree)),
    slopes: (x: readonly Interval[]): [Interval, Interval] => {
      const box = seenFrom(x, V.degree);
      return [bound(value.slopes[0], box), bound(value.slopes[1], box)];
    },
  };
}

/** A polynomial, and its slopes along both axes with theirs; none where it is bounded term by term. */
interface Slopes {
  terms: Term[];
  slopes: Slopes[];
}

function withSlopes(terms: Term[], orders: number): Slopes {
  if (orders === 0) return { terms, slopes: [] };
  const along0 = terms.filter(({ i }) => i > 0).map(({ c, i, j }): Term => ({ c: times(i, c), i: i - 1, j }));
  const along1 = terms.filter(({ j }) => j > 0).map(({ c, i, j }): Term => ({ c: times(j, c), i, j: j - 1 }));
  return { terms, slopes: [withSlopes(along0, orders - 1), withSlopes(along1, orders - 1)] };
}

/** The powers of a box and of its middle, and the box as it lies about the middle. */
interface Seen {
  powers: Interval[][];
  middle: Interval[][];
  around: readonly Interval[];
}

function seenFrom(x: readonly Interval[], degree: number): Seen {
  const powersOf = (range: Interval) => Array.from({ length: degree + 1 }, (_, n) => power(range, n));
  const { middle, around } = aboutMiddle(x);
  return { powers: x.map(powersOf), middle: middle.map(powersOf), around };
}

function bound({ terms, slopes }: Slopes, box: Seen): Interval {
  const powers = slopes.length === 0 ? box.powers : box.middle;
  const there = terms.reduce(
    (total, { c, i, j }) => plus(total, product(c, product(powers[0][i], powers[1][j]))),
    point(0),
  );
  return slopes.reduce((total, slope, i) => {
    const around = box.around[i];
    // At one point nothing is added.
    return around[0] === 0 && around[1] === 0 ? total : plus(total, product(bound(slope, box), around));
  }, there);
}

function checkPolynomial({ degree, coefficients, unit }: Polynomial): [number, number][] {
  const powers = evenPowers(degree);
  checkNumbers("coefficients", coefficients, powers.length);
  checkPositive("unit[0]", unit[0]);
  checkPositive("unit[1]", unit[1]);
  return powers;
}
