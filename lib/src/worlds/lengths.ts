import { checkCount } from "../core/checks.js";
import { exponential, type Key, normal, split } from "../random/index.js";

/** Texts of different length, and pairs of them. The utilities are known to us only. */
export interface LengthsWorld {
  /** [texts] in hundreds of words: most are short, a few very long, none above 4. */
  lengths: number[];
  /** [texts, 2]: length and quality, for a model that believes utility to be linear in length (it is not). */
  straight: number[][];
  /** [texts, 3]: length, quality and the square of the length, with which utility is linear. */
  bent: number[][];
  /** [texts] in nats: 3 length - length^2 + quality, best at a length of 1.5. */
  utility: number[];
  /** Every sixth pair. */
  questions: [number, number][];
  /** Every sixth pair too, and none of the questions. */
  heldOut: [number, number][];
}

/**
 * People like a text to be longer, up to a point. A learner who takes `straight` for the features has the wrong model,
 * whose best fit depends on the questions it was fitted to; one who takes `bent` has the right one. Lessons: 03.
 * @throws DomainError for fewer than 5 texts, which have too few pairs
 */
export function lengthsWorld(key: Key, { texts = 60 }: { texts?: number } = {}): LengthsWorld {
  checkCount("texts", texts, 5);
  const [lengthKey, qualityKey] = split(key);
  const lengths = Array.from(exponential(lengthKey, texts), (x) => Math.min(0.8 * x, 4));
  const quality = normal(qualityKey, texts);
  const pairs: [number, number][] = [];
  for (let i = 0; i < texts; i++) for (let j = i + 1; j < texts; j++) pairs.push([i, j]);
  return {
    lengths,
    straight: lengths.map((length, i) => [length, quality[i]]),
    bent: lengths.map((length, i) => [length, quality[i], length ** 2]),
    utility: lengths.map((length, i) => 3 * length - length ** 2 + quality[i]),
    questions: pairs.filter((_, p) => p % 6 === 0),
    heldOut: pairs.filter((_, p) => p % 6 === 1),
  };
}
