import { type Comparison, complaint, DataError, DomainError } from "../../core/index.js";
import type { Tokenizer } from "../../tokenizers/index.js";

export interface EncodeComparisonsOptions {
  /** Keep the last so many tokens of a prompt, as many as a model's context has room for; by default all. */
  promptTokens?: number;
  /** Keep the first so many tokens of an answer; by default all. */
  completionTokens?: number;
  /** A token that ends an answer which was not cut, the tokenizer's `special.eos` say; by default none. */
  end?: number;
}

export interface EncodedComparisons {
  /**
   * In tokens, for every trainer: `trainDirect({ comparisons })`, `completionInputs(comparisons)`,
   * `tokenInputs(comparisons)`.
   */
  comparisons: Comparison<number[]>[];
  /** How many prompts and answers were shortened. */
  cut: { prompts: number; answers: number };
  /**
   * How many comparisons teach nothing in tokens and were left out: an answer came out empty,
   * or both the same once cut.
   */
  left: { empty: number; alike: number };
}

/**
 * Comparisons of texts as comparisons of token rows: prompt and answers are encoded each by itself, a prompt keeps its
 * end and an answer its beginning.
 * @throws DomainError for a number of tokens that cannot be; DataError for a text that the tokenizer cannot write,
 *   with the comparison's number
 */
export async function encodeComparisons(
  tokenizer: Tokenizer,
  comparisons: Iterable<Comparison<string>> | AsyncIterable<Comparison<string>>,
  {
    promptTokens = Number.POSITIVE_INFINITY,
    completionTokens = Number.POSITIVE_INFINITY,
    end,
  }: EncodeComparisonsOptions = {},
): Promise<EncodedComparisons> {
  for (const [name, count] of Object.entries({ promptTokens, completionTokens })) {
    if (!(count >= 1 && (Number.isInteger(count) || count === Number.POSITIVE_INFINITY))) {
      throw new DomainError(complaint(name, "a whole number of at least 1", count));
    }
  }
  if (end !== undefined && !(Number.isInteger(end) && end >= 0 && end < tokenizer.vocabularySize)) {
    throw new DomainError(complaint("end", `a token, 0 to ${tokenizer.vocabularySize - 1}`, end));
  }
  const result: EncodedComparisons = { comparisons: [], cut: { prompts: 0, answers: 0 }, left: { empty: 0, alike: 0 } };
  const answerOf = (text: string) => {
    const tokens = tokenizer.encode(text);
    if (tokens.length === 0) return tokens;
    const whole = end === undefined ? tokens : [...tokens, end];
    if (whole.length > completionTokens) result.cut.answers++;
    return whole.slice(0, completionTokens);
  };
  let number = 0;
  for await (const comparison of comparisons) {
    number++;
    const { prompt, chosen, rejected } = named(number, () => ({
      prompt: tokenizer.encode(comparison.prompt),
      chosen: answerOf(comparison.chosen),
      rejected: answerOf(comparison.rejected),
    }));
    if (chosen.length === 0 || rejected.length === 0) result.left.empty++;
    else if (chosen.join() === rejected.join()) result.left.alike++;
    else {
      if (prompt.length > promptTokens) result.cut.prompts++;
      result.comparisons.push({ prompt: prompt.slice(-promptTokens), chosen, rejected });
    }
  }
  return result;
}

/** What a tokenizer cannot write, with the number of the comparison. */
function named<T>(number: number, encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`comparison ${number}: ${error.message}`);
    throw error;
  }
}
