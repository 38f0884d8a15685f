import { checkCount, checkShare } from "../core/checks.js";
import { logGamma } from "./gamma.js";

/**
 * P(k of n) = C(n, k) p^k (1 - p)^(n - k) for k = 0 .. n, [n + 1].
 * @throws DomainError unless n is a whole number and 0 <= p <= 1
 * @example binomial(2, 0.5) // [0.25, 0.5, 0.25]
 */
export function binomial(n: number, p: number): Float64Array {
  checkCount("n", n, 0);
  checkShare("p", p);
  if (p === 0 || p === 1) return Float64Array.from({ length: n + 1 }, (_, k) => (k === p * n ? 1 : 0));
  const logChoices = (k: number) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  return Float64Array.from({ length: n + 1 }, (_, k) =>
    Math.exp(logChoices(k) + k * Math.log(p) + (n - k) * Math.log1p(-p)),
  );
}
