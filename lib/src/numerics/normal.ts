import { checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { logUpperIncompleteGamma, upperIncompleteGamma } from "./gamma.js";

/**
 * P(Z <= z) for a standard normal Z; the lower tail keeps its relative accuracy (for the upper
 * one, take normalCdf(-z)).
 */
export function normalCdf(z: number): number {
  const tail = upperIncompleteGamma(0.5, (z * z) / 2) / 2;
  return z < 0 ? tail : 1 - tail;
}

/** exp(-z^2 / 2) / sqrt(2 pi). */
export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * The z with P(Z <= z) = p, by Newton's method on log P from Winitzki's closed-form start; to rounding.
 * @throws DomainError if p is outside [0, 1]
 */
export function normalQuantile(p: number): number {
  checkShare("normalQuantile: p", p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -lowerQuantile(1 - p);
  return lowerQuantile(p);
}

/** The two-sided normal interval centre +- z * error that covers with probability `level`, e.g. 0.95. */
export function normalInterval(centre: number, error: number, level = 0.95): { low: number; high: number } {
  if (!(level > 0 && level < 1)) throw new DomainError(complaint("normalInterval: level", "a number in (0, 1)", level));
  const reach = normalQuantile((1 + level) / 2) * error;
  return { low: centre - reach, high: centre + reach };
}

/**
 * p <= 1/2. log P is concave in z, so Newton's method from below never overshoots by much; in logs, no p is too small.
 */
function lowerQuantile(p: number): number {
  const log = Math.log(4 * p * (1 - p));
  const a = 0.147;
  const half = 2 / (Math.PI * a) + log / 2;
  let z = -Math.sqrt(2 * (Math.sqrt(half * half - log / a) - half));
  for (let k = 0; k < 20; k++) {
    const logCdf = logUpperIncompleteGamma(0.5, (z * z) / 2) - Math.LN2;
    const logDensity = -(z * z + Math.log(2 * Math.PI)) / 2;
    const step = (Math.log(p) - logCdf) * Math.exp(logCdf - logDensity);
    z += step;
    if (Math.abs(step) <= 1e-15 * (1 + Math.abs(z))) break;
  }
  return z;
}
