import { complaint, DomainError } from "../core/index.js";

/**
 * log Gamma(x) for x > 0, relative error below 1e-14: from x = 2.5 on by Lanczos's approximation with Godfrey's
 * coefficients (g = 607/128); below by the series around 2, since near its zeros at 1 and 2 a sum of large terms
 * would have no digits left.
 * @throws DomainError if x <= 0
 */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new DomainError(complaint("logGamma: x", "a positive number", x));
  if (x < 0.5) return nearTwo(x) - Math.log1p(x) - Math.log(x);
  if (x < 1.5) return nearTwo(x - 1) - Math.log1p(x - 1);
  if (x < 2.5) return nearTwo(x - 2);
  if (x === Number.POSITIVE_INFINITY) return x;
  const z = x - 1;
  let sum = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += LANCZOS[k] / (z + k);
  const t = z + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * log Gamma(2 + z) for |z| <= 1/2: (1 - gamma) z + sum over k >= 2 of (zeta(k) - 1) (-z)^k / k
 * (Abramowitz and Stegun 6.1.33).
 */
function nearTwo(z: number): number {
  let sum = 0;
  for (let k = ZETA.length - 1; k >= 0; k--) sum = ZETA[k] - z * sum;
  return z * (ONE_LESS_EULER + z * sum);
}

/** 1 less Euler's constant. */
const ONE_LESS_EULER = 0.42278433509846713;

/** (zeta(k) - 1) / k for k = 2, 3, ...: as many as 1e-17 asks for. */
const ZETA = [
  0.3224670334241132, 0.0673523010531981, 0.020580808427784546, 0.007385551028673986, 0.0028905103307415234,
  0.001192753911703261, 0.0005096695247430425, 0.00022315475845357939, 9.945751278180853e-5, 4.492623673813314e-5,
  2.050721277567069e-5, 9.439488275268397e-6, 4.374866789907488e-6, 2.039215753801366e-6, 9.55141213040742e-7,
  4.492469198764566e-7, 2.1207184805554665e-7, 1.0043224823968099e-7, 4.7698101693639804e-8, 2.2711094608943164e-8,
  1.0838659214896955e-8, 5.183475041970047e-9, 2.4836745438024785e-9, 1.1921401405860912e-9, 5.731367241678862e-10,
  2.7595228851242334e-10,
];

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
  if (!(a > 0)) throw new DomainError(complaint("upperIncompleteGamma: a", "a positive number", a));
  if (!(x >= 0)) throw new DomainError(complaint("upperIncompleteGamma: x", "a number of at least 0", x));
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (x >= a + 1) return Math.exp(logUpperFraction(a, x));
  return 1 - Math.exp(a * Math.log(x) - x - logGamma(a)) * lowerSeries(a, x);
}

/** log Q(a, x), also where Q itself is too small for a number. @throws as `upperIncompleteGamma` */
export function logUpperIncompleteGamma(a: number, x: number): number {
  return a > 0 && x >= a + 1 && x < Number.POSITIVE_INFINITY
    ? logUpperFraction(a, x)
    : Math.log(upperIncompleteGamma(a, x));
}

function logUpperFraction(a: number, x: number): number {
  return a * Math.log(x) - x - logGamma(a) + Math.log(upperFraction(a, x));
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
