import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/** A token: a word, or the number of one. */
export type Token = string | number;

/**
 * How often each n-gram occurs; the keys join the tokens by a character that no text holds.
 * @throws DomainError unless n is a whole number >= 1
 */
export function ngramCounts(tokens: readonly Token[], n: number): Map<string, number> {
  checkCount("n", n);
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join("\u0000");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** What a precision is made of. */
export interface NgramMatches {
  /** n-grams of the candidate that a reference holds as well, each at most as often as one reference holds it. */
  readonly matched: number;
  /** n-grams of the candidate. */
  readonly total: number;
}

/**
 * Clipped n-gram matches: sum over the candidate's n-grams g of min(count(g), max over references of count_ref(g)).
 * Clipping is what keeps "the the the the" from matching "the cat" four times. Precision is matched / total. Papineni
 * et al. 2002 (BLEU), section 2.1. An empty candidate, or one shorter than n, has 0 of 0.
 * @throws DomainError if there is no reference, or n is no whole number >= 1
 */
export function clippedMatches(
  candidate: readonly Token[],
  references: readonly (readonly Token[])[],
  n: number,
): NgramMatches {
  if (references.length === 0) throw new DomainError(complaint("references", "at least one", references));
  const allowed = new Map<string, number>();
  for (const reference of references) {
    for (const [gram, count] of ngramCounts(reference, n)) allowed.set(gram, Math.max(allowed.get(gram) ?? 0, count));
  }
  let matched = 0;
  for (const [gram, count] of ngramCounts(candidate, n)) matched += Math.min(count, allowed.get(gram) ?? 0);
  return { matched, total: Math.max(0, candidate.length - n + 1) };
}
