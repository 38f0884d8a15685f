import { complaint, DomainError } from "../core/index.js";
import { categorical, type Key, split } from "../random/index.js";
import { type SequenceTree, sequenceLogProbs, sequenceTree } from "../trees/index.js";

/** The words of the phrase task; a token's id is its place. The first one ends a reply, and pads what follows. */
export const phraseWords = ["<end>", "good", "bad", "not", "very", "whale", "sea"] as const;

const [END, GOOD, BAD, NOT, VERY, WHALE, SEA] = phraseWords.map((_, id) => id);

/** What makes up the true utility of a reply. */
export interface PhraseUtility {
  /** How glad the reply is. */
  readonly mood: number;
  /** +1 if it names what was asked about, -1 if it names the other thing. */
  readonly topic: number;
  /** -1 if it is cut off: it never says <end>. */
  readonly ending: number;
  /** The sum. */
  readonly total: number;
}

/**
 * A small world where everything can be known: somebody asks about the whale or the sea (the prompt, one token), and a
 * reply of at most `length` tokens comes back. 7 tokens; with the default length of 5 there are 9331 replies to each of
 * the two prompts, and every expectation, KL, optimum and gradient can be had by enumeration.
 *
 * True utility of a reply = mood + topic + ending:
 * - mood: each "good" counts +1 and each "bad" -1; a "very" before it doubles and each "not" before it flips it,
 *   however far before ("not whale good" is -1), until the next of the two words is reached; and a word wears off: the
 *   second "good" counts half, the third a quarter;
 * - topic: +1 if the reply names the thing asked about, -1 if it names the other thing, wherever;
 * - ending: -1 if the reply does not end.
 * So the value of a word depends on the word just before, on words long past, and on the prompt.
 *
 * People's replies, the reference policy, come from a grammar: [not] [very] good|bad noun, perhaps again; with
 * probability `slip` a word is drawn blindly, so that no reply is impossible.
 *
 * The lexicon score, good words minus bad words, is a proxy as used in practice: right about plain sentences, blind for
 * negation, wear, topic and ending. Its optimum is "good good good good good".
 */
export interface PhraseTask {
  readonly words: readonly string[];
  /** The token ids that a prompt can be: [whale, sea]. */
  readonly prompts: readonly number[];
  /** All replies. */
  readonly tree: SequenceTree;
  /** log-probability of each reply under the reference policy, one array [N] per prompt. */
  readonly reference: readonly Float64Array[];
  /** True utility of each reply, one array [N] per prompt. */
  readonly utility: readonly Float64Array[];
  /** Lexicon score of each reply, [N]. */
  readonly lexicon: Float64Array;
}

export interface PhraseOptions {
  /** Greatest number of tokens of a reply, <end> included; default 5. */
  length?: number;
  /** Probability of a blind word; default 0.05. */
  slip?: number;
}

/**
 * Builds the phrase task.
 * @throws DomainError if length is not 1 to 6 or slip not in (0, 1]
 * @example phraseTask().tree.sequences.length // 9331
 */
export function phraseTask(options: PhraseOptions = {}): PhraseTask {
  const { length = 5, slip = 0.05 } = options;
  if (!Number.isInteger(length) || length < 1 || length > 6) {
    throw new DomainError(complaint("length", "a whole number from 1 to 6", length, "At 6 there are 55,987 replies"));
  }
  if (!(slip > 0 && slip <= 1)) {
    throw new DomainError(complaint("slip", "a probability above 0", slip, "Without slips the KL is infinite"));
  }
  const tree = sequenceTree(phraseWords.length, length, END);
  const prompts = [WHALE, SEA];
  const grammar = prompts.map((prompt) => tree.prefixes.flatMap((prefix) => nextWord(prefix, prompt, slip)));
  return {
    words: phraseWords,
    prompts,
    tree,
    reference: grammar.map((conditionals) => sequenceLogProbs(tree, conditionals.map(Math.log))),
    utility: prompts.map((prompt) => Float64Array.from(tree.sequences, (reply) => phraseUtility(prompt, reply).total)),
    lexicon: Float64Array.from(tree.sequences, lexiconScore),
  };
}

/** The grammar: what a person writes next, [7], after these words. Rows add up to 1. */
function nextWord(prefix: readonly number[], prompt: number, slip: number): number[] {
  const other = prompt === WHALE ? SEA : WHALE;
  const weights = new Array<number>(phraseWords.length).fill(0);
  const give = (...pairs: [word: number, probability: number][]) => {
    for (const [word, probability] of pairs) weights[word] = probability;
  };
  const last = prefix.at(-1);
  if (last === NOT) give([VERY, 0.3], [GOOD, 0.35], [BAD, 0.35]);
  else if (last === VERY) give([GOOD, 0.5], [BAD, 0.5]);
  else if (last === GOOD || last === BAD) give([prompt, 0.5], [other, 0.3], [END, 0.2]);
  else {
    // After a noun a reply usually ends; at its beginning it cannot.
    const end = last === undefined ? 0 : 0.6;
    const phrase: [number, number][] = [
      [NOT, 0.15],
      [VERY, 0.2],
      [GOOD, 0.2],
      [BAD, 0.2],
      [prompt, 0.15],
      [other, 0.1],
    ];
    give([END, end], ...phrase.map(([word, p]): [number, number] => [word, p * (1 - end)]));
  }
  return weights.map((weight) => (1 - slip) * weight + slip / weights.length);
}

/**
 * The true utility of a reply, and what it is made of.
 * @throws DomainError if the prompt is not "whale" (5) or "sea" (6)
 * @example phraseUtility(5, [3, 2, 5, 0]) // { mood: 1, topic: 1, ending: 0, total: 2 }
 */
export function phraseUtility(prompt: number, reply: readonly number[]): PhraseUtility {
  if (prompt !== WHALE && prompt !== SEA) throw new DomainError(complaint("prompt", `${WHALE} or ${SEA}`, prompt));
  const used = new Map<number, number>();
  let mood = 0;
  let sign = 1;
  let strength = 1;
  for (const word of reply) {
    if (word === NOT) sign = -sign;
    else if (word === VERY) strength = 2;
    else if (word === GOOD || word === BAD) {
      const times = used.get(word) ?? 0;
      mood += ((word === GOOD ? 1 : -1) * sign * strength) / 2 ** times;
      used.set(word, times + 1);
      sign = 1;
      strength = 1;
    }
  }
  const other = prompt === WHALE ? SEA : WHALE;
  const topic = (reply.includes(prompt) ? 1 : 0) - (reply.includes(other) ? 1 : 0);
  const ending = reply.at(-1) === END ? 0 : -1;
  return { mood, topic, ending, total: mood + topic + ending };
}

/** Good words minus bad words: the proxy. */
export function lexiconScore(reply: readonly number[]): number {
  return reply.filter((word) => word === GOOD).length - reply.filter((word) => word === BAD).length;
}

/**
 * A reply in words: "not bad whale". A reply that was cut off ends with an ellipsis.
 * @example phraseText([3, 2, 5, 0]) // "not bad whale"
 */
export function phraseText(reply: readonly number[]): string {
  const words = reply.filter((word) => word !== END).map((word) => phraseWords[word]);
  return reply.includes(END) ? words.join(" ") : `${words.join(" ")} ...`;
}

/**
 * n demonstrations: the prompts in turn, each with a reply from the reference policy. `reply` is its number in
 * `tree.sequences`; `tokens` is the row for a neural model, prompt first, padded with <end>, of length 1 + task.length.
 */
export function phraseDemonstrations(
  key: Key,
  task: PhraseTask,
  n: number,
): { prompt: number; reply: number; tokens: number[] }[] {
  const keys = split(key, task.prompts.length);
  const replies = task.prompts.map((_, i) => categorical(keys[i], task.reference[i], Math.ceil(n / keys.length)));
  return Array.from({ length: n }, (_, i) => {
    const which = i % task.prompts.length;
    const reply = replies[which][Math.floor(i / task.prompts.length)];
    const tokens = new Array<number>(1 + task.tree.length).fill(END);
    tokens[0] = task.prompts[which];
    task.tree.sequences[reply].forEach((token, t) => {
      tokens[1 + t] = token;
    });
    return { prompt: which, reply, tokens };
  });
}
