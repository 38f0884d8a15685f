import { get, integer, type LaneFunction, load, plus, set, storeSingles, until } from "./assembler.js";

// Arguments: where the row begins and ends, and where its numbers go.
const [row, end, target] = [0, 1, 2];

/** A row's numbers rounded to float32. */
export const singles: LaneFunction = {
  name: "singles",
  parameters: 3,
  integers: 0,
  vectors: 0,
  body: until(row, get(end), integer(16), [
    ...storeSingles(get(target), load(get(row))),
    ...set(target, plus(get(target), integer(8))),
  ]),
};
