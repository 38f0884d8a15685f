import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { incompleteBeta } from "./incompleteBeta.js";
import { normalQuantile } from "./normal.js";

/**
 * Wilson's interval for a share of which `successes` of `trials` were seen: all p for which the seen share lies within
 * z sqrt(p (1 - p) / n) of p. Never empty, never outside of [0, 1]; at 0 of n it is [0, z^2 / (n + z^2)].
 * Wilson 1927; Newcombe 1998 (method 3).
 * @throws DomainError unless 0 <= successes <= trials, trials >= 1, and level is between 0 and 1
 * @example wilsonInterval(0, 20) // { low: 0, high: 0.1611 }
 */
export function wilsonInterval(successes: number, trials: number, level = 0.95): { low: number; high: number } {
  checkCounts("wilsonInterval", successes, trials, level);
  const z2 = normalQuantile((1 + level) / 2) ** 2;
  const centre = successes + z2 / 2;
  const half = Math.sqrt(z2 * ((successes * (trials - successes)) / trials + z2 / 4));
  const low = successes === 0 ? 0 : (centre - half) / (trials + z2);
  return { low, high: successes === trials ? 1 : (centre + half) / (trials + z2) };
}

/**
 * Clopper and Pearson's interval, the p for which neither tail of the binomial is below (1 - level) / 2: covers at
 * least `level` of the time, for every p, at the price of being wide. Clopper and Pearson 1934.
 * @throws DomainError as wilsonInterval
 * @example clopperPearsonInterval(0, 20) // { low: 0, high: 0.1684 }
 */
export function clopperPearsonInterval(successes: number, trials: number, level = 0.95): { low: number; high: number } {
  checkCounts("clopperPearsonInterval", successes, trials, level);
  const tail = (1 - level) / 2;
  // P(X >= k) at p is I_p(k, n - k + 1).
  const solve = (k: number, target: number) => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (incompleteBeta(middle, k, trials - k + 1) < target) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return {
    low: successes === 0 ? 0 : solve(successes, tail),
    high: successes === trials ? 1 : solve(successes + 1, 1 - tail),
  };
}

function checkCounts(what: string, successes: number, trials: number, level: number): void {
  checkCount(`${what}: trials`, trials);
  if (!(Number.isInteger(successes) && successes >= 0 && successes <= trials)) {
    throw new DomainError(complaint(`${what}: successes`, `a whole number from 0 to ${trials}`, successes));
  }
  if (!(level > 0 && level < 1)) throw new DomainError(complaint(`${what}: level`, "between 0 and 1", level));
}
