import { complaint, DomainError } from "../core/index.js";
import type { Comparisons } from "./comparisons.js";

/**
 * How much data there is: the sum of all rows' weights. What a fit calls small, it calls small against this.
 * @throws DomainError for a weight below 0 or not finite, in data that were not made by the functions that check
 */
export function totalWeight({ weight }: { readonly weight: ArrayLike<number> }): number {
  let sum = 0;
  for (let k = 0; k < weight.length; k++) {
    if (!(weight[k] >= 0 && weight[k] < Number.POSITIVE_INFINITY)) {
      throw new DomainError(complaint(`weight of row ${k}`, "a number of at least 0", weight[k]));
    }
    sum += weight[k];
  }
  return sum;
}

/** [items] the weight of the comparisons that each item took part in. */
export function weightOfItems({ items, winner, loser, weight }: Comparisons): Float64Array {
  const own = new Float64Array(items);
  for (let k = 0; k < winner.length; k++) {
    own[winner[k]] += weight[k];
    own[loser[k]] += weight[k];
  }
  return own;
}

/** [count] the weight of the rows with each key, such as the answers of each labeler. */
export function weightByKey(key: ArrayLike<number>, weight: ArrayLike<number>, count: number): Float64Array {
  const own = new Float64Array(count);
  for (let k = 0; k < key.length; k++) own[key[k]] += weight[k];
  return own;
}

/** @throws DomainError without a row of weight above 0 */
export function requireData(what: string, data: { readonly weight: ArrayLike<number> }): void {
  if (totalWeight(data) > 0) return;
  throw new DomainError(complaint(what, "at least one, of weight above 0", data.weight));
}
