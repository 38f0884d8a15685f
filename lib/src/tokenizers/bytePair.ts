import { complaint, DomainError } from "../core/index.js";
import { fromBytes, toBytes } from "./bytes.js";
import { checkId, specialIds, withEnds } from "./special.js";
import { spellOut } from "./spellOut.js";
import {
  type DecodeOptions,
  defaultSpecialTokens,
  type EncodeOptions,
  type SpecialIds,
  type SpecialTokens,
  type Tokenizer,
  type TokenizerJSON,
} from "./tokenizer.js";

/**
 * Words, numbers, runs of other signs, and white space, each with the one space before it: merges never cross these, so
 * that "whale" is the same token before a full stop and before a comma. The split of GPT-2 (Radford et al. 2019),
 * without its list of English contractions. White space is Unicode's, as there: JavaScript's own `\s` leaves out
 * U+0085 and takes in U+FEFF.
 */
export const CHUNK =
  / ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const MOST_BYTES = 2 ** 26;
const MOST_MERGES = 2 ** 20; // ids stay below 2^21, for `pairKey`

/** The same pattern for other engines of regular expressions: its sets of characters spelled out. */
export function spelledChunk(): string {
  const [letter, number, space] = [/^\p{L}$/u, /^\p{N}$/u, /^\p{White_Space}$/u].map(spellOut);
  return ` ?[${letter}]+| ?[${number}]+| ?[^${space}${letter}${number}]+|[${space}]+(?![^${space}])|[${space}]+`;
}

/**
 * Byte-level byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909; on bytes as in GPT-2). Ids: the special
 * tokens, then the 256 bytes, then one token per merge, in the order they were learned.
 *
 * Round trip: `decode(encode(text)) === text` for every JavaScript string, lone surrogates included (see bytes.ts).
 */
export class BytePairTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly special: SpecialIds;
  readonly merges: readonly [number, number][];
  readonly #names: SpecialTokens;
  readonly #specialNames: string[];
  readonly #bytesOf: Uint8Array[];
  readonly #rank: Map<number, number>;
  readonly #cache = new Map<string, number[]>();

  /**
   * @param merges pairs of ids; merge number i makes the token with id `specials + 256 + i`
   * @throws DomainError if a merge uses a token that does not exist yet, or the tokens' bytes together are more than
   *   64 MiB (merges can double a token again and again)
   */
  constructor(merges: readonly [number, number][], special: SpecialTokens = defaultSpecialTokens) {
    const { names, ids } = specialIds(special);
    this.#names = special;
    this.#specialNames = names;
    this.special = ids;
    if (merges.length > MOST_MERGES) {
      throw new DomainError(complaint("merges", `at most ${MOST_MERGES}`, merges.length));
    }
    this.merges = merges.map(([left, right]) => [left, right]);
    this.vocabularySize = names.length + 256 + merges.length;
    this.#bytesOf = names.map(() => new Uint8Array(0));
    for (let byte = 0; byte < 256; byte++) this.#bytesOf.push(Uint8Array.of(byte));
    this.#rank = new Map();
    let bytes = 0;
    merges.forEach(([left, right], i) => {
      for (const id of [left, right]) {
        if (!Number.isInteger(id) || id < names.length || id >= this.#bytesOf.length) {
          throw new DomainError(complaint(`merges[${i}]`, "ids of bytes or of earlier merges", [left, right]));
        }
      }
      this.#rank.set(pairKey(left, right), i);
      const [begin, end] = [this.#bytesOf[left], this.#bytesOf[right]];
      bytes += begin.length + end.length;
      if (bytes > MOST_BYTES) {
        throw new DomainError(complaint(`merges[${i}]`, `tokens of at most ${MOST_BYTES} bytes together`, bytes));
      }
      const joined = new Uint8Array(begin.length + end.length);
      joined.set(begin);
      joined.set(end, begin.length);
      this.#bytesOf.push(joined);
    });
  }

  /**
   * Learns merges: again and again the most frequent pair of neighbours becomes a token, until the vocabulary has
   * `vocabularySize` entries or no pair occurs twice. Of equally frequent pairs the one with the smaller left id is
   * taken, then the smaller right id, so that the same text gives the same tokenizer on every machine.
   * @throws DomainError if vocabularySize is smaller than the bytes and special tokens need
   */
  static train(text: string, vocabularySize: number, special: SpecialTokens = defaultSpecialTokens): BytePairTokenizer {
    const first = specialIds(special).names.length;
    if (!Number.isInteger(vocabularySize) || vocabularySize < first + 256) {
      const expected = `a whole number of at least ${first + 256}: every byte and special token has an id`;
      throw new DomainError(complaint("vocabularySize", expected, vocabularySize));
    }
    return new BytePairTokenizer(learnMerges(text, first, vocabularySize - first - 256), special);
  }

  encode(text: string, options: EncodeOptions = {}): number[] {
    const ids: number[] = [];
    for (const [chunk] of text.matchAll(CHUNK)) for (const id of this.#encodeChunk(chunk)) ids.push(id);
    return withEnds(ids, this.special, options);
  }

  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    const bytes: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      checkId(ids[i], this.vocabularySize);
      const isSpecial = ids[i] < this.#specialNames.length;
      const piece = isSpecial && options.special ? toBytes(this.#specialNames[ids[i]]) : this.#bytesOf[ids[i]];
      for (const byte of piece) bytes.push(byte);
    }
    return fromBytes(Uint8Array.from(bytes));
  }

  token(id: number): string {
    checkId(id, this.vocabularySize);
    return this.#specialNames[id] ?? fromBytes(this.#bytesOf[id]);
  }

  bytes(id: number): Uint8Array {
    checkId(id, this.vocabularySize);
    return this.#bytesOf[id].slice();
  }

  toJSON(): TokenizerJSON {
    return { type: "bytepair", special: this.#names, merges: this.merges.map(([left, right]) => [left, right]) };
  }

  /** Applies the merges in the order they were learned, each from left to right. */
  #encodeChunk(chunk: string): number[] {
    const known = this.#cache.get(chunk);
    if (known !== undefined) return known;
    const first = this.#specialNames.length;
    let ids = Array.from(toBytes(chunk), (byte) => first + byte);
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i + 1 < ids.length; i++) {
        best = Math.min(best, this.#rank.get(pairKey(ids[i], ids[i + 1])) ?? Number.POSITIVE_INFINITY);
      }
      if (best === Number.POSITIVE_INFINITY) break;
      ids = mergePair(ids, this.merges[best], first + 256 + best);
    }
    if (this.#cache.size < 100_000) this.#cache.set(chunk, ids); // a bound, for a process that reads all day
    return ids;
  }
}

/** Two ids as one number, for use as a key in a Map. Ids stay below 2^21, so the number is exact. */
function pairKey(left: number, right: number): number {
  return left * 2 ** 21 + right;
}

/** Replaces each occurrence of the pair, from left to right, by the new id. */
function mergePair(ids: number[], [left, right]: readonly [number, number], merged: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      out.push(merged);
      i++;
    } else out.push(ids[i]);
  }
  return out;
}

/** The merges themselves. Equal chunks are counted once, and a merge only visits the chunks that hold its pair. */
function learnMerges(text: string, first: number, count: number): [number, number][] {
  const chunkCounts = new Map<string, number>();
  for (const [chunk] of text.matchAll(CHUNK)) chunkCounts.set(chunk, (chunkCounts.get(chunk) ?? 0) + 1);
  const words = [...chunkCounts].map(([chunk, times]) => ({
    ids: Array.from(toBytes(chunk), (byte) => first + byte),
    times,
  }));

  const pairs = new Map<number, { count: number; words: Set<number> }>();
  const countPairs = (word: number, sign: 1 | -1) => {
    const { ids, times } = words[word];
    for (let i = 0; i + 1 < ids.length; i++) {
      const key = pairKey(ids[i], ids[i + 1]);
      let pair = pairs.get(key);
      if (pair === undefined) {
        pair = { count: 0, words: new Set() };
        pairs.set(key, pair);
      }
      pair.count += sign * times;
      if (sign === 1) pair.words.add(word);
      if (pair.count === 0) pairs.delete(key);
    }
  };
  words.forEach((_, word) => {
    countPairs(word, 1);
  });

  const merges: [number, number][] = [];
  while (merges.length < count) {
    let bestKey = -1;
    let bestCount = 1; // a pair seen once is not worth a token
    for (const [key, pair] of pairs) {
      if (pair.count > bestCount || (pair.count === bestCount && bestKey >= 0 && key < bestKey)) {
        bestKey = key;
        bestCount = pair.count;
      }
    }
    if (bestKey < 0) break;
    const merge: [number, number] = [Math.floor(bestKey / 2 ** 21), bestKey % 2 ** 21];
    const merged = first + 256 + merges.length;
    for (const word of [...(pairs.get(bestKey)?.words ?? [])]) {
      countPairs(word, -1);
      words[word].ids = mergePair(words[word].ids, merge, merged);
      countPairs(word, 1);
    }
    merges.push(merge);
  }
  return merges;
}
