import { complaint, DataError } from "../core/index.js";
import { BytePairTokenizer } from "./bytePair.js";
import { CharacterTokenizer } from "./character.js";
import type { Tokenizer } from "./tokenizer.js";

/**
 * A tokenizer from what `toJSON` gave: `tokenizerFromJSON(JSON.parse(text))`.
 * @throws DataError if the value is not such a description
 */
export function tokenizerFromJSON(value: unknown): Tokenizer {
  const json = value as Record<string, unknown> | null;
  const special = json?.special as Record<string, unknown> | undefined;
  const named = special !== undefined && ["pad", "bos", "eos"].every((role) => typeof special?.[role] === "string");
  try {
    if (named && json?.type === "character" && isStrings(json.characters)) {
      const unknown = json.unknown === "bytes" ? "bytes" : "throw";
      return new CharacterTokenizer(json.characters, { special: special as never, unknown });
    }
    if (named && json?.type === "bytepair" && isPairs(json.merges)) {
      return new BytePairTokenizer(json.merges, special as never);
    }
  } catch (error) {
    throw new DataError(`tokenizer: ${(error as Error).message}`);
  }
  const expected = 'an object {type: "character", special, characters} or {type: "bytepair", special, merges}';
  throw new DataError(complaint("tokenizer", expected, value));
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isPairs(value: unknown): value is [number, number][] {
  return Array.isArray(value) && value.every((item) => Array.isArray(item) && item.length === 2);
}
