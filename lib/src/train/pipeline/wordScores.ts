import { afinn } from "../../data/index.js";
import type { MoodContinuation } from "../../rewards/index.js";
import { disposeTree } from "../../tensor/index.js";
import { groupBatch } from "../rewardGroups.js";
import type { JudgedGroup } from "./compare.js";
import type { LearnedReward } from "./learnReward.js";

/** What a reward model thinks of a word, and what AFINN does (0 if it does not know it). */
export interface WordScore {
  readonly word: string;
  readonly valence: number;
  /** Mean of what the word's token adds to the reward, in nats. */
  readonly score: number;
  readonly count: number;
}

/** Scores of the words that are one token (a space, letters, and no letter after it), where they occur at least `least` times. */
export function wordScores(
  { model, params }: LearnedReward,
  groups: readonly JudgedGroup[],
  { tokenizer, promptTokens, newTokens }: MoodContinuation,
  { least = 10 }: { least?: number } = {},
): WordScore[] {
  const length = promptTokens + newTokens;
  const sums = new Map<string, { score: number; count: number }>();
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
        pieces.forEach((piece, t) => {
          if (!/^ [A-Za-z]+$/.test(piece) || /^[A-Za-z]/.test(pieces[t + 1] ?? "a")) return;
          const word = piece.trim().toLowerCase();
          const sum = sums.get(word) ?? { score: 0, count: 0 };
          sums.set(word, { score: sum.score + scores[row][promptTokens + t], count: sum.count + 1 });
        });
      });
  }
  const valence = afinn();
  return [...sums]
    .filter(([, { count }]) => count >= least)
    .map(([word, { score, count }]) => ({ word, valence: valence.get(word) ?? 0, score: score / count, count }));
}
