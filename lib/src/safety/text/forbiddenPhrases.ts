import { complaint, DomainError } from "../../core/index.js";
import { checkTokenIds, type TokenAutomaton, toBytes } from "../../tokenizers/index.js";
import { type ByteAutomaton, phraseAutomaton } from "./phraseAutomaton.js";

export interface ForbiddenPhrasesOptions {
  /** Phrases are words by themselves: "ass" forbids "an ass!", not "passage". */
  wholeWords?: boolean;
  /** A-Z and a-z are the same. Other alphabets' cases stay different. */
  ignoreCase?: boolean;
  /** The id of the token that ends a text: what follows it says nothing, and with wholeWords it ends the last word. */
  end?: number;
}

/**
 * An automaton over tokens that no text with one of the phrases gets through, and every other text does. The phrases
 * become an automaton over bytes (Aho and Corasick 1975, doi:10.1145/360825.360855), and a token moves it by all of its
 * bytes at once; so a phrase is found wherever its tokens begin and however they cut it. To forbid the token "kill"
 * instead stops one of eight spellings if all of its parts are tokens (`countSpellings`).
 *
 * With wholeWords, letters are A-Z, a-z and all bytes above 127 (so "naïve" is one word); any run of other bytes
 * parts words, as the beginning of the text and its end do: a text that is broken off after "kill" has said it
 * (`mayStop`).
 *
 * Phrases that the prompt holds already are not held against the completion; one that begins in the prompt is. A phrase
 * that holds another one adds nothing, and is left out.
 * @param vocabulary the bytes of each token, [V]; none for special tokens, which then change nothing
 * @throws DomainError for no phrase, a phrase without bytes (or letters), or an end that is no token
 */
export function forbiddenPhrases(
  vocabulary: readonly ArrayLike<number>[],
  phrases: readonly string[],
  options: ForbiddenPhrasesOptions = {},
): TokenAutomaton {
  const { wholeWords = false, ignoreCase = false, end } = options;
  if (vocabulary.length === 0) throw new DomainError(complaint("vocabulary", "at least one token", vocabulary));
  if (end !== undefined) checkTokenIds("end", [end], vocabulary.length);
  if (phrases.length === 0) throw new DomainError(complaint("phrases", "at least one", phrases));
  const bytes = phrases.map((phrase) => toBytes(phrase));
  const byByte = phraseAutomaton(bytes, { wholeWords, ignoreCase });
  return liftToTokens(byByte, vocabulary, end);
}

/** States without a hit, numbered anew, and one more for texts that have ended. */
function liftToTokens(
  byByte: ByteAutomaton,
  vocabulary: readonly ArrayLike<number>[],
  end: number | undefined,
): TokenAutomaton {
  const V = vocabulary.length;
  const live: number[] = [];
  const number = new Int32Array(byByte.hit.length).fill(-1);
  for (let s = 0; s < byByte.hit.length; s++) if (byByte.hit[s] === 0) number[s] = live.push(s) - 1;
  const ended = live.length;
  const states = end === undefined ? ended : ended + 1;
  const next = new Int32Array(states * V);
  const mayStop = new Uint8Array(states).fill(1);
  live.forEach((state, s) => {
    mayStop[s] = byByte.hit[byByte.atEnd(state)] === 1 ? 0 : 1;
    for (let v = 0; v < V; v++) {
      if (v === end) next[s * V + v] = mayStop[s] === 1 ? ended : -1;
      else next[s * V + v] = number[afterToken(byByte, state, vocabulary[v])];
    }
  });
  if (end !== undefined) next.fill(ended, ended * V);
  const stateAfter = (prompt: ArrayLike<number>) => {
    checkTokenIds("prompt", prompt, V);
    let state = byByte.start;
    for (let t = 0; t < prompt.length; t++) {
      const token = vocabulary[prompt[t]];
      for (let i = 0; i < token.length; i++) state = byByte.step(state, token[i]);
      if (prompt[t] === end) state = byByte.start;
    }
    if (byByte.hit[state] === 1) state = byByte.fail[state]; // said already: go on from what may still grow
    return number[state];
  };
  return { states, vocabulary: V, next, mayStop, stateAfter, ...(end !== undefined && { end }) };
}

/** The state after all bytes of a token; a hit on the way stays one. */
function afterToken(byByte: ByteAutomaton, from: number, token: ArrayLike<number>): number {
  let state = from;
  for (let i = 0; i < token.length; i++) {
    state = byByte.step(state, token[i]);
    if (byByte.hit[state] === 1) return state;
  }
  return state;
}
