import { checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { logGamma } from "./gamma.js";
import { incompleteBeta } from "./incompleteBeta.js";
import { normalCdf, normalQuantile } from "./normal.js";
import { mean, standardError } from "./statistics.js";

/**
 * P(T <= t) for Student's t with so many degrees of freedom (1908), the ratio of a standard normal to the root of an
 * independent chi-square over its degrees; Infinity is the normal. The lower tail keeps its relative accuracy (for
 * the upper one, take -t).
 * @throws DomainError if degrees <= 0 or t is NaN
 */
export function studentTCdf(t: number, degrees: number): number {
  check("studentTCdf", degrees);
  if (Number.isNaN(t)) throw new DomainError(complaint("studentTCdf: t", "a number", t));
  if (degrees === Number.POSITIVE_INFINITY) return normalCdf(t);
  if (t > 0) return 1 - studentTCdf(-t, degrees);
  const ratio = t ** 2 / degrees;
  // So far out that the square would overflow, the tail is a power of t.
  if (ratio > FAR)
    return t === Number.NEGATIVE_INFINITY ? 0 : Math.exp(logDensity(t, degrees) + Math.log(-t / degrees));
  return incompleteBeta(1 / (1 + ratio), degrees / 2, 0.5, ratio / (1 + ratio)) / 2;
}

const FAR = 1e200;

function logDensity(t: number, degrees: number): number {
  const logScale = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(degrees * Math.PI) / 2;
  const ratio = t ** 2 / degrees;
  return logScale - ((degrees + 1) / 2) * (ratio > FAR ? 2 * Math.log(-t) - Math.log(degrees) : Math.log1p(ratio));
}

/**
 * The t with P(T <= t) = p: 2.571 for p = 0.975 and 5 degrees. By Newton's method on log P, kept inside a bracket; to
 * rounding (to 1e-9 with a million degrees).
 * @throws DomainError if p is outside [0, 1], or degrees <= 0
 * @example studentTQuantile(0.975, 5) // 2.5706
 */
export function studentTQuantile(p: number, degrees: number): number {
  check("studentTQuantile", degrees);
  checkShare("studentTQuantile: p", p);
  if (degrees === Number.POSITIVE_INFINITY) return normalQuantile(p);
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (p === 0.5) return 0;
  return p > 0.5 ? -lowerQuantile(1 - p, degrees) : lowerQuantile(p, degrees);
}

/**
 * The mean of independent values, say of one run for each seed, with its two-sided interval: mean -+ half, where half
 * is Student's t for n - 1 degrees times the standard error. It covers the expectation with probability `level` if
 * values are normal, and roughly so if not.
 * @throws DomainError for fewer than two values, which have no spread, or a level outside (0, 1)
 * @example meanInterval([0.9, 1.2, 1.1]) // { mean: 1.0667, half: 0.3795, low: 0.6872, high: 1.4461 }
 */
export function meanInterval(
  values: ArrayLike<number>,
  level = 0.95,
): { mean: number; half: number; low: number; high: number } {
  if (!(level > 0 && level < 1)) throw new DomainError(complaint("meanInterval: level", "a number in (0, 1)", level));
  if (values.length < 2) throw new DomainError(complaint("meanInterval: values", "at least 2 values", values));
  const centre = mean(values);
  const half = studentTQuantile((1 + level) / 2, values.length - 1) * standardError(values);
  return { mean: centre, half, low: centre - half, high: centre + half };
}

/** p < 1/2. */
function lowerQuantile(p: number, degrees: number): number {
  // A bracket whose ends are a factor of two apart: far out the tail is a power of t.
  let low = -1;
  let high = 0;
  while (studentTCdf(low, degrees) > p) {
    high = low;
    low *= 2;
    if (low === Number.NEGATIVE_INFINITY) return low;
  }
  let t = (low + high) / 2;
  for (let k = 0; k < 200; k++) {
    const cdf = studentTCdf(t, degrees);
    if (cdf < p) low = t;
    else high = t;
    const step = (Math.log(p / cdf) * cdf) / Math.exp(logDensity(t, degrees));
    const newton = t + step;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 1e-15 * Math.abs(t)) return next;
    t = next;
  }
  return t;
}

function check(what: string, degrees: number): void {
  if (!(degrees > 0)) throw new DomainError(complaint(`${what}: degrees`, "a positive number", degrees));
}
