import { checkCount, checkNonNegative } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";

/**
 * Rankings of items 0 .. items-1, in columns. Ranking r holds the alternatives order[start[r]] ..
 * order[start[r + 1] - 1]; the first `ranked[r]` of them are in order, best first, and each is better than all that
 * follow; those after are in no known order. So a full ranking has ranked = its length, a choice of one from a set has
 * ranked = 1, a "top 3 of 10" has ranked = 3. Items that are not among the alternatives were not looked at. Made and
 * checked by the functions below; never changed in place.
 */
export interface Rankings {
  readonly items: number;
  readonly order: Int32Array;
  readonly start: Int32Array;
  readonly ranked: Int32Array;
  /** How often each ranking was given: at least 0. */
  readonly weight: Float64Array;
  readonly names?: readonly string[];
}

export interface RankingOptions {
  items?: number;
  names?: readonly string[];
  weight?: ArrayLike<number>;
}

/**
 * From lists of items, best first, of any lengths.
 * @throws DomainError for an item out of range or twice in a list; ShapeError for another number of weights
 * @example pairwiseTally(rankingsFromOrders([[0, 1, 2], [1, 0, 2]])) // [[0, 1, 2], [1, 0, 2], [0, 0, 0]]
 */
export function rankingsFromOrders(orders: ReadonlyArray<ArrayLike<number>>, options: RankingOptions = {}): Rankings {
  return build(
    orders,
    orders.map((order) => order.length),
    options,
  );
}

/**
 * From choices: the chosen item, and the others of the set that it was chosen from.
 * @throws as `rankingsFromOrders`
 */
export function rankingsFromChoices(
  choices: ReadonlyArray<{ chosen: number; others: ArrayLike<number> }>,
  options: RankingOptions = {},
): Rankings {
  return build(
    choices.map(({ chosen, others }) => [chosen, ...Array.from(others)]),
    choices.map(() => 1),
    options,
  );
}

/**
 * From ballots on which voters may leave items out: those named are in order, best first, and all others are below
 * them, in no known order. `count` is how many voters gave the ballot (default 1).
 * @throws as `rankingsFromOrders`
 */
export function rankingsFromBallots(
  ballots: ReadonlyArray<{ order: ArrayLike<number>; count?: number }>,
  options: Omit<RankingOptions, "weight"> = {},
): Rankings {
  const items =
    options.items ??
    options.names?.length ??
    ballots.reduce((most, { order }) => Array.from(order).reduce((m, item) => Math.max(m, item + 1), most), 0);
  const full = ballots.map(({ order }) => {
    const named = Array.from(order);
    const known = new Set(named);
    for (let item = 0; item < items; item++) if (!known.has(item)) named.push(item);
    return named;
  });
  const weight = ballots.map(({ count = 1 }) => count);
  return build(
    full,
    Array.from(ballots, ({ order }) => order.length),
    { ...options, items, weight },
  );
}

/**
 * The best `k` in order of each ranking, the rest known only to be worse.
 * @throws DomainError unless k is a whole number > 0
 */
export function topOf(rankings: Rankings, k: number): Rankings {
  checkCount("k", k);
  return { ...rankings, ranked: rankings.ranked.map((known) => Math.min(known, k)) };
}

function build(orders: ReadonlyArray<ArrayLike<number>>, ranked: number[], options: RankingOptions): Rankings {
  const { names } = options;
  let largest = -1;
  const start = new Int32Array(orders.length + 1);
  for (let r = 0; r < orders.length; r++) {
    start[r + 1] = start[r] + orders[r].length;
    for (let p = 0; p < orders[r].length; p++) largest = Math.max(largest, orders[r][p]);
  }
  const items = options.items ?? names?.length ?? largest + 1;
  if (names && names.length !== items) throw new ShapeError(complaint("names", `${items} names, one an item`, names));
  const order = new Int32Array(start[orders.length]);
  const seen = new Int32Array(items).fill(-1);
  for (let r = 0; r < orders.length; r++) {
    for (let p = 0; p < orders[r].length; p++) {
      const item = orders[r][p];
      if (!Number.isInteger(item) || item < 0 || item >= items) {
        throw new DomainError(complaint(`place ${p} of ranking ${r}`, `an item from 0 to ${items - 1}`, item));
      }
      if (seen[item] === r) {
        const name = names?.[item] ?? `item ${item}`;
        throw new DomainError(complaint(`ranking ${r}`, "each item at most once", `${name} twice`));
      }
      seen[item] = r;
      order[start[r] + p] = item;
    }
  }
  const weight = options.weight ? Float64Array.from(options.weight) : new Float64Array(orders.length).fill(1);
  if (weight.length !== orders.length) {
    throw new ShapeError(complaint("weight", `${orders.length} numbers, one a ranking`, options.weight));
  }
  for (let r = 0; r < weight.length; r++) {
    checkNonNegative(`weight of ranking ${r}`, weight[r]);
  }
  return { items, order, start, ranked: Int32Array.from(ranked), weight, ...(names && { names: [...names] }) };
}
