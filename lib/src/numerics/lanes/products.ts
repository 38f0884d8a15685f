import { add, get, integer, type LaneFunction, load, multiply, plus, set, storeSum, until } from "./assembler.js";

// Arguments: the addresses of four rows and of two others, and the count in bytes.
const [rows, u, v, count, k] = [[0, 1, 2, 3], 4, 5, 6, 7];
const [left, right, row, sums] = [8, 9, 10, 11];
const at = (local: number) => load(plus(get(local), get(k)));
const gather = (sum: number, other: number) => set(sum, add(get(sum), multiply(get(row), get(other))));

/** Inner products of four rows with two others: result 2 r + s is row r . other s. */
export const products: LaneFunction = {
  name: "products",
  parameters: 7,
  integers: 1,
  vectors: 11,
  body: [
    ...until(k, get(count), integer(16), [
      ...[...set(left, at(u)), ...set(right, at(v))],
      ...rows.flatMap((r) => [...set(row, at(r)), ...gather(sums + 2 * r, left), ...gather(sums + 2 * r + 1, right)]),
    ]),
    ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => storeSum(integer(0), get(sums + i), 8 * i)),
  ],
};
