import { complaint, DomainError } from "../core/index.js";
import { checkCount, type Key } from "./key.js";
import { uniform } from "./uniform.js";

/**
 * 0, 1, ..., n-1 in random order, every order equally likely, [n] (Fisher and Yates; Durstenfeld 1964).
 * @throws DomainError unless n is a count
 * @example permutation(key(0), 5) // [1, 0, 3, 4, 2]
 */
export function permutation(key: Key, n: number): Int32Array {
  checkCount("n", n);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const unit = uniform(key, n);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(unit[i] * (i + 1));
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}

/** The items in random order, as a new array. */
export function shuffle<T>(key: Key, items: readonly T[]): T[] {
  return Array.from(permutation(key, items.length), (i) => items[i]);
}

/**
 * n different items, every selection and order equally likely.
 * @throws DomainError if there are fewer than n
 */
export function sampleWithoutReplacement<T>(key: Key, items: readonly T[], n: number): T[] {
  checkCount("n", n);
  if (n > items.length) throw new DomainError(complaint("n", `at most the number of items, ${items.length}`, n));
  return shuffle(key, items).slice(0, n);
}
