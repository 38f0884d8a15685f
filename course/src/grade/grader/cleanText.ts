import { stripVTControlCharacters } from "node:util";

/**
 * A learner's text made safe to print: no escape sequences or other control characters (a terminal would obey them), no
 * marks that turn the direction of writing, no halves of characters, at most `length` characters.
 */
export function cleanText(text: string, length = 1000): string {
  const plain = stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cs}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .trim();
  const characters = Array.from(plain);
  return characters.length > length ? `${characters.slice(0, length - 3).join("")}...` : plain;
}
