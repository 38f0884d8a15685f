import { checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { binomial, normalCdf, normalDensity, normalQuantile } from "../numerics/index.js";

interface TestOptions {
  /** How often a two-sided test may call equal proportions different; 0.05 unless given. */
  alpha?: number;
}

/**
 * How often an A/B test with n answers on each side finds a difference between proportions p1 and p2: the power of the
 * two-sided z-test, in the normal approximation, ignoring a significant result in the wrong direction:
 * Phi((sqrt(n) |p1 - p2| - z sqrt(2 p (1 - p))) / sqrt(p1 (1 - p1) + p2 (1 - p2))), p = (p1 + p2) / 2.
 * (Fleiss, Levin and Paik 2003, chapter 4; R's power.prop.test.)
 * @throws DomainError unless n > 0, p1 and p2 are different and in (0, 1), alpha in (0, 1)
 * @example proportionPower(50, 0.5, 0.75) // 0.7402
 */
export function proportionPower(n: number, p1: number, p2: number, { alpha = 0.05 }: TestOptions = {}): number {
  checkProportions(p1, p2, alpha);
  checkPositive("n", n);
  const { under, apart, difference } = spreads(p1, p2);
  return normalCdf((Math.sqrt(n) * difference - normalQuantile(1 - alpha / 2) * under) / apart);
}

/**
 * Answers needed on each side for a power: the least whole n with proportionPower(n, p1, p2) >= power.
 * @throws as `proportionPower`; DomainError unless power is in (0, 1)
 * @example samplesPerArm(0.85, 0.9) // 686
 */
export function samplesPerArm(
  p1: number,
  p2: number,
  { alpha = 0.05, power = 0.8 }: TestOptions & { power?: number } = {},
): number {
  checkProportions(p1, p2, alpha);
  if (!(power > 0 && power < 1)) throw new DomainError(complaint("power", "a number in (0, 1)", power));
  const { under, apart, difference } = spreads(p1, p2);
  const root = (normalQuantile(1 - alpha / 2) * under + normalQuantile(power) * apart) / difference;
  return Math.max(1, Math.ceil(root * root - 1e-9));
}

/**
 * The same power by enumerating both binomials: how often the pooled z-test of two counts out of n rejects, in
 * either direction.
 * @throws DomainError unless n is a whole number from 1 to 5000, p1 and p2 in (0, 1), alpha in (0, 1)
 */
export function exactProportionPower(n: number, p1: number, p2: number, { alpha = 0.05 }: TestOptions = {}): number {
  checkProportions(p1, p2, alpha, true);
  if (!(Number.isInteger(n) && n >= 1 && n <= 5000)) {
    throw new DomainError(complaint("n", "a whole number from 1 to 5000", n));
  }
  const z = normalQuantile(1 - alpha / 2);
  const [first, second] = [p1, p2].map((p) => binomial(n, p));
  let power = 0;
  for (let a = 0; a <= n; a++) {
    if (first[a] < 1e-18) continue;
    for (let b = 0; b <= n; b++) {
      const pooled = (a + b) / (2 * n);
      const error = Math.sqrt((2 * pooled * (1 - pooled)) / n);
      if (Math.abs(a - b) / n > z * error) power += first[a] * second[b];
    }
  }
  return power;
}

/**
 * How often a test with no difference is called significant at least once when somebody looks `looks` times, after
 * equal numbers of answers, each time at level alpha: by integrating the density of the running sum between the bounds,
 * look by look. (Armitage, McPherson and Rowe 1969.)
 * @throws DomainError unless looks is a whole number from 1 to 1000 and alpha in (0, 1)
 * @example peekingError(5) // 0.142
 */
export function peekingError(looks: number, { alpha = 0.05 }: TestOptions = {}): number {
  if (!(Number.isInteger(looks) && looks >= 1 && looks <= 1000)) {
    throw new DomainError(complaint("looks", "a whole number from 1 to 1000", looks));
  }
  checkAlpha(alpha);
  const z = normalQuantile(1 - alpha / 2);
  const grid = (k: number) => {
    const bound = z * Math.sqrt(k);
    // Nodes at most 0.1 apart: the density is smooth at that scale.
    const steps = 2 * Math.ceil(Math.max(60, bound / 0.1));
    const h = (2 * bound) / steps;
    const weight = (i: number) => (h / 3) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2); // Simpson's
    return Array.from({ length: steps + 1 }, (_, i) => ({ at: -bound + i * h, weight: weight(i) }));
  };
  let nodes = grid(1).map(({ at, weight }) => ({ at, mass: weight * normalDensity(at) }));
  for (let k = 2; k <= looks; k++) {
    nodes = grid(k).map(({ at, weight }) => ({
      at,
      mass: weight * nodes.reduce((sum, node) => sum + node.mass * normalDensity(at - node.at), 0),
    }));
  }
  return 1 - nodes.reduce((sum, { mass }) => sum + mass, 0);
}

function spreads(p1: number, p2: number): { under: number; apart: number; difference: number } {
  const pooled = (p1 + p2) / 2;
  return {
    under: Math.sqrt(2 * pooled * (1 - pooled)),
    apart: Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2)),
    difference: Math.abs(p1 - p2),
  };
}

function checkAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new DomainError(complaint("alpha", "a number in (0, 1)", alpha));
}

function checkProportions(p1: number, p2: number, alpha: number, mayBeEqual = false): void {
  for (const [name, p] of Object.entries({ p1, p2 })) {
    if (!(p > 0 && p < 1)) throw new DomainError(complaint(name, "a proportion in (0, 1)", p));
  }
  if (p1 === p2 && !mayBeEqual) throw new DomainError(complaint("p1 and p2", "different proportions", [p1, p2]));
  checkAlpha(alpha);
}
