import { complaint, DomainError } from "../core/index.js";
import { phraseWords } from "./phrases.js";

/**
 * What a small model sees of a reply of the phrase task that may be unfinished: which word came last and which before
 * it, how often each word occurred, and how many tokens there are; words that name the thing asked about and the other
 * thing change places with the prompt. It cannot see how far back a "not" stands.
 * @throws DomainError if the prompt is neither "whale" nor "sea"
 */
export function phraseStepFeatures(prompt: number, reply: readonly number[]): Float64Array {
  const size = phraseWords.length;
  const [asked, other] = [phraseWords.indexOf("whale"), phraseWords.indexOf("sea")];
  if (prompt !== asked && prompt !== other) {
    throw new DomainError(complaint("prompt", `${asked} or ${other}`, prompt));
  }
  const swapped = (word: number) => (prompt === other && word >= asked ? asked + other - word : word);
  const features = new Float64Array(3 * size + 1);
  const words = reply.map(swapped);
  if (words.length > 0) features[words[words.length - 1]] = 1;
  if (words.length > 1) features[size + words[words.length - 2]] = 1;
  for (const word of words) features[2 * size + word] += 1;
  features[3 * size] = words.length;
  return features;
}
