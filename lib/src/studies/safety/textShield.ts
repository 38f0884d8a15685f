import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { afinn } from "../../data/index.js";
import { type Key, split } from "../../random/index.js";
import { forbiddenPhrases } from "../../safety/index.js";
import { isAccepted, type TokenAutomaton } from "../../tokenizers/index.js";
import { type SampledCompletion, sampleCompletions } from "../../train/index.js";
import type { MoodWriter } from "../hacking/moodTables.js";

/**
 * The words of AFINN-111 with a valence of at most `valence`, -4 by default: curses and catastrophes, 59 of them.
 * (Nielsen 2011, arXiv:1103.2903.)
 * @throws DomainError if there are none
 */
export function harshWords(valence = -4): string[] {
  const words = [...afinn()].filter(([, value]) => value <= valence).map(([word]) => word);
  if (words.length === 0) throw new DomainError(complaint("valence", "a number from -5 to 5", valence));
  return words;
}

/** What a text model continues with, left alone and shielded; the same prompts and random numbers in both. */
export interface ShieldedTexts {
  /** How many of the n continuations complete a forbidden phrase. */
  readonly wrong: { readonly free: number; readonly masked: number };
  /**
   * The true mood of the continuations, means: of all free ones, of the masked ones, and of the free ones that are
   * clean, which are draws from the exact conditional (rejection).
   */
  readonly mood: { readonly free: number; readonly masked: number; readonly conditioned: number };
  /** Where the free model said something forbidden: what came before, what it said, and what it said instead. */
  readonly instead: readonly { readonly prompt: string; readonly free: string; readonly masked: string }[];
}

export interface TextShieldOptions {
  /** What must not be said, in any case; AFINN's -4 and -5 words by default. */
  phrases?: readonly string[];
  /** Continuations; 2,000 by default. */
  n?: number;
  /** Words by themselves (default), or any run of letters: then "hell" forbids "shell" as well. */
  wholeWords?: boolean;
}

/**
 * A shield for a text model: n continuations of held-out beginnings, free and by constrained decoding. Whether a text
 * is wrong is asked of the decoded text by a regular expression, not of the automaton that shielded it.
 * @throws DomainError for phrases without letters, or n below 1
 */
export function textShield(key: Key, writer: MoodWriter, options: TextShieldOptions = {}): ShieldedTexts {
  const { phrases = harshWords(), n = 2000, wholeWords = true } = options;
  checkCount("n", n);
  const [promptKey, writeKey] = split(key);
  const { task, model, params, config } = writer;
  const prompts = task.prompts(promptKey, n, "heldOut");
  const automaton = textAutomaton(writer, phrases, wholeWords);
  const reward = ({ written }: { written: readonly (readonly number[])[] }) =>
    written.map((completion) => task.mood(task.tokenizer.decode(completion)));
  const sample = (rule?: TokenAutomaton) =>
    sampleCompletions(writeKey, {
      ...{ model, params, prompts, n: 1, newTokens: config.newTokens, reward, batch: 128 },
      ...(rule !== undefined && { automaton: rule }),
    });
  const [free, masked] = [sample(), sample(automaton)];
  const says = phraseFinder(phrases, wholeWords);
  const isWrong = ({ prompt, completion }: SampledCompletion) => {
    const before = task.tokenizer.decode(prompt).length;
    return says(task.tokenizer.decode([...prompt, ...completion]), before);
  };
  const clean = free.filter(({ prompt, completion }) => isAccepted(automaton, completion, prompt));
  const mood = (list: readonly SampledCompletion[]) => list.reduce((sum, one) => sum + one.reward, 0) / list.length;
  const text = (tokens: readonly number[]) => task.tokenizer.decode(tokens);
  return {
    wrong: { free: free.filter(isWrong).length, masked: masked.filter(isWrong).length },
    mood: { free: mood(free), masked: mood(masked), conditioned: mood(clean) },
    instead: free.flatMap((one, i) =>
      isWrong(one)
        ? [{ prompt: text(one.prompt), free: text(one.completion), masked: text(masked[i].completion) }]
        : [],
    ),
  };
}

/** The automaton of phrases over a writer's tokens, in any case; it writes on until its tokens are used up. */
export function textAutomaton({ task }: MoodWriter, phrases: readonly string[], wholeWords = true): TokenAutomaton {
  const { tokenizer } = task;
  const vocabulary = Array.from({ length: tokenizer.vocabularySize }, (_, id) => tokenizer.bytes(id));
  return forbiddenPhrases(vocabulary, phrases, { wholeWords, ignoreCase: true });
}

/** Whether a text has one of the phrases, in any case, that ends behind its first `before` characters. */
function phraseFinder(phrases: readonly string[], wholeWords: boolean): (text: string, before: number) => boolean {
  const letter = "[a-zA-Z\\u0080-\\uffff]";
  const sources = phrases.map((phrase) => {
    if (!wholeWords) return phrase.replace(/[^a-zA-Z0-9 ]/g, "\\$&");
    const words = phrase.split(/[^a-zA-Z\u0080-\uffff]+/).filter(Boolean);
    return `(?<!${letter})${words.join("[^a-zA-Z\\u0080-\\uffff]+")}(?!${letter})`;
  });
  const finder = new RegExp(sources.join("|"), "gi");
  return (text, before) => [...text.matchAll(finder)].some((match) => match.index + match[0].length > before);
}
