import { ngramCounts, type Token } from "./ngrams.js";

/**
 * Distinct-n: different n-grams over all n-grams, (0, 1]. Li et al. 2016, arXiv:1510.03055. A text without
 * n-grams repeats nothing: 1.
 * @throws DomainError unless n is a whole number >= 1
 * @example distinctN(["good", "whale", "good", "whale"], 2) // 0.6667
 */
export function distinctN(tokens: readonly Token[], n: number): number {
  const total = tokens.length - n + 1;
  const different = ngramCounts(tokens, n).size;
  return total <= 0 ? 1 : different / total;
}

/**
 * The share of n-grams that occurred before, 1 - distinct-n: seq-rep-n of Welleck et al. 2019,
 * arXiv:1908.04319. A penalty.
 */
export function repeatedShare(tokens: readonly Token[], n: number): number {
  return 1 - distinctN(tokens, n);
}
