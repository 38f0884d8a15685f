import { complaint, DomainError } from "../core/index.js";

/**
 * Texts as vectors: entry j says how often (or whether) word j of the vocabulary occurs. The order of words is lost.
 */
export interface BagOfWords {
  readonly vocabulary: readonly string[];
  /** How often each word occurs, [V]. Words outside the vocabulary are not seen. */
  counts(words: readonly string[]): Float64Array;
  /** 1 where a word occurs at all, [V]. */
  presence(words: readonly string[]): Float64Array;
}

/**
 * A bag of these words.
 * @throws DomainError if the vocabulary is empty or names a word twice
 * @example bagOfWords(["whale", "sea"]).counts(wordsOf("A whale, a white whale")) // [2, 0]
 */
export function bagOfWords(vocabulary: readonly string[]): BagOfWords {
  const place = new Map(vocabulary.map((word, j) => [word, j]));
  if (place.size === 0 || place.size < vocabulary.length) {
    throw new DomainError(complaint("vocabulary", "different words, at least one", vocabulary));
  }
  const counts = (words: readonly string[]) => {
    const out = new Float64Array(vocabulary.length);
    for (const word of words) {
      const j = place.get(word);
      if (j !== undefined) out[j]++;
    }
    return out;
  };
  return { vocabulary: [...vocabulary], counts, presence: (words) => counts(words).map((count) => Math.min(count, 1)) };
}

/** The `size` words that occur in most of the texts, most frequent first; ties in alphabetical order. */
export function frequentWords(texts: readonly (readonly string[])[], size: number): string[] {
  const seen = new Map<string, number>();
  for (const words of texts) for (const word of new Set(words)) seen.set(word, (seen.get(word) ?? 0) + 1);
  return Array.from(seen)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, size)
    .map(([word]) => word);
}
