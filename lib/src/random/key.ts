import { complaint, DomainError } from "../core/index.js";
import { threefry2x32 } from "./threefry.js";

/**
 * A random key: two unsigned 32-bit words. Plain data: it can be stored, sent to another process, written to a file.
 */
export type Key = readonly [number, number];

/**
 * The key of a seed: a whole number from 0 to 2^53 - 1, as [high word, low word] (JAX's layout).
 * Every random choice of a run follows from it.
 * @throws DomainError unless the seed is such an integer
 * @example key(7) // [0, 7]
 */
export function key(seed: number): Key {
  checkCount("seed", seed, Number.MAX_SAFE_INTEGER);
  return [Math.floor(seed / 2 ** 32), seed >>> 0];
}

/**
 * `n` keys from one, each as good as independent of the others and of the first. Use a key once: either split it, or
 * draw with it, never both. Key i is the threefry block of counter i, so split(k, 5) begins with split(k, 2).
 * Layout of JAX >= 0.5 (jax_threefry_partitionable, its default since), where split(k, n)[i] is foldIn(k, i).
 * @throws DomainError if `k` is not a key or n is not a whole number of at least 1
 * @example
 * const [first, second] = split(key(0));
 * uniform(first, 2) // [0.9699, 0.3152]
 * uniform(second, 2) // [0.0806, 0.9239]
 */
export function split(k: Key, n = 2): Key[] {
  checkKey(k);
  checkCount("number of keys", n, 2 ** 31, 1);
  const words = new Uint32Array(2);
  return Array.from({ length: n }, (_, i) => {
    threefry2x32(k[0], k[1], 0, i, words);
    return [words[0], words[1]] as const;
  });
}

/**
 * The key for the data-th of many: a step number, a row, an index into a dataset. `foldIn(k, step)` gives the step the
 * same key whether the run was interrupted or not.
 * @throws DomainError unless data is a whole number from 0 to 2^32 - 1
 * @example uniform(foldIn(key(0), 3), 1) // [0.7506]
 */
export function foldIn(k: Key, data: number): Key {
  checkKey(k);
  checkCount("data", data, 2 ** 32 - 1);
  const words = threefry2x32(k[0], k[1], 0, data, new Uint32Array(2));
  return [words[0], words[1]];
}

/**
 * n blocks of noise under a key: 2n unsigned words, words 2i and 2i+1 from counter i. All samplers draw from here.
 * @throws DomainError if `k` is not a key or n not a count
 */
export function randomBits(k: Key, n: number): Uint32Array {
  checkKey(k);
  checkCount("n", n, 2 ** 31);
  const words = new Uint32Array(2 * n);
  for (let i = 0; i < n; i++) threefry2x32(k[0], k[1], 0, i, words, 2 * i);
  return words;
}

/** @throws DomainError unless `k` is two unsigned 32-bit words */
export function checkKey(k: Key): void {
  const word = (w: unknown) => typeof w === "number" && Number.isInteger(w) && w >= 0 && w < 2 ** 32;
  if (!Array.isArray(k) || k.length !== 2 || !word(k[0]) || !word(k[1])) {
    throw new DomainError(complaint("key", "a random key such as key(0)", k, "The key is the first argument"));
  }
}

/** @throws DomainError unless `n` is an integer between least and most */
export function checkCount(what: string, n: number, most = 2 ** 31, least = 0): void {
  if (!Number.isInteger(n) || n < least || n > most) {
    throw new DomainError(complaint(what, `a whole number from ${least} to ${most}`, n));
  }
}
