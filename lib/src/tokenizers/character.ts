import { complaint, DataError, DomainError } from "../core/index.js";
import { fromBytes, toBytes } from "./bytes.js";
import { checkId, specialIds, withEnds } from "./special.js";
import {
  type DecodeOptions,
  defaultSpecialTokens,
  type EncodeOptions,
  type SpecialIds,
  type SpecialTokens,
  type Tokenizer,
  type TokenizerJSON,
} from "./tokenizer.js";

/** What to do with a character that is not in the vocabulary: refuse the text, or write its bytes (256 more tokens). */
export type UnknownCharacter = "throw" | "bytes";

export interface CharacterOptions {
  special?: SpecialTokens;
  unknown?: UnknownCharacter;
}

/**
 * One token per character (Unicode code point). Ids: the special tokens, then the characters in code-point order, then,
 * with `unknown: "bytes"`, one token for each byte value.
 *
 * Round trip: `decode(encode(text)) === text` for every text of known characters; with `unknown: "bytes"` for every
 * JavaScript string, lone surrogates included (see bytes.ts).
 * @example new CharacterTokenizer([..."whale"]).encode("heal") // [4, 3, 2, 5]
 */
export class CharacterTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly special: SpecialIds;
  readonly characters: readonly string[];
  readonly #names: SpecialTokens;
  readonly #tokens: string[];
  readonly #idOf: Map<string, number>;
  readonly #unknown: UnknownCharacter;
  readonly #firstByte: number;

  /** @throws DomainError if an entry is not a single character */
  constructor(characters: Iterable<string>, options: CharacterOptions = {}) {
    const sorted = [...new Set(characters)].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
    for (const character of sorted) {
      if ([...character].length !== 1) throw new DomainError(complaint("characters", "single characters", character));
    }
    this.#names = options.special ?? defaultSpecialTokens;
    const { names, ids } = specialIds(this.#names);
    this.special = ids;
    this.characters = sorted;
    this.#tokens = [...names, ...sorted];
    this.#idOf = new Map(sorted.map((character, i) => [character, names.length + i]));
    this.#unknown = options.unknown ?? "throw";
    this.#firstByte = this.#tokens.length;
    this.vocabularySize = this.#tokens.length + (this.#unknown === "bytes" ? 256 : 0);
  }

  /** The tokenizer of the characters that the text uses. */
  static train(text: string, options: CharacterOptions = {}): CharacterTokenizer {
    return new CharacterTokenizer(new Set(text), options);
  }

  encode(text: string, options: EncodeOptions = {}): number[] {
    const ids: number[] = [];
    for (const character of text) {
      const id = this.#idOf.get(character);
      if (id !== undefined) ids.push(id);
      else if (this.#unknown === "bytes") for (const byte of toBytes(character)) ids.push(this.#firstByte + byte);
      else {
        const hint = `It stands at place ${ids.length} of the text. Normalise the text first, or use unknown: "bytes"`;
        throw new DataError(complaint("character", `one of the ${this.characters.length} known ones`, character, hint));
      }
    }
    return withEnds(ids, this.special, options);
  }

  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    let text = "";
    let bytes: number[] = [];
    const flush = () => {
      if (bytes.length > 0) text += fromBytes(Uint8Array.from(bytes));
      bytes = [];
    };
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      checkId(id, this.vocabularySize);
      if (id >= this.#firstByte) {
        bytes.push(id - this.#firstByte);
        continue;
      }
      flush();
      if (id >= this.#tokens.length - this.characters.length || options.special) text += this.#tokens[id];
    }
    flush();
    return text;
  }

  token(id: number): string {
    checkId(id, this.vocabularySize);
    return id < this.#firstByte ? this.#tokens[id] : `<${(id - this.#firstByte).toString(16).padStart(2, "0")}>`;
  }

  bytes(id: number): Uint8Array {
    checkId(id, this.vocabularySize);
    if (id >= this.#firstByte) return Uint8Array.of(id - this.#firstByte);
    return id < this.#firstByte - this.characters.length ? new Uint8Array(0) : toBytes(this.#tokens[id]);
  }

  toJSON(): TokenizerJSON {
    return { type: "character", special: this.#names, characters: [...this.characters], unknown: this.#unknown };
  }
}
