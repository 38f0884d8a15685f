import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { logGamma, normalCdf, normalDensity, studentTCdf } from "../../numerics/index.js";

/** The error of a proxy, of unit variance: normal, Laplace's, or Student's t with that many degrees of freedom. */
export type ErrorTail = "normal" | "laplace" | { readonly degrees: number };

/**
 * The score U = V + X of value V ~ Normal(0, 1) and an independent error X of unit variance: density f(u) and tail
 * P(U > u). By Stein's identity E[V; U > u] = f(u), so that what is selected is worth
 *
 *   E[V | U > u] = f(u) / P(U > u),
 *
 * the hazard rate of the score: it grows for a normal error, tends to the rate of an exponential one (sqrt(2) for
 * Laplace's of unit variance), and to 0 for a heavier tail. (The three cases are Kwa et al. 2024's, arXiv:2407.14503.)
 * For t the convolution is summed on a grid of v, exact to 1e-9 or so.
 * @throws DomainError unless u is finite and degrees > 2
 * @example proxyScore(1, "normal") // { density: 0.2197, tail: 0.2398, value: 0.9164 }
 */
export function proxyScore(u: number, error: ErrorTail): { density: number; tail: number; value: number } {
  checkFinite("u", u);
  const { density, tail } =
    error === "normal" ? normalScore(u) : error === "laplace" ? laplaceScore(u) : studentScore(u, error.degrees);
  return { density, tail, value: density / tail };
}

function normalScore(u: number) {
  const z = u / Math.SQRT2;
  return { density: normalDensity(z) / Math.SQRT2, tail: normalCdf(-z) };
}

function laplaceScore(u: number) {
  const rate = Math.SQRT2;
  // e^(1 -+ rate u) Phi(+-u - rate), in which the exponential may be large and Phi small.
  const up = Math.exp(rate * rate * 0.5 - rate * u) * normalCdf(u - rate);
  const down = u > 30 ? 0 : Math.exp(rate * rate * 0.5 + rate * u) * normalCdf(-u - rate);
  return { density: (rate / 2) * (up + down), tail: normalCdf(-u) + (up - down) / 2 };
}

function studentScore(u: number, degrees: number) {
  if (!(degrees > 2)) throw new DomainError(complaint("degrees", "a number above 2, for a variance", degrees));
  const scale = Math.sqrt((degrees - 2) / degrees); // of t, for unit variance
  const log = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - Math.log(degrees * Math.PI) / 2 - Math.log(scale);
  const step = 0.2;
  let [density, tail] = [0, 0];
  for (let i = -45; i <= 45; i++) {
    const v = i * step;
    const t = (u - v) / scale;
    const weight = step * normalDensity(v);
    density += weight * Math.exp(log - ((degrees + 1) / 2) * Math.log1p((t * t) / degrees));
    tail += weight * studentTCdf(-t, degrees);
  }
  return { density, tail };
}

/**
 * What best-of-n by the score V + X gets of the value: E[V] = n (n - 1) times the integral of F^(n-2) f^2 (from Stein's
 * identity, by parts), for each n of a list, any numbers of at least 1.
 * @throws DomainError unless n >= 1 and degrees > 2
 * @example bestOfNValue([1, 16], "normal") // [0, 1.2487]
 */
export function bestOfNValue(ns: readonly number[], error: ErrorTail): number[] {
  const wrong = ns.find((n) => !(n >= 1 && Number.isFinite(n)));
  if (wrong !== undefined) throw new DomainError(complaint("n", "a number of at least 1", wrong));
  const step = 0.025;
  // u = sinh(s): as dense in the middle as far out, on a logarithmic scale.
  const grid = Array.from({ length: 641 }, (_, i) => {
    const s = -4 + i * step;
    return { width: step * Math.cosh(s), ...proxyScore(Math.sinh(s), error) };
  });
  return ns.map((n) => {
    if (n === 1) return 0;
    let sum = 0;
    for (const { width, density, tail } of grid) {
      sum += width * density * density * Math.exp((n - 2) * Math.log1p(-Math.min(1 - 1e-16, tail)));
    }
    return n * (n - 1) * sum;
  });
}
