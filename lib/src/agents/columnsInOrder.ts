import { COLUMNS, lanes, MOST, RESULTS } from "../numerics/lanes/lanes.js";
import { partingNetwork, sortingNetwork } from "../numerics/sortingNetwork.js";

/** Columns that lie side by side at a time. */
export const BLOCK = 512;
/** From one row to the next: whole cache lines, and not 2^k, since rows 4096 bytes apart hinder each other. */
const STRIDE = BLOCK + 16;
/** Numbers in a cache line. */
const LINE = 8;

/** Room for columns of n numbers, which a network puts in order, sixteen at a time. */
export interface ColumnsInOrder {
  numbers: Float64Array;
  /** Where a row begins: BLOCK numbers, one of each column. */
  row(i: number): number;
  /** Sums of sixteen columns, from column `at` on, over rows `from` to `to` - 1: the first results in `numbers`. */
  sums(at: number, from: number, to: number): void;
  /** Puts sixteen columns in order, from column `at` on. */
  order(at: number): void;
}

/** With `starts` only the parts between these rows come in order, each as a set, which takes fewer exchanges. */
export function columnsInOrder(n: number, starts?: readonly number[]): ColumnsInOrder {
  // Rows `apart` from each other are few enough for the registers: `fewer` of them, or one more in the first groups.
  const apart = 2 ** Math.max(0, Math.ceil(Math.log2(n / MOST)));
  const [fewer, more] = [Math.floor(n / apart), n % apart];
  const list = exchangeList(n, apart, starts);
  const end = RESULTS + list.length / 2;
  const first = LINE * Math.ceil(end / LINE);
  const room = lanes(first + n * STRIDE);
  const { numbers } = room;
  new Int32Array(numbers.buffer, 8 * RESULTS).set(list);
  const row = (i: number) => first + i * STRIDE;
  return {
    numbers,
    row,
    sums: (at, from, to) => room.columnSums(row(from) + at, row(to) + at, STRIDE),
    order(at) {
      if (more > 0) room.orders(fewer + 1, row(0) + at, row(more) + at, STRIDE, apart * STRIDE);
      room.orders(fewer, row(more) + at, row(apart) + at, STRIDE, apart * STRIDE);
      room.exchanges(row(0) + at, RESULTS, end);
    },
  };
}

/** The last list that was asked for: servers get as many reports each round. */
let kept: { name: string; list: Int32Array } | undefined;

/** Exchanges that are left to do where rows `apart` from each other are in order. */
function exchangeList(n: number, apart: number, starts?: readonly number[]): Int32Array {
  const name = `${n} ${starts}`;
  if (kept?.name === name) return kept.list;
  const whole = sortingNetwork(n, apart);
  const network = starts === undefined ? whole : partingNetwork(whole, starts);
  const list = new Int32Array(2 * network.length);
  network.forEach(([low, high], i) => {
    list[2 * i] = 8 * STRIDE * low;
    list[2 * i + 1] = 8 * STRIDE * high;
  });
  kept = { name, list };
  return list;
}

export { COLUMNS };
