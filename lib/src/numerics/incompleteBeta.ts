import { checkPositive, checkShare } from "../core/checks.js";
import { logGamma } from "./gamma.js";

/**
 * The regularised incomplete beta function I_x(a, b) = integral_0^x t^(a-1) (1 - t)^(b-1) dt / B(a, b), in [0, 1], by
 * Lentz's continued fraction; above (a + 1) / (a + b + 2) as 1 - I_(1-x)(b, a), where the fraction is quick. `rest` is
 * 1 - x where the caller knows it better.
 * @throws DomainError unless a, b > 0 and x is in [0, 1]
 */
export function incompleteBeta(x: number, a: number, b: number, rest = 1 - x): number {
  for (const [name, value] of Object.entries({ a, b })) {
    checkPositive(`incompleteBeta: ${name}`, value);
  }
  checkShare("incompleteBeta: x", x);
  if (x === 0 || rest === 0) return x === 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(rest, b, a, x);
  return (Math.exp(logScale(x, a, b, rest)) / a) * fraction(x, a, b);
}

/** log I_x(a, b), also where I itself is too small for a number. @throws as `incompleteBeta` */
export function logIncompleteBeta(x: number, a: number, b: number): number {
  return a > 0 && b > 0 && x > 0 && x <= (a + 1) / (a + b + 2) && x < 1
    ? logScale(x, a, b, 1 - x) - Math.log(a) + Math.log(fraction(x, a, b))
    : Math.log(incompleteBeta(x, a, b));
}

/** log of x^a (1 - x)^b / B(a, b). */
function logScale(x: number, a: number, b: number, rest: number): number {
  return a * Math.log(x) + b * logOf(rest, x) + logGamma(a + b) - logGamma(a) - logGamma(b);
}

/** log(rest), rest = 1 - x: near 1 from x, which has its digits. */
function logOf(rest: number, x: number): number {
  return x < 0.5 ? Math.log1p(-x) : Math.log(rest);
}

function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 1e6; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return value;
}
