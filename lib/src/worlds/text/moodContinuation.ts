import { checkCount } from "../../core/checks.js";
import { afinn, type Corpus, type CorpusOptions, loadCorpus } from "../../data/index.js";
import { type Key, randint } from "../../random/index.js";
import { moodOf } from "../../rewards/index.js";
import { BytePairTokenizer, sentencesOf, type Tokenizer } from "../../tokenizers/index.js";

/** How a sentence of the book begins, and how Melville went on, in tokens. */
export interface Demonstration {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
}

/**
 * Continue a sentence of Moby Dick in a good mood. What people want is known to us only: the mood of the continuation,
 * the sum of the AFINN valences of its different words, in nats. The same task on another book, with a sentiment
 * classifier for the truth, is the first one of Ziegler et al. 2019 (arXiv:1909.08593).
 */
export interface MoodContinuation {
  readonly tokenizer: Tokenizer;
  /** The book in tokens, in two parts with no chapter in common. */
  readonly corpus: Corpus;
  /** P and N: tokens of a prompt, and of a continuation. */
  readonly promptTokens: number;
  readonly newTokens: number;
  /** Sentence beginnings with their true continuations: those to learn from, and those to be asked about in tests. */
  readonly demonstrations: readonly Demonstration[];
  readonly heldOut: readonly Demonstration[];
  /** True utility of a continuation, in nats. */
  mood(text: string): number;
  /** `count` prompts, drawn with replacement from the demonstrations, or from the held-out chapters. */
  prompts(key: Key, count: number, part?: "demonstrations" | "heldOut"): readonly number[][];
}

export interface MoodContinuationOptions {
  /** Tokens of the byte-pair tokenizer, trained on the chapters to learn from; 2048 by default. */
  vocabulary?: number;
  promptTokens?: number;
  newTokens?: number;
  /** Another book; Moby Dick by default. */
  chapters?: CorpusOptions["chapters"];
}

/**
 * Builds the task; the key decides which chapters are held out.
 * @throws DomainError if a size is not a whole number of at least 1
 */
export function moodContinuation(key: Key, options: MoodContinuationOptions = {}): MoodContinuation {
  const { vocabulary = 2048, promptTokens = 8, newTokens = 24, chapters } = options;
  for (const [name, size] of Object.entries({ promptTokens, newTokens })) {
    checkCount(name, size);
  }
  // Once with characters, only to see which chapters are to learn from: a tokenizer must not have read the others.
  const { trainChapters } = loadCorpus(key, { chapters });
  const tokenizer = BytePairTokenizer.train(trainChapters.map(({ text }) => text).join("\n"), vocabulary);
  const corpus = loadCorpus(key, { chapters, tokenizer });
  const begin = (parts: Corpus["trainChapters"]) =>
    parts.flatMap(({ text }) => demonstrationsOf(text, tokenizer, promptTokens, newTokens));
  const demonstrations = begin(corpus.trainChapters);
  const heldOut = begin(corpus.validationChapters);
  const valence = afinn();
  return {
    tokenizer,
    corpus,
    promptTokens,
    newTokens,
    demonstrations,
    heldOut,
    mood: (text) => moodOf(text, valence),
    prompts(promptKey, count, part = "demonstrations") {
      const from = part === "demonstrations" ? demonstrations : heldOut;
      return Array.from(randint(promptKey, count, 0, from.length), (i) => [...from[i].prompt]);
    },
  };
}

/** Every sentence of a chapter with what follows it, as far as there are tokens enough. */
function demonstrationsOf(text: string, tokenizer: Tokenizer, P: number, N: number): Demonstration[] {
  const sentences = sentencesOf(text);
  const out: Demonstration[] = [];
  for (let i = 0; i < sentences.length; i++) {
    // About three characters a token: six are enough, and the check below sees to it.
    let ahead = sentences[i];
    for (let j = i + 1; j < sentences.length && ahead.length < 6 * (P + N); j++) ahead += ` ${sentences[j]}`;
    const tokens = tokenizer.encode(ahead);
    if (tokens.length >= P + N) out.push({ prompt: tokens.slice(0, P), completion: tokens.slice(P, P + N) });
  }
  return out;
}
