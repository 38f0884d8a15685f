import { complaint, DomainError } from "../../core/index.js";
import { lcsLength, lcsPlaces } from "./lcs.js";
import { clippedMatches } from "./ngrams.js";

/** Overlap with a reference, each 0 to 1. */
export interface Rouge {
  /** Share of the candidate that the reference holds. */
  readonly precision: number;
  /** Share of the reference that the candidate holds. */
  readonly recall: number;
  /** 2 precision recall / (precision + recall), or 0. */
  readonly fMeasure: number;
}

export interface RougeReading {
  /**
   * Applied to words of more than three letters; default none. With `nltkPorterStem` it is
   * rouge-score's use_stemmer=True.
   */
  stem?: (word: string) => string;
}

/** Runs of a-z and 0-9 in lower case; everything else separates. rouge-score's tokeniser. */
export function rougeTokens(text: string, { stem }: RougeReading = {}): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return stem === undefined ? words : words.map((word) => (word.length > 3 ? stem(word) : word));
}

function rouge(hits: number, candidate: number, reference: number): Rouge {
  const precision = candidate === 0 ? 0 : hits / candidate;
  const recall = reference === 0 ? 0 : hits / reference;
  const sum = precision + recall;
  return { precision, recall, fMeasure: sum > 0 ? (2 * precision * recall) / sum : 0 };
}

/**
 * ROUGE-n: clipped n-gram overlap. Lin 2004; as the Python package rouge-score computes it. A text
 * without n-grams scores 0.
 * @throws DomainError unless n is a whole number >= 1
 */
export function rougeN(n: number, candidate: string, reference: string, reading: RougeReading = {}): Rouge {
  const [mine, other] = [rougeTokens(candidate, reading), rougeTokens(reference, reading)];
  const { matched, total } = clippedMatches(mine, [other], n);
  return rouge(matched, total, Math.max(0, other.length - n + 1));
}

/**
 * ROUGE-L: the longest common subsequence of the two texts, each taken as one sentence. Lin 2004, section 3.1;
 * beta = 1, as rouge-score.
 * @example rougeL("the white whale swims", "the whale swims away") // { precision: 0.75, recall: 0.75, fMeasure: 0.75 }
 */
export function rougeL(candidate: string, reference: string, reading: RougeReading = {}): Rouge {
  const [mine, other] = [rougeTokens(candidate, reading), rougeTokens(reference, reading)];
  return rouge(lcsLength(other, mine), mine.length, other.length);
}

/**
 * ROUGE-Lsum, for texts of several sentences, one a line: for each sentence of the reference the union of its longest
 * common subsequences with every sentence of the candidate; no token counts more often than either text has it. Lin
 * 2004, section 3.2, with the guard against double counting of ROUGE-1.5.5, as rouge-score.
 */
export function rougeLsum(candidate: string, reference: string, reading: RougeReading = {}): Rouge {
  const sentences = (text: string) => text.split("\n").map((line) => rougeTokens(line, reading));
  const [mine, others] = [sentences(candidate), sentences(reference)];
  const left = [count(mine.flat()), count(others.flat())];
  let hits = 0;
  for (const other of others) {
    const union = new Set(mine.flatMap((sentence) => lcsPlaces(other, sentence)));
    for (const place of union) {
      const token = other[place];
      if (left.some((counts) => (counts.get(token) ?? 0) === 0)) continue;
      hits++;
      for (const counts of left) counts.set(token, counts.get(token)! - 1);
    }
  }
  return rouge(hits, mine.flat().length, others.flat().length);
}

/**
 * The best of several references, by F measure; of equals the first.
 * @throws DomainError if there is no reference
 */
export function bestRouge(scores: readonly Rouge[]): Rouge {
  if (scores.length === 0) throw new DomainError(complaint("scores", "those of at least one reference", scores));
  return scores.reduce((best, score) => (score.fMeasure > best.fMeasure ? score : best));
}

function count(tokens: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}
