import { add, get, integer, type LaneFunction, load, set, store, until } from "./assembler.js";
import { COLUMNS } from "./exchanges.js";

// Arguments: the address of the first row's columns, that of the last's, and how many bytes are between two rows.
const [row, end, stride] = [0, 1, 2];
const sums = 3;
const eights = Array.from({ length: COLUMNS / 2 }, (_, i) => i);

/** Sums of COLUMNS columns: result i is that of column i. */
export const columnSums: LaneFunction = {
  name: "columnSums",
  parameters: 3,
  integers: 0,
  vectors: COLUMNS / 2,
  body: [
    ...until(
      row,
      get(end),
      get(stride),
      eights.flatMap((i) => set(sums + i, add(get(sums + i), load(get(row), 16 * i)))),
    ),
    ...eights.flatMap((i) => store(integer(0), get(sums + i), 16 * i)),
  ],
};
