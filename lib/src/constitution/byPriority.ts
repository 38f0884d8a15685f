import { complaint, DomainError } from "../core/index.js";
import type { CompiledRule, Exchange } from "./rules.js";

/**
 * Compares two replies by principles in their order (lexicographically): the first principle whose scores differ
 * decides. Above 0: the first reply is better; below 0: the second; 0: all scores agree. No number of lower principles
 * outweighs a higher one. With a `tolerance` scores that differ by no more count as equal, and then the comparison
 * need not be transitive: (0.50, 0.10), (0.53, 0.05), (0.56, 0) beat one another in a circle at 0.04.
 * @throws DomainError without rules, or for a negative tolerance
 */
export function byPriority(
  rules: readonly CompiledRule[],
  { tolerance = 0 }: { tolerance?: number } = {},
): (first: Exchange, second: Exchange) => number {
  if (rules.length === 0) throw new DomainError(complaint("rules", "at least one", rules));
  if (!(tolerance >= 0)) throw new DomainError(complaint("tolerance", "a number of at least 0", tolerance));
  return (first, second) => {
    for (const { score } of rules) {
      const difference = score(first) - score(second);
      if (Math.abs(difference) > tolerance) return difference;
    }
    return 0;
  };
}
