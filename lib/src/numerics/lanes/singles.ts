import { get, integer, type LaneFunction, load, plus, set, singlesOf, store, until } from "./assembler.js";

// Arguments: where the row begins and ends, and where its numbers go.
const [row, end, target] = [0, 1, 2];

/** A row's numbers rounded to float32. */
export const singles: LaneFunction = {
  name: "singles",
  parameters: 3,
  integers: 0,
  vectors: 0,
  body: until(row, get(end), integer(64), [
    ...[0, 1].flatMap((half) => {
      const four = singlesOf(load(get(row), 32 * half), load(get(row), 32 * half + 16));
      return store(get(target), four, 16 * half);
    }),
    ...set(target, plus(get(target), integer(32))),
  ]),
};
