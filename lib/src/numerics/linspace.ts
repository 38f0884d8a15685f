import { checkCount } from "../core/checks.js";

/**
 * n numbers at equal distances from low to high, both included.
 * @throws DomainError unless n is a whole number of at least 2
 * @example linspace(0, 1, 5) // [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(low: number, high: number, n: number): number[] {
  checkCount("linspace: n", n, 2);
  return Array.from({ length: n }, (_, i) => (i === n - 1 ? high : low + ((high - low) * i) / (n - 1)));
}
