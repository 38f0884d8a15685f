/**
 * Text to token ids and back. Ids are 0 .. vocabularySize-1: the special tokens first, so that padding is id 0, then
 * the tokenizer's own. `encode` never makes a special token out of the text: writing "<end>" in a prompt gives the five
 * characters, and only the options add the real one.
 */
export interface Tokenizer {
  readonly vocabularySize: number;
  readonly special: SpecialIds;
  /** @throws DataError if the text has a character that the tokenizer cannot write */
  encode(text: string, options?: EncodeOptions): number[];
  /** Special tokens are left out unless asked for. @throws DomainError if an id is not in the vocabulary */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  /** The token as a reader would like to see it: " the", "\n", "<pad>". */
  token(id: number): string;
  /** What the token adds to a text, in bytes; a special token adds none. @throws DomainError as `token` */
  bytes(id: number): Uint8Array;
  /** Everything needed to build it again, by `tokenizerFromJSON`. */
  toJSON(): TokenizerJSON;
}

/** The names of the special tokens. Beginning and end may share a name, and then an id, as in GPT-2. */
export interface SpecialTokens {
  readonly pad: string;
  readonly bos: string;
  readonly eos: string;
}

/** The ids of the special tokens: padding, beginning of sequence, end of sequence. */
export interface SpecialIds {
  readonly pad: number;
  readonly bos: number;
  readonly eos: number;
}

export interface EncodeOptions {
  /** Put the beginning-of-sequence token in front. */
  bos?: boolean;
  /** Put the end-of-sequence token behind. */
  eos?: boolean;
}

export interface DecodeOptions {
  /** Write special tokens by their names instead of leaving them out. */
  special?: boolean;
}

export type TokenizerJSON =
  | { type: "character"; special: SpecialTokens; characters: string[]; unknown: "throw" | "bytes" }
  | { type: "bytepair"; special: SpecialTokens; merges: [number, number][] };

/** Padding, and one token for both ends of a text. */
export const defaultSpecialTokens: SpecialTokens = { pad: "<pad>", bos: "<end>", eos: "<end>" };
