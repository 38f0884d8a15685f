import {
  get,
  greater,
  integer,
  integerAt,
  type LaneFunction,
  lesser,
  load,
  plus,
  set,
  store,
  until,
} from "./assembler.js";

/** Columns that are worked on at once. */
export const COLUMNS = 16;

// Arguments: the address of the first row's columns, where the list of pairs begins, and where it ends.
const [columns, pair, end, low, high] = [0, 1, 2, 3, 4];
const [a, b] = [5, 6];

/** For every pair of rows: the lesser number of each column to the pair's first row, the greater to its second. */
export const exchanges: LaneFunction = {
  name: "exchanges",
  parameters: 3,
  integers: 2,
  vectors: 2,
  body: until(pair, get(end), integer(8), [
    ...set(low, plus(get(columns), integerAt(get(pair)))),
    ...set(high, plus(get(columns), integerAt(get(pair), 4))),
    ...Array.from({ length: COLUMNS / 2 }, (_, i) => 16 * i).flatMap((offset) => [
      ...[...set(a, load(get(low), offset)), ...set(b, load(get(high), offset))],
      ...store(get(low), lesser(get(a), get(b)), offset),
      ...store(get(high), greater(get(a), get(b)), offset),
    ]),
  ]),
};
