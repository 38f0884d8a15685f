import { complain, DomainError } from "../core/index.js";

/**
 * log Gamma(x) for x > 0, by Lanczos's approximation with Godfrey's coefficients (g = 607/128); relative error below 1e-14.
 * @throws DomainError if x <= 0
 */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new DomainError(complain("logGamma: x", "a number above 0", x));
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  let sum = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += LANCZOS[k] / (z + k);
  const t = z + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS_G = 607 / 128;
const LANCZOS = [
  0.9999999999999971, 57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202,
  3.399464998481189e-5, 4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488,
  0.00021743961811521265, -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
];

/**
 * The regularised upper incomplete gamma function Q(a, x) = integral_x^inf t^(a-1) exp(-t) dt / Gamma(a), in [0, 1].
 * Series below x = a + 1, Lentz's continued fraction above, so that a small tail keeps its relative accuracy.
 * @throws DomainError if a <= 0 or x < 0
 */
export function upperIncompleteGamma(a: number, x: number): number {
  if (!(a > 0)) throw new DomainError(complain("upperIncompleteGamma: a", "a number above 0", a));
  if (!(x >= 0)) throw new DomainError(complain("upperIncompleteGamma: x", "a number of at least 0", x));
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > sum * 1e-17 && k < 1e6; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; k < 1e6; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b, tiny);
    c = nonZero(b + numerator / c, tiny);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
