import { complaint, DomainError } from "../../core/index.js";
import { clippedMatches } from "./ngrams.js";
import { tokenise13a } from "./tokenise.js";

/** What BLEU needs to know of one text or, added up, of a corpus. */
export interface BleuStatistics {
  /** Clipped matches of 1-grams, 2-grams, ..., [order]. */
  readonly matched: readonly number[];
  /** n-grams of the candidate, [order]. */
  readonly total: readonly number[];
  /** Tokens of the candidate. */
  readonly length: number;
  /** Tokens of the reference whose length is closest; of two equally close ones the shorter. */
  readonly referenceLength: number;
}

export interface BleuReading {
  /** Default `tokenise13a`. */
  tokenise?: (text: string) => string[];
  /** Compare in lower case; default false. */
  lowercase?: boolean;
  /** The longest n-grams that count; default 4. */
  order?: number;
}

/** Matches and lengths of one candidate. @throws DomainError if there is no reference */
export function bleuStatistics(
  candidate: string,
  references: readonly string[],
  { tokenise = tokenise13a, lowercase = false, order = 4 }: BleuReading = {},
): BleuStatistics {
  if (references.length === 0) throw new DomainError(complaint("references", "at least one", references));
  const read = (text: string) => tokenise(lowercase ? text.toLowerCase() : text);
  const tokens = read(candidate);
  const others = references.map(read);
  const matches = Array.from({ length: order }, (_, i) => clippedMatches(tokens, others, i + 1));
  const lengths = others.map((other) => other.length).sort((a, b) => a - b);
  const far = (length: number) => Math.abs(length - tokens.length);
  return {
    matched: matches.map(({ matched }) => matched),
    total: matches.map(({ total }) => total),
    length: tokens.length,
    referenceLength: lengths.reduce((best, length) => (far(length) < far(best) ? length : best)),
  };
}

/** The statistics of a corpus: sums. A corpus' BLEU is the BLEU of these, not the mean of its sentences'. */
export function addBleuStatistics(parts: readonly BleuStatistics[]): BleuStatistics {
  if (parts.length === 0) throw new DomainError(complaint("statistics", "those of at least one text", parts));
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const perOrder = (of: (part: BleuStatistics) => readonly number[]) =>
    parts[0].matched.map((_, n) => sum(parts.map((part) => of(part)[n])));
  return {
    matched: perOrder(({ matched }) => matched),
    total: perOrder(({ total }) => total),
    length: sum(parts.map(({ length }) => length)),
    referenceLength: sum(parts.map(({ referenceLength }) => referenceLength)),
  };
}
