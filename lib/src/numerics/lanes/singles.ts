import { get, integer, type LaneFunction, load, plus, set, singlesOf, store, until } from "./assembler.js";

// Arguments: where the row begins and ends, and where its numbers go.
const [row, end, target] = [0, 1, 2];

/** A row's numbers rounded to float32. */
export const singles: LaneFunction = {
  name: "singles",
  parameters: 3,
  integers: 0,
  vectors: 0,
  body: until(row, get(end), integer(32), [
    ...store(get(target), singlesOf(load(get(row)), load(get(row), 16))),
    ...set(target, plus(get(target), integer(16))),
  ]),
};
