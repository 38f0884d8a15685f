import { sortingNetwork } from "../sortingNetwork.js";
import { get, greater, integer, type LaneFunction, lesser, load, plus, set, store, until } from "./assembler.js";
import { COLUMNS } from "./exchanges.js";

/** So many rows fit the registers. So do 14, which are no quicker, and take five times as long to compile. */
export const MOST = 8;

// Arguments: the addresses of the first row's columns in the first group and after the last, and how many bytes are
// between two groups and between two rows of one.
const [group, end, stride, step] = [0, 1, 2, 3];
const [column, columns] = [4, 5];

/** Puts groups of `count` rows in order, column by column: a group's rows are read once, and written once. */
export function ordersOf(count: number): LaneFunction {
  const rows = Array.from({ length: count }, (_, i) => i);
  const address = (i: number) => (i === 0 ? column : columns + i);
  const held = (i: number) => columns + count + i;
  const spare = held(count);
  return {
    name: "orders",
    parameters: 4,
    integers: count + 1,
    vectors: count + 1,
    body: until(group, get(end), get(stride), [
      ...set(column, get(group)),
      ...set(columns, plus(get(group), integer(8 * COLUMNS))),
      ...until(column, get(columns), integer(16), [
        ...rows.slice(1).flatMap((i) => set(address(i), plus(get(address(i - 1)), get(step)))),
        ...rows.flatMap((i) => set(held(i), load(get(address(i))))),
        ...sortingNetwork(count).flatMap(([low, high]) => [
          ...set(spare, lesser(get(held(low)), get(held(high)))),
          ...set(held(high), greater(get(held(low)), get(held(high)))),
          ...set(held(low), get(spare)),
        ]),
        ...rows.flatMap((i) => store(get(address(i)), get(held(i)))),
      ]),
    ]),
  };
}
