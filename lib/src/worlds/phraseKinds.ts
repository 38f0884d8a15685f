import { type Key, uniform } from "../random/index.js";
import { sequenceIndex } from "../trees/index.js";
import { type PhraseTask, phraseWords } from "./phrases.js";

const [NOT, VERY] = [phraseWords.indexOf("not"), phraseWords.indexOf("very")];

/**
 * What a reply of the phrase task is like, whatever it is worth: how many words it has, whether "not" and "very" are
 * among them, and whether it ends. With five tokens there are 20 kinds.
 * @example phraseKind([3, 2, 5, 0]) // "3 words, not"
 */
export function phraseKind(reply: readonly number[]): string {
  const ends = reply.at(-1) === 0;
  const words = reply.length - (ends ? 1 : 0);
  const traits = [reply.includes(NOT) ? ", not" : "", reply.includes(VERY) ? ", very" : "", ends ? "" : ", cut off"];
  return `${words} ${words === 1 ? "word" : "words"}${traits.join("")}`;
}

/**
 * A reply with one change, as its number: one of its words replaced, left out, or one put in, each with probability
 * 1/3, at a place and of a kind that are all equally likely. What becomes too long is cut off; what cannot be left out
 * stays.
 */
export function mutatePhrase(key: Key, { tree }: PhraseTask, reply: number): number {
  const [which, where, what] = uniform(key, 3);
  const tokens = tree.sequences[reply];
  const words = tokens.filter((token) => token !== tree.end);
  const word = 1 + Math.floor(what * (tree.vocabulary - 1)); // <end> is 0
  const change = Math.floor(3 * which);
  if (change === 2 || words.length === 0) words.splice(Math.floor(where * (words.length + 1)), 0, word);
  else if (change === 1) words.splice(Math.floor(where * words.length), 1);
  else words[Math.floor(where * words.length)] = word;
  const cut = words.slice(0, tree.length);
  return sequenceIndex(tree, cut.length < tree.length ? [...cut, tree.end] : cut);
}
