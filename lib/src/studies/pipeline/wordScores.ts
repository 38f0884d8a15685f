import { afinn } from "../../data/index.js";
import { disposeTree } from "../../tensor/index.js";
import { wordsOf } from "../../tokenizers/index.js";
import { groupBatch } from "../../train/index.js";
import type { MoodContinuation } from "../../worlds/text/index.js";
import type { JudgedGroup } from "./collectComparisons.js";
import type { PipelineReward } from "./fitReward.js";

/** What a reward model thinks of a word, and what AFINN does (0 if it does not know it). */
export interface WordScore {
  readonly word: string;
  readonly valence: number;
  /**
   * Mean of what the word adds to the reward, in nats: its place in the table, and what the
   * transformer gives to its tokens.
   */
  readonly score: number;
  readonly count: number;
}

/** Scores of the words of some continuations, where they occur at least `least` times. */
export function wordScores(
  { words, model, params }: PipelineReward,
  groups: readonly JudgedGroup[],
  { tokenizer, promptTokens, newTokens }: MoodContinuation,
  { least = 10 }: { least?: number } = {},
): WordScore[] {
  const length = promptTokens + newTokens;
  const sums = new Map<string, { deep: number; count: number }>();
  for (let begin = 0; begin < groups.length; begin += 32) {
    const part = groups.slice(begin, begin + 32);
    const x = groupBatch(part, length);
    const tensor = model.scores(params, x.rows);
    const scores = tensor.arraySync();
    disposeTree([x, tensor]);
    part
      .flatMap(({ completions }) => completions)
      .forEach((completion, row) => {
        const pieces = completion.map((token) => tokenizer.token(token));
        // Tokens are parts of words or of what stands between them: a word takes what the tokens since the last
        // word's end have been given.
        let [text, deep, seen] = ["", 0, 0];
        pieces.forEach((piece, t) => {
          text += piece;
          deep += scores[row][promptTokens + t];
          if (/^[a-z'’]/i.test(pieces[t + 1] ?? "")) return;
          const found = wordsOf(text);
          for (const word of found.slice(seen)) {
            const sum = sums.get(word) ?? { deep: 0, count: 0 };
            sums.set(word, { deep: sum.deep + deep / (found.length - seen), count: sum.count + 1 });
          }
          [deep, seen] = [0, found.length];
        });
      });
  }
  const valence = afinn();
  return [...sums]
    .filter(([, { count }]) => count >= least)
    .map(([word, { deep, count }]) => {
      return { word, valence: valence.get(word) ?? 0, score: (words.get(word) ?? 0) + deep / count, count };
    });
}
