import { type Key, randint, sampleWithoutReplacement, split } from "../../random/index.js";
import { linearReward } from "../../rewards/index.js";
import { judgeSentences, type MoodComparisons, type MoodSentence, type MoodTask, moodSentence } from "./moodTask.js";

/** Turns the words of a text into the features of a linear reward. */
export type ReadWords = (words: readonly string[]) => ArrayLike<number>;

/**
 * A writer who wants a high reward: it appends `length` words of the bag, each the one that raises the linear reward
 * `weights` most. After each word: the learned reward and the true utility, in nats.
 */
export function writeGreedily(
  task: MoodTask,
  weights: ArrayLike<number>,
  { length = 40, read = task.bag.counts }: { length?: number; read?: ReadWords } = {},
): { words: string[]; learned: number[]; mood: number[] } {
  const value = (words: readonly string[]) => linearReward.rewards(weights, Float64Array.from(read(words)))[0];
  const written: string[] = [];
  const learned: number[] = [];
  const mood: number[] = [];
  for (let t = 0; t < length; t++) {
    let best = { word: "", reward: Number.NEGATIVE_INFINITY };
    for (const word of task.bag.vocabulary) {
      const reward = value([...written, word]);
      if (reward > best.reward) best = { word, reward };
    }
    written.push(best.word);
    learned.push(best.reward);
    mood.push(moodSentence(task, written).mood);
  }
  return { words: written, learned, mood };
}

/**
 * n comparisons of texts as a writer writes them: eight words each, drawn with repetition from one to six of the words
 * `liked`. Their prompts are numbered from the number of chapters on.
 */
export function writerComparisons(key: Key, task: MoodTask, liked: readonly string[], n: number): MoodComparisons {
  const [textKey, labelKey] = split(key);
  const text = (k: Key): MoodSentence => {
    const [sizeKey, handfulKey, orderKey] = split(k, 3);
    const handful = sampleWithoutReplacement(handfulKey, liked, 1 + randint(sizeKey, 1, 0, 6)[0]);
    return moodSentence(
      task,
      Array.from(randint(orderKey, 8, 0, handful.length), (i) => handful[i]),
    );
  };
  const texts = split(textKey, 2 * n).map(text);
  const prompts = Int32Array.from({ length: n }, (_, i) => task.chapters.length + i);
  return judgeSentences(labelKey, texts.slice(0, n), texts.slice(n), prompts);
}

/** Two lists of comparisons, one after the other. */
export function joinComparisons(first: MoodComparisons, second: MoodComparisons): MoodComparisons {
  return {
    prompt: Int32Array.from([...first.prompt, ...second.prompt]),
    chosen: [...first.chosen, ...second.chosen],
    rejected: [...first.rejected, ...second.rejected],
  };
}
