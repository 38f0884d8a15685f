import { complaint, DomainError } from "../../core/index.js";
import { foldIn, gumbel, type Key, permutation, split } from "../../random/index.js";
import { type Rankings, rankingsFromOrders, topOf } from "../rankings.js";

/**
 * `count` rankings of `length` of the items, drawn without replacement each time, ordered by ability plus Gumbel noise,
 * which is Plackett-Luce exactly (Yellott 1977). With `ranked`, only the best so many are told apart.
 * @throws DomainError unless length is a whole number from 1 to the number of items
 */
export function simulate(
  key: Key,
  theta: ArrayLike<number>,
  count: number,
  options: { length?: number; ranked?: number; names?: readonly string[] } = {},
): Rankings {
  const items = theta.length;
  const { length = items, ranked, names } = options;
  if (!Number.isInteger(length) || length < 1 || length > items) {
    throw new DomainError(complaint("length", `a whole number from 1 to ${items}`, length));
  }
  const orders = Array.from({ length: count }, (_, r) => {
    const [which, noise] = split(foldIn(key, r));
    const among =
      length === items ? Int32Array.from({ length }, (_, i) => i) : permutation(which, items).slice(0, length);
    const shaken = gumbel(noise, items);
    return among.sort((a, b) => theta[b] + shaken[b] - (theta[a] + shaken[a]));
  });
  const rankings = rankingsFromOrders(orders, { items, ...(names && { names }) });
  return ranked === undefined ? rankings : topOf(rankings, ranked);
}
