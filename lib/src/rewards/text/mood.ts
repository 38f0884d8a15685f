import { wordsOf } from "../../tokenizers/index.js";

/**
 * How a text sounds: the sum of the valences of its different words. A word counts once, however often it is repeated:
 * readers are not gladder for hearing it again.
 */
export function moodOf(text: string, valence: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const word of new Set(wordsOf(text))) sum += valence.get(word) ?? 0;
  return sum;
}
