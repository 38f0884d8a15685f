import { checkCount, checkShare } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { normalCdf, normalDensity } from "../../numerics/index.js";
import { type Key, randint } from "../../random/index.js";

/**
 * Tournament selection: each of `winners` tournaments draws `size` of the population, with replacement, and the one of
 * the highest score survives; the first drawn among equals. Indices [winners]. Only the order of scores counts.
 * Goldberg and Deb 1991.
 * @throws DomainError if there is nobody, a score is no number, or a count is not at least 1
 */
export function tournamentSelection(
  key: Key,
  scores: ArrayLike<number>,
  { size, winners }: { size: number; winners: number },
): Int32Array {
  if (scores.length === 0) throw new DomainError(complaint("scores", "at least one", scores));
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new DomainError(complaint(`scores[${i}]`, "a number", scores[i]));
  }
  checkCount("size", size);
  checkCount("winners", winners);
  const drawn = randint(key, size * winners, 0, scores.length);
  return Int32Array.from({ length: winners }, (_, w) => {
    let best = drawn[w * size];
    for (let i = 1; i < size; i++) {
      const other = drawn[w * size + i];
      if (scores[other] > scores[best]) best = other;
    }
    return best;
  });
}

/**
 * The share of the best kind after each generation of tournaments of `size` in a large population:
 * p <- 1 - (1 - p)^size, from the first, [1 + generations]. Nothing but the share decides: not by how much it is best.
 * @example takeover(0.01, { size: 2, generations: 2 }) // [0.01, 0.0199, 0.0394]
 */
export function takeover(share: number, { size, generations }: { size: number; generations: number }): Float64Array {
  checkShare("share", share);
  checkCount("size", size);
  checkCount("generations", generations);
  const shares = new Float64Array(1 + generations).fill(share);
  for (let t = 0; t < generations; t++) shares[t + 1] = 1 - (1 - shares[t]) ** size;
  return shares;
}

/**
 * E max of n standard normals, integral of n z phi(z) Phi(z)^(n-1): by how many standard deviations of the noise the
 * best of n equals looks better than it is. By Simpson's rule on [-9, 9], to about 1e-9.
 * @throws DomainError unless n is a whole number of at least 1
 * @example expectedNormalMaximum(5) // 1.163
 */
export function expectedNormalMaximum(n: number): number {
  checkCount("n", n);
  const [low, cells] = [-9, 1800];
  const h = (-2 * low) / cells;
  let sum = 0;
  for (let i = 0; i <= cells; i++) {
    const z = low + i * h;
    const weight = i === 0 || i === cells ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * n * z * normalDensity(z) * normalCdf(z) ** (n - 1);
  }
  return (sum * h) / 3;
}
