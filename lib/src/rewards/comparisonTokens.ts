import type { Comparison } from "../core/index.js";
import { checkTokenIds } from "../tokenizers/index.js";

type TokenComparison = Comparison<ArrayLike<number>>;

/** Tokens of the longest row, prompt and answer together; 1 if there is none. */
export function longestComparison(comparisons: readonly TokenComparison[]): number {
  return comparisons.reduce(
    (most, { prompt, chosen, rejected }) => Math.max(most, prompt.length + Math.max(chosen.length, rejected.length)),
    1,
  );
}

/**
 * Checks once that tokens are whole numbers of at least 0; what it gives back checks again, with the vocabulary.
 * @throws DomainError
 */
export function checkComparisonTokens(comparisons: readonly TokenComparison[]): (vocabulary?: number) => void {
  const check = (vocabulary?: number) => {
    comparisons.forEach((comparison, k) => {
      for (const name of ["prompt", "chosen", "rejected"] as const) {
        checkTokenIds(`${name}[${k}]`, comparison[name], vocabulary);
      }
    });
  };
  check();
  return check;
}
