import { wordsOf } from "../../tokenizers/index.js";

export interface SentimentOptions {
  /** Count a word each time it occurs, as AFINN's author does; default false: once (`moodOf`). */
  repeats?: boolean;
  /** Divide by the number of words, so that length alone earns nothing; default false. */
  perWord?: boolean;
}

/**
 * How a text sounds to a word list: the sum of its words' valences (AFINN: -5 to 5), 0 for a text without known words.
 * It reads no grammar: "not good" sounds good. Nielsen 2011, arXiv:1103.2903.
 */
export function lexiconSentiment(
  text: string,
  valence: ReadonlyMap<string, number>,
  { repeats = false, perWord = false }: SentimentOptions = {},
): number {
  const words = wordsOf(text);
  const counted = repeats ? words : [...new Set(words)];
  const sum = counted.reduce((total, word) => total + (valence.get(word) ?? 0), 0);
  return perWord && words.length > 0 ? sum / words.length : sum;
}
