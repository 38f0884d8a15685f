import { afinn } from "../../data/index.js";
import { preferenceAccuracy } from "../../rewards/index.js";
import { wordsOf } from "../../tokenizers/index.js";
import type { MoodContinuation } from "../../worlds/text/index.js";
import { type ComparisonSets, comparisonsOf } from "./collectComparisons.js";

/** What one would guess right of the test answers who knew the true worth of some words, and nothing of all others. */
export interface KnownWords {
  readonly words: number;
  /** In how many of the continuations to learn from the rarest of them occurs. */
  readonly seen: number;
  readonly accuracy: number;
}

/**
 * How long the tail is: the accuracy of a scorer that knows what the `count` most frequent words that are worth
 * something are worth, for each count of a list. Continuations that it finds equal count half.
 */
export function knowingWords(
  task: MoodContinuation,
  { train, test }: ComparisonSets,
  counts: readonly number[],
): KnownWords[] {
  const valence = afinn();
  const wordsIn = (completion: ArrayLike<number>) => [...new Set(wordsOf(task.tokenizer.decode(completion)))];
  const seen = new Map<string, number>();
  for (const completion of train.flatMap(({ completions }) => completions)) {
    for (const word of wordsIn(completion)) if (valence.has(word)) seen.set(word, (seen.get(word) ?? 0) + 1);
  }
  const order = [...seen].sort((a, b) => b[1] - a[1]);
  return counts.map((count) => {
    const known = new Map(order.slice(0, count).map(([word]) => [word, valence.get(word) as number]));
    const worth = new Map<readonly number[], number>();
    for (const completion of test.flatMap(({ completions }) => completions)) {
      worth.set(
        completion,
        wordsIn(completion).reduce((sum, word) => sum + (known.get(word) ?? 0), 0),
      );
    }
    const of = (completion: readonly number[]) => worth.get(completion) as number;
    const margins = comparisonsOf(test).map(({ chosen, rejected }) => of(chosen) - of(rejected));
    return { words: known.size, seen: order[known.size - 1]?.[1] ?? 0, accuracy: preferenceAccuracy(margins) };
  });
}
