import { complaint, DomainError } from "../core/index.js";
import { sequenceIndex } from "../trees/index.js";
import { type PhraseTask, phraseUtility, phraseWords } from "./phrases.js";

const word = (name: (typeof phraseWords)[number]) => phraseWords.indexOf(name);
const [END, BAD, VERY] = [word("<end>"), word("bad"), word("very")];

/** Scores of every reply of the phrase task on principles that one might write down, each [N], from 0 to 1. */
export interface PhrasePrinciples {
  /** "Be brief": 1 minus a fifth per word. */
  readonly brief: Float64Array;
  /** "Be glad": the reply's mood, scaled so that the gladdest has 1 and the saddest 0. */
  readonly glad: Float64Array;
  /** "Speak of what was asked": 1 if only that is named, 0 if only the other thing is, else one half. */
  readonly onTopic: Float64Array;
  /** "Finish": 1 if the reply ends, 0 if it is cut off. */
  readonly finish: Float64Array;
  /** "Never say bad": 1 if the word is missing. */
  readonly neverBad: Float64Array;
  /** "Be plain": 1 minus the share of its words that are "very". */
  readonly plain: Float64Array;
  /** "Say no word twice": 1 or 0. */
  readonly noWordTwice: Float64Array;
}

/**
 * The principles' scores of replies to a prompt, 0 for the whale and 1 for the sea.
 * @throws DomainError unless prompt is 0 or 1
 */
export function phrasePrinciples(task: PhraseTask, prompt = 0): PhrasePrinciples {
  const asked = task.prompts[prompt];
  if (asked === undefined) throw new DomainError(complaint("prompt", "0 or 1", prompt));
  const of = (score: (words: readonly number[], reply: readonly number[]) => number) =>
    Float64Array.from(task.tree.sequences, (reply) => score(phraseContent(reply), reply));
  const moods = task.tree.sequences.map((reply) => phraseUtility(asked, reply).mood);
  const low = moods.reduce((a, b) => Math.min(a, b));
  const high = moods.reduce((a, b) => Math.max(a, b));
  return {
    brief: of((words) => 1 - words.length / task.tree.length),
    glad: Float64Array.from(moods, (mood) => (mood - low) / (high - low)),
    onTopic: of((_, reply) => (1 + phraseUtility(asked, reply).topic) / 2),
    finish: of((_, reply) => (reply.at(-1) === END ? 1 : 0)),
    neverBad: of((words) => (words.includes(BAD) ? 0 : 1)),
    plain: of((words) => 1 - words.filter((w) => w === VERY).length / Math.max(1, words.length)),
    noWordTwice: of((words) => (new Set(words).size === words.length ? 1 : 0)),
  };
}

/** How many words each reply has, without its end token, [N]. */
export function phraseLengths(task: PhraseTask): Float64Array {
  return Float64Array.from(task.tree.sequences, (reply) => phraseContent(reply).length);
}

/** The words of a reply, without its end token. */
export function phraseContent(reply: readonly number[]): readonly number[] {
  return reply.at(-1) === END ? reply.slice(0, -1) : reply;
}

export interface PhraseRevisionOptions {
  /** Whether a revision may break a principle that held; true unless given. */
  mayBreak?: boolean;
}

/**
 * One round of critique and revision for every reply, [N]: the critic names the first principle that does not hold, and
 * the reply is changed by one word (put in, taken out or replaced) to the one that keeps this principle and that the
 * reference writes most often. -1 where all principles hold, or no such change is known.
 * @param logRef log-probabilities of the reference, [N]
 * @param holds [k][N]: whether a principle holds of a reply, in the order of the constitution
 */
export function phraseRevisions(
  task: PhraseTask,
  logRef: ArrayLike<number>,
  holds: readonly ArrayLike<number | boolean>[],
  { mayBreak = true }: PhraseRevisionOptions = {},
): Int32Array {
  return Int32Array.from(task.tree.sequences, (reply, y) => {
    const broken = holds.findIndex((row) => !row[y]);
    if (broken < 0) return -1;
    let best = -1;
    for (const other of oneWordAway(task, reply)) {
      if (!holds[broken][other] || (best >= 0 && logRef[other] <= logRef[best])) continue;
      if (mayBreak || holds.every((row) => !row[y] || row[other])) best = other;
    }
    return best;
  });
}

/** The numbers of all replies that differ by one word put in, taken out or replaced. */
export function oneWordAway(task: PhraseTask, reply: readonly number[]): number[] {
  const words = phraseContent(reply);
  const most = task.tree.length;
  const found = new Set<number>();
  const add = (changed: readonly number[]) => {
    if (changed.length > most) return;
    found.add(sequenceIndex(task.tree, changed.length === most ? changed : [...changed, END]));
  };
  for (let at = 0; at <= words.length; at++) {
    if (at < words.length) add([...words.slice(0, at), ...words.slice(at + 1)]);
    for (let w = 0; w < phraseWords.length; w++) {
      if (w === END) continue;
      add([...words.slice(0, at), w, ...words.slice(at)]);
      if (at < words.length && w !== words[at]) add([...words.slice(0, at), w, ...words.slice(at + 1)]);
    }
  }
  return [...found];
}
