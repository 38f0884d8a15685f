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
  return { low: lowerEnd(successes, trials, tail), high: upperEnd(successes, trials, tail) };
}

/**
 * Clopper and Pearson's upper confidence bound: the p at which `successes` or fewer of `trials` have probability
 * delta. For every p, the bound is below p with probability at most delta. Beta^-1(1 - delta; k + 1, n - k); for no
 * success in n trials 1 - delta^(1/n), about 3 / n at delta = 0.05 ("rule of three"); 1 if all succeeded. Clopper and
 * Pearson 1934.
 * @throws DomainError unless 0 <= successes <= trials, trials >= 1 and delta is between 0 and 1
 * @example clopperPearsonUpper(0, 1000, 0.05) // 0.003
 */
export function clopperPearsonUpper(successes: number, trials: number, delta: number): number {
  checkCounts("clopperPearsonUpper", successes, trials, delta, "delta");
  return upperEnd(successes, trials, delta);
}

/**
 * Clopper and Pearson's lower confidence bound: the p at which `successes` or more have probability delta; 0 if none
 * succeeded.
 * @throws DomainError as clopperPearsonUpper
 * @example clopperPearsonLower(1000, 1000, 0.05) // 0.997
 */
export function clopperPearsonLower(successes: number, trials: number, delta: number): number {
  checkCounts("clopperPearsonLower", successes, trials, delta, "delta");
  return lowerEnd(successes, trials, delta);
}

function lowerEnd(k: number, n: number, tail: number): number {
  return k === 0 ? 0 : solveTail(k, n, tail);
}

function upperEnd(k: number, n: number, tail: number): number {
  if (k === 0) return -Math.expm1(Math.log(tail) / n);
  return k === n ? 1 : solveTail(k + 1, n, 1 - tail);
}

/** The p at which k or more of n succeed with probability `target`: P(X >= k) at p is I_p(k, n - k + 1). */
function solveTail(k: number, n: number, target: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, k, n - k + 1) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function checkCounts(what: string, successes: number, trials: number, level: number, name = "level"): void {
  checkCount(`${what}: trials`, trials);
  if (!(Number.isInteger(successes) && successes >= 0 && successes <= trials)) {
    throw new DomainError(complaint(`${what}: successes`, `a whole number from 0 to ${trials}`, successes));
  }
  if (!(level > 0 && level < 1)) throw new DomainError(complaint(`${what}: ${name}`, "between 0 and 1", level));
}
