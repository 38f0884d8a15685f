import { toBytes } from "../../tokenizers/index.js";

/**
 * How many sequences of tokens spell a text exactly; tokens in `banned` not among them. If every part of a word of n
 * bytes is a token there are 2^(n-1), one for each choice of places to cut, and banning the token that is the whole
 * word leaves all others.
 * @param vocabulary the bytes of each token, [V]; tokens without bytes spell nothing
 * @example countSpellings(["k", "i", "ki"].map((token) => new TextEncoder().encode(token)), "ki") // 2
 */
export function countSpellings(
  vocabulary: readonly ArrayLike<number>[],
  text: string,
  banned: readonly number[] = [],
): number {
  const bytes = toBytes(text);
  const ways = new Float64Array(bytes.length + 1);
  ways[0] = 1;
  const out = new Set(banned);
  for (let from = 0; from < bytes.length; from++) {
    if (ways[from] === 0) continue;
    vocabulary.forEach((token, id) => {
      if (token.length === 0 || out.has(id) || from + token.length > bytes.length) return;
      for (let i = 0; i < token.length; i++) if (token[i] !== bytes[from + i]) return;
      ways[from + token.length] += ways[from];
    });
  }
  return ways[bytes.length];
}
