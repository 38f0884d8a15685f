import { checkShare } from "../../core/checks.js";
import { checkSize } from "./checks.js";

/**
 * kl(q || p) = q ln(q/p) + (1-q) ln((1-q)/(1-p)), in nats: between coins of bias q and p, each in
 * [0, 1]; Infinity if impossible.
 */
export function binaryKL(q: number, p: number): number {
  checkShare("q", q);
  checkShare("p", p);
  const term = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b));
  return Math.max(0, term(q, p) + term(1 - q, 1 - p));
}

/**
 * The largest p with kl(q || p) <= budget: the most a true error can be when q was observed, by bisection to rounding.
 * @throws DomainError if q is not in [0, 1] or budget < 0
 */
export function binaryKLInverse(q: number, budget: number): number {
  checkShare("q", q);
  checkSize("budget", budget);
  let [low, high] = [q, 1];
  if (binaryKL(q, 1) <= budget) return 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (binaryKL(q, middle) <= budget) low = middle;
    else high = middle;
  }
  return low;
}
