import { complaint, DomainError } from "../../core/index.js";

/** Aho and Corasick's automaton over bytes. Its states are the beginnings of phrases, the empty one first. */
export interface ByteAutomaton {
  readonly start: number;
  /** The longest proper ending of a state that is a state, [states]. */
  readonly fail: Int32Array;
  /** 1 where a phrase has just been completed, [states]. */
  readonly hit: Uint8Array;
  /** The state after one more byte. */
  readonly step: (state: number, byte: number) => number;
  /** The state after the end of the text. */
  readonly atEnd: (state: number) => number;
}

/** What parts words, as one sign: a space. */
const GAP = 0x20;

/**
 * The automaton of these phrases. With wholeWords a phrase is read as gap, words, gap, and a run of gaps is one gap:
 * the states that end in a gap stay where they are on another one.
 * @throws DomainError for a phrase without bytes (or letters)
 */
export function phraseAutomaton(
  phrases: readonly Uint8Array[],
  options: { wholeWords: boolean; ignoreCase: boolean },
): ByteAutomaton {
  const sign = signs(options);
  const patterns = phrases.map((phrase) => {
    const pattern = options.wholeWords ? betweenGaps(phrase, sign) : Array.from(phrase, (byte) => sign[byte]);
    if (pattern.length > 0) return pattern;
    throw new DomainError(
      complaint("phrase", options.wholeWords ? "at least one letter" : "at least one byte", phrase),
    );
  });
  const { children, hit } = trie(withoutLonger(patterns));
  const states = hit.length;
  const fail = new Int32Array(states);
  const next = new Int32Array(states * 256);
  // Breadth first: a state's failure is shorter, so that its row is complete before it is needed.
  const queue = [0];
  for (let at = 0; at < queue.length; at++) {
    const state = queue[at];
    for (let byte = 0; byte < 256; byte++) {
      const child = children[state].get(byte);
      const instead = state === 0 ? 0 : next[fail[state] * 256 + byte];
      next[state * 256 + byte] = child ?? instead;
      if (child === undefined) continue;
      fail[child] = instead;
      queue.push(child);
    }
  }
  if (options.wholeWords) stayInGaps(next, children, states);
  const step = (state: number, byte: number) => next[state * 256 + sign[byte]];
  const atEnd = (state: number) => (options.wholeWords ? next[state * 256 + GAP] : state);
  return { start: options.wholeWords ? next[GAP] : 0, fail, hit, step, atEnd };
}

/** Byte -> the byte that it is read as. */
function signs({ wholeWords, ignoreCase }: { wholeWords: boolean; ignoreCase: boolean }): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    const upper = byte >= 0x41 && byte <= 0x5a;
    const lower = byte >= 0x61 && byte <= 0x7a;
    if (wholeWords && !upper && !lower && byte < 0x80) return GAP;
    return ignoreCase && upper ? byte + 0x20 : byte;
  });
}

function betweenGaps(phrase: Uint8Array, sign: Uint8Array): number[] {
  const pattern = [GAP];
  for (const byte of [...phrase, GAP]) if (sign[byte] !== GAP || pattern.at(-1) !== GAP) pattern.push(sign[byte]);
  return pattern.length > 1 ? pattern : [];
}

/** Patterns that hold no other one: a text with a longer one has been stopped already. So hits are leaves. */
function withoutLonger(patterns: readonly number[][]): number[][] {
  const texts = patterns.map((pattern) => pattern.map((byte) => String.fromCharCode(byte)).join(""));
  return patterns.filter((_, i) => {
    return !texts.some((text, j) => (text === texts[i] ? j < i : texts[i].includes(text)));
  });
}

function trie(patterns: readonly (readonly number[])[]): { children: Map<number, number>[]; hit: Uint8Array } {
  const children: Map<number, number>[] = [new Map()];
  const ends: number[] = [];
  for (const pattern of patterns) {
    let state = 0;
    for (const byte of pattern) {
      let child = children[state].get(byte);
      if (child === undefined) {
        child = children.push(new Map()) - 1;
        children[state].set(byte, child);
      }
      state = child;
    }
    ends.push(state);
  }
  const hit = new Uint8Array(children.length);
  for (const state of ends) hit[state] = 1;
  return { children, hit };
}

/** A state that was reached by a gap is not moved by another. */
function stayInGaps(next: Int32Array, children: readonly Map<number, number>[], states: number): void {
  for (let state = 0; state < states; state++) {
    const gap = children[state].get(GAP);
    if (gap !== undefined) next[gap * 256 + GAP] = gap;
  }
}
