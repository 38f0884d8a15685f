import { checkCount, checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/** Probability that the majority of n voters, an odd number, each right with p alone, is right (Condorcet 1785). */
export function flatMajority(n: number, p: number): number {
  checkCount("n", n);
  if (n % 2 === 0) throw new DomainError(complaint("n", "an odd number, so that there is no tie", n));
  checkShare("p", p);
  if (p === 0 || p === 1) return p;
  // From the largest term downwards by logarithms, for n of 10^5.
  let logTerm = n * Math.log(p);
  let right = 0;
  for (let k = n; 2 * k > n; k--) {
    right += Math.exp(logTerm);
    logTerm += Math.log(k / (n - k + 1)) + Math.log1p(-p) - Math.log(p);
  }
  return Math.min(1, right);
}

/**
 * Probability that a tree of majorities of three is right: p <- 3 p^2 - 2 p^3, once for each level. 3^depth voters,
 * of whom (2/3)^depth can decide against all others.
 */
export function majorityTree(p: number, depth: number): number {
  checkShare("p", p);
  checkCount("depth", depth, 0);
  let right = p;
  for (let level = 0; level < depth; level++) right = 3 * right ** 2 - 2 * right ** 3;
  return right;
}
