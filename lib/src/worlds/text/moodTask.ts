import { complaint, DomainError } from "../../core/index.js";
import { afinn, mobyDick } from "../../data/index.js";
import type { Noise } from "../../preferences/index.js";
import { type Key, randint, split, uniform } from "../../random/index.js";
import {
  type BagOfWords,
  bagOfWords,
  type FeaturePairs,
  featurePairs,
  frequentWords,
  labelPairs,
  moodOf,
} from "../../rewards/index.js";
import { sentencesOf, wordsOf } from "../../tokenizers/index.js";

/** A sentence and its true utility. */
export interface MoodSentence {
  readonly text: string;
  readonly words: readonly string[];
  /** How it sounds: the sum of AFINN's valences over its different words, in nats. What the learner never sees. */
  readonly mood: number;
}

/**
 * Real sentences with a utility that is known: those of Moby Dick, with 5 to 40 words, of which AFINN knows at least
 * one. Labelers prefer the gladder of two sentences of a chapter.
 */
export interface MoodTask {
  /** Sentences by chapter: the prompts. */
  readonly chapters: readonly (readonly MoodSentence[])[];
  /** What a model of bags of words reads: half of it words that AFINN knows, half words that it does not. */
  readonly bag: BagOfWords;
  /** The true weight of each word of the bag: its valence, or 0. */
  readonly valences: Float64Array;
  readonly valence: ReadonlyMap<string, number>;
}

/** Comparisons of sentences. Row k: to chapter prompt[k], chosen[k] was preferred to rejected[k]. */
export interface MoodComparisons {
  readonly prompt: Int32Array;
  readonly chosen: readonly MoodSentence[];
  readonly rejected: readonly MoodSentence[];
}

/**
 * The mood task. Its vocabulary are the words most frequent in the first hundred chapters.
 * @throws DomainError unless it is even
 */
export function moodTask({ vocabulary = 300 }: { vocabulary?: number } = {}): MoodTask {
  if (!Number.isInteger(vocabulary) || vocabulary < 2 || vocabulary % 2 !== 0) {
    throw new DomainError(complaint("vocabulary", "an even number of words", vocabulary));
  }
  const valence = afinn();
  const chapters = mobyDick().map(({ text }) =>
    sentencesOf(text)
      .map((sentence) => ({ text: sentence, words: wordsOf(sentence), mood: moodOf(sentence, valence) }))
      .filter(({ words }) => words.length >= 5 && words.length <= 40 && words.some((word) => valence.has(word))),
  );
  const texts = chapters.slice(0, 100).flatMap((list) => list.map(({ words }) => words));
  const half = (known: boolean) =>
    frequentWords(
      texts.map((words) => words.filter((word) => valence.has(word) === known)),
      vocabulary / 2,
    );
  const bag = bagOfWords([...half(true), ...half(false)]);
  return {
    chapters: chapters.filter((list) => list.length >= 2),
    bag,
    valences: Float64Array.from(bag.vocabulary, (word) => valence.get(word) ?? 0),
    valence,
  };
}

/**
 * n independent comparisons: a chapter of from .. to - 1 by chance, two of its sentences by chance (perhaps the
 * same), and a labeler's choice.
 * @throws DomainError unless 0 <= from < to <= the number of chapters
 */
export function moodComparisons(
  key: Key,
  task: MoodTask,
  n: number,
  { from = 0, to = 100, noise = {} }: { from?: number; to?: number; noise?: Noise } = {},
): MoodComparisons {
  if (!(from >= 0 && from < to && to <= task.chapters.length)) {
    throw new DomainError(complaint("[from, to)", `chapters of 0 to ${task.chapters.length}`, [from, to]));
  }
  const [promptKey, sentenceKey, labelKey] = split(key, 3);
  const prompt = randint(promptKey, n, from, to);
  const place = uniform(sentenceKey, 2 * n);
  const pick = (k: number, which: number) => {
    const sentences = task.chapters[prompt[k]];
    return sentences[Math.floor(place[2 * k + which] * sentences.length)];
  };
  const first = Array.from(prompt, (_, k) => pick(k, 0));
  const second = Array.from(prompt, (_, k) => pick(k, 1));
  return judgeSentences(labelKey, first, second, prompt, noise);
}

/** What a labeler who prefers gladder texts says about given pairs. */
export function judgeSentences(
  key: Key,
  first: readonly MoodSentence[],
  second: readonly MoodSentence[],
  prompt: Int32Array,
  noise: Noise = {},
): MoodComparisons {
  const mood = (sentences: readonly MoodSentence[]) => sentences.map((sentence) => sentence.mood);
  const labels = labelPairs(key, mood(first), mood(second), noise);
  return {
    prompt,
    chosen: first.map((sentence, k) => (labels[k] === 1 ? sentence : second[k])),
    rejected: first.map((sentence, k) => (labels[k] === 1 ? second[k] : sentence)),
  };
}

/** A text as a sentence of the task, with its true mood. */
export function moodSentence(task: MoodTask, words: readonly string[]): MoodSentence {
  const text = words.join(" ");
  return { text, words: [...words], mood: moodOf(text, task.valence) };
}

/** Comparisons as features; `read` turns the words of a sentence into numbers, by default the counts of the bag. */
export function moodFeatures(
  task: MoodTask,
  { chosen, rejected, prompt }: MoodComparisons,
  read: (words: readonly string[]) => ArrayLike<number> = task.bag.counts,
): FeaturePairs {
  const features = (sentences: readonly MoodSentence[]) => sentences.map(({ words }) => read(words));
  return featurePairs(features(chosen), features(rejected), prompt);
}

/** True utility of chosen minus rejected, in nats, [rows]: for the ceiling. */
export function moodDifferences({ chosen, rejected }: MoodComparisons): Float64Array {
  return Float64Array.from(chosen, ({ mood }, k) => mood - rejected[k].mood);
}
