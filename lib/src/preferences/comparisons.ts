import { checkCount, checkNonNegative, checkShare } from "../core/checks.js";
import { complaint, DomainError, quote, ShapeError } from "../core/index.js";

/**
 * Comparisons between items 0 .. items-1, in columns: row k says that winner[k] was preferred to loser[k],
 * weight[k] times. Columns of numbers hold a million comparisons in 16 MB. Made and checked by the functions
 * below; never changed in place.
 */
export interface Comparisons {
  readonly items: number;
  readonly winner: Int32Array;
  readonly loser: Int32Array;
  /** How often the row was seen: at least 0, and a fraction if you like. */
  readonly weight: Float64Array;
  /** One name per item, for tables, figures and errors. */
  readonly names?: readonly string[];
}

export interface ComparisonOptions {
  /**
   * How many items there are; needed when the last ones were never compared. Default: the names,
   * or the largest index + 1.
   */
  items?: number;
  names?: readonly string[];
  /** One weight per comparison. Default: 1. */
  weight?: ArrayLike<number>;
}

/**
 * From pairs [winner, loser], the winner first.
 * @throws ShapeError, DomainError for an index out of range, an item compared with itself, a
 *   weight below 0 or not finite
 * @example winMatrix(comparisonsFromPairs([[0, 1], [0, 1], [2, 0]])) // [[0, 2, 0], [0, 0, 0], [1, 0, 0]]
 */
export function comparisonsFromPairs(
  pairs: ReadonlyArray<readonly [winner: number, loser: number]>,
  options: ComparisonOptions = {},
): Comparisons {
  const winner = new Float64Array(pairs.length);
  const loser = new Float64Array(pairs.length);
  for (let k = 0; k < pairs.length; k++) {
    if (pairs[k]?.length !== 2) throw new ShapeError(complaint(`pair ${k}`, "[winner, loser]", pairs[k]));
    [winner[k], loser[k]] = pairs[k];
  }
  return comparisonsFromColumns(winner, loser, options);
}

/** From two columns of indices, the winners and the losers. @throws as `comparisonsFromPairs` */
export function comparisonsFromColumns(
  winner: ArrayLike<number>,
  loser: ArrayLike<number>,
  options: ComparisonOptions = {},
): Comparisons {
  const rows = winner.length;
  if (loser.length !== rows) throw new ShapeError(complaint("losers", `${rows} indices, one for each winner`, loser));
  const items = itemCount([winner, loser], options);
  const weight = options.weight === undefined ? new Float64Array(rows).fill(1) : Float64Array.from(options.weight);
  if (weight.length !== rows) {
    throw new ShapeError(complaint("weight", `${rows} numbers, one for each comparison`, options.weight));
  }
  for (let k = 0; k < rows; k++) {
    checkItem(`winner of comparison ${k}`, winner[k], items);
    checkItem(`loser of comparison ${k}`, loser[k], items);
    if (winner[k] === loser[k]) {
      const name = options.names?.[winner[k]] ?? winner[k];
      throw new DomainError(complaint(`comparison ${k}`, "two different items", `${name} against itself`));
    }
    checkNonNegative(`weight of comparison ${k}`, weight[k]);
  }
  return {
    items,
    winner: Int32Array.from(winner),
    loser: Int32Array.from(loser),
    weight,
    ...(options.names && { names: [...options.names] }),
  };
}

/**
 * From labelled pairs (x1, x2, y): y = 1 says that first[k] was preferred, y = 0 that second[k] was. A y between, such
 * as the share of people who preferred the first, becomes two rows of weight y and 1 - y.
 * @throws DomainError if a y is outside [0, 1]; ShapeError unless there is one weight a comparison, if any; otherwise
 *   as `comparisonsFromPairs`
 * @example winMatrix(comparisonsFromLabels([0, 1], [1, 2], [1, 0.25])) // [[0, 1, 0], [0, 0, 0.25], [0, 0.75, 0]]
 */
export function comparisonsFromLabels(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  y: ArrayLike<number>,
  options: ComparisonOptions = {},
): Comparisons {
  if (second.length !== first.length || y.length !== first.length) {
    const got = [first.length, second.length, y.length];
    throw new ShapeError(complaint("lengths of first, second and y", "the same length three times", got));
  }
  if (options.weight !== undefined && options.weight.length !== y.length) {
    throw new ShapeError(complaint("weight", `${y.length} numbers, one for each comparison`, options.weight));
  }
  const winner: number[] = [];
  const loser: number[] = [];
  const weight: number[] = [];
  for (let k = 0; k < y.length; k++) {
    checkShare(`y of comparison ${k}`, y[k]);
    const times = options.weight?.[k] ?? 1;
    checkNonNegative(`weight of comparison ${k}`, times);
    if (y[k] > 0) {
      winner.push(first[k]);
      loser.push(second[k]);
      weight.push(y[k] * times);
    }
    if (y[k] < 1) {
      winner.push(second[k]);
      loser.push(first[k]);
      weight.push((1 - y[k]) * times);
    }
  }
  const items = itemCount([first, second], options);
  return comparisonsFromColumns(winner, loser, { ...options, items, weight });
}

/**
 * From a table of counts [n, n]: wins[i][j] is how often i was preferred to j. The diagonal is not used.
 * @throws ShapeError if the table is not square; DomainError for a count below 0 or not finite
 */
export function comparisonsFromWins(
  wins: ReadonlyArray<ArrayLike<number>>,
  options: { names?: readonly string[] } = {},
): Comparisons {
  const items = wins.length;
  const winner: number[] = [];
  const loser: number[] = [];
  const weight: number[] = [];
  for (let i = 0; i < items; i++) {
    if (wins[i].length !== items) {
      throw new ShapeError(complaint(`row ${i} of wins`, `${items} counts, as many as rows`, wins[i]));
    }
    for (let j = 0; j < items; j++) {
      const count = wins[i][j];
      if (i === j || count === 0) continue;
      if (!(count > 0 && Number.isFinite(count))) {
        throw new DomainError(complaint(`wins[${i}][${j}]`, "a number of at least 0", count));
      }
      winner.push(i);
      loser.push(j);
      weight.push(count);
    }
  }
  return comparisonsFromColumns(winner, loser, { ...options, items, weight });
}

/** The table of counts [n, n]: entry [i][j] is how often i was preferred to j. For up to some thousand items. */
export function winMatrix(data: Comparisons): number[][] {
  const wins = Array.from({ length: data.items }, () => new Array<number>(data.items).fill(0));
  for (let k = 0; k < data.winner.length; k++) wins[data.winner[k]][data.loser[k]] += data.weight[k];
  return wins;
}

/**
 * The table of shares [n, n]: entry [i][j] is the share of their comparisons in which i was preferred to j; 1/2 on the
 * diagonal, NaN for a pair that was never compared.
 */
export function winShares(data: Comparisons): number[][] {
  const wins = winMatrix(data);
  return wins.map((row, i) => row.map((won, j) => (i === j ? 0.5 : won / (won + wins[j][i]))));
}

/**
 * The same comparisons with equal rows added up and rows of weight 0 dropped, sorted by winner and loser. A fit's cost
 * then depends on how many different pairs there are, not on how often each was asked. O(rows + items), by counting.
 */
export function mergeComparisons(data: Comparisons): Comparisons {
  const { items } = data;
  if (items ** 2 <= 4 * data.winner.length) return mergeInTable(data);
  const byLoser = countingSort(data.loser, items);
  const order = countingSort(data.winner, items, byLoser);
  const winner = new Int32Array(order.length);
  const loser = new Int32Array(order.length);
  const weight = new Float64Array(order.length);
  let last = -1;
  for (const k of order) {
    if (data.weight[k] === 0) continue;
    if (last >= 0 && winner[last] === data.winner[k] && loser[last] === data.loser[k]) {
      weight[last] += data.weight[k];
      continue;
    }
    last++;
    winner[last] = data.winner[k];
    loser[last] = data.loser[k];
    weight[last] = data.weight[k];
  }
  const rows = last + 1;
  return { ...data, winner: winner.slice(0, rows), loser: loser.slice(0, rows), weight: weight.slice(0, rows) };
}

/** The same by way of the whole table of counts, where it is not much larger than the data: several times faster. */
function mergeInTable(data: Comparisons): Comparisons {
  const { items } = data;
  const table = new Float64Array(items * items);
  for (let k = 0; k < data.winner.length; k++) table[data.winner[k] * items + data.loser[k]] += data.weight[k];
  let rows = 0;
  for (const count of table) if (count > 0) rows++;
  const winner = new Int32Array(rows);
  const loser = new Int32Array(rows);
  const weight = new Float64Array(rows);
  let row = 0;
  for (let i = 0; i < items; i++) {
    for (let j = 0; j < items; j++) {
      if (table[i * items + j] === 0) continue;
      winner[row] = i;
      loser[row] = j;
      weight[row++] = table[i * items + j];
    }
  }
  return { ...data, winner, loser, weight };
}

/** The name of an item for people: its name, or "item 3". */
export function itemName(data: Pick<Comparisons, "names">, item: number): string {
  return data.names?.[item] ?? `item ${item}`;
}

/** Row numbers in order of their key, equal keys in the order of `rows`. */
function countingSort(keys: Int32Array, range: number, rows?: Int32Array): Int32Array {
  const place = new Int32Array(range + 1);
  for (let k = 0; k < keys.length; k++) place[keys[k] + 1]++;
  for (let key = 0; key < range; key++) place[key + 1] += place[key];
  const order = new Int32Array(keys.length);
  for (let k = 0; k < keys.length; k++) {
    const row = rows ? rows[k] : k;
    order[place[keys[row]]++] = row;
  }
  return order;
}

function itemCount(columns: ArrayLike<number>[], options: ComparisonOptions): number {
  const { names, items } = options;
  if (names && items !== undefined && names.length !== items) {
    throw new ShapeError(complaint("names", `${items} names, one for each item`, names));
  }
  const stated = items ?? names?.length;
  if (stated !== undefined) {
    checkCount("items", stated, 0);
    return stated;
  }
  let most = -1;
  for (const column of columns) {
    for (let k = 0; k < column.length; k++) if (Number.isInteger(column[k]) && column[k] > most) most = column[k];
  }
  return most + 1;
}

function checkItem(what: string, item: number, items: number): void {
  if (Number.isInteger(item) && item >= 0 && item < items) return;
  const range = items === 0 ? "an item, but there are none" : `an item from 0 to ${items - 1}`;
  throw new DomainError(`${what}: expected ${range}, got ${quote(item)}`);
}
