import { checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { type Key, randint, split, uniform } from "../random/index.js";

/**
 * A world with a reward that a program checks: a prompt is `size` letters, and the right completion is each letter
 * of it once, in alphabetical order, then <end>. So there is one right completion to each of letters^size prompts,
 * and of varying length; a policy's accuracy, the probability that it writes the right one, is a mean of
 * probabilities, and needs no samples.
 */
export interface DistinctLetters {
  /** Tokens: 0 is <end> and padding, 1 to `letters` are the letters. */
  readonly vocabulary: number;
  readonly end: 0;
  /** Tokens of a completion at most, <end> included. */
  readonly newTokens: number;
  /** Every prompt with its right completion. */
  readonly solved: readonly { readonly prompt: number[]; readonly completion: number[] }[];
  /** `count` prompts, all equally likely. */
  prompts(key: Key, count: number): number[][];
  /** 1 for the right completion, 0 for anything else, [B]. */
  reward(asked: { prompts: readonly ArrayLike<number>[]; written: readonly (readonly number[])[] }): number[];
  /** n demonstrations; a share `skill` of them is right, the others are letters by chance. */
  demonstrations(key: Key, n: number, options?: { skill?: number }): { prompt: number[]; completion: number[] }[];
}

/**
 * @throws DomainError if there would be no letter, no place for one, or more than 10,000 prompts
 * @example distinctLetters({ letters: 3, size: 3 }).solved[3] // { prompt: [1, 2, 1], completion: [1, 2, 0] }
 */
export function distinctLetters({ letters = 5, size = 4 }: { letters?: number; size?: number } = {}): DistinctLetters {
  const count = letters ** size;
  if (!(Number.isInteger(letters) && Number.isInteger(size) && letters >= 1 && size >= 1 && count <= 10_000)) {
    throw new DomainError(complaint("letters^size", "integers of at least 1, at most 10,000 prompts", [letters, size]));
  }
  const every = Array.from({ length: count }, (_, i) =>
    Array.from({ length: size }, (_, t) => 1 + (Math.floor(i / letters ** t) % letters)),
  );
  const answer = (prompt: ArrayLike<number>) => [...new Set(Array.from(prompt))].sort((a, b) => a - b).concat(0);
  const some = (key: Key, n: number) => Array.from(randint(key, n, 0, count), (i) => every[i]);
  return {
    vocabulary: letters + 1,
    end: 0,
    newTokens: size + 1,
    solved: every.map((prompt) => ({ prompt, completion: answer(prompt) })),
    prompts: some,
    reward: ({ prompts, written }) =>
      written.map((completion, b) => (completion.join() === answer(prompts[b]).join() ? 1 : 0)),
    demonstrations(key, n, { skill = 0.3 } = {}) {
      checkShare("skill", skill);
      const [promptKey, luckKey, letterKey, lengthKey] = split(key, 4);
      const luck = uniform(luckKey, n);
      const letter = some(letterKey, n);
      const length = randint(lengthKey, n, 1, size + 1);
      return some(promptKey, n).map((prompt, i) => ({
        prompt,
        completion: luck[i] < skill ? answer(prompt) : [...letter[i].slice(0, length[i]), 0],
      }));
    },
  };
}
