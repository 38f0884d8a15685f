import { get, integer, type LaneFunction, load, plus, set, store, subtract, until } from "./assembler.js";

// Arguments: where the row begins and ends, and where the other begins.
const [row, end, other] = [0, 1, 2];

/** Takes another row from a row. */
export const differences: LaneFunction = {
  name: "differences",
  parameters: 3,
  integers: 0,
  vectors: 0,
  body: until(row, get(end), integer(16), [
    ...store(get(row), subtract(load(get(row)), load(get(other)))),
    ...set(other, plus(get(other), integer(16))),
  ]),
};
