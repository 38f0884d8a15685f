import { complaint, DomainError, ShapeError } from "../../core/index.js";

/**
 * Kendall's distance of two orders of the same items: how many pairs they put the other way round, from 0 to n
 * (n - 1) / 2 (Kendall 1938).
 * @throws ShapeError for orders of unequal length; DomainError unless both hold the same items, each once
 * @example kendallDistance([0, 1, 2, 3], [1, 0, 3, 2]) // 2
 */
export function kendallDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const n = first.length;
  if (second.length !== n) throw new ShapeError(complaint("second", `${n} items, as many as first`, second));
  const place = new Map(Array.from(second, (item, p) => [item, p]));
  const places = Array.from(first, (item) => place.get(item));
  if (place.size !== n || new Set(places).size !== n || places.includes(undefined)) {
    throw new DomainError(complaint("orders", "the same items in both, each once", [first, second]));
  }
  let swapped = 0;
  for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) if (places[p]! > places[q]!) swapped++;
  return swapped;
}
