import { dot } from "../dot.js";
import { COLUMNS } from "./exchanges.js";
import type { Lanes } from "./lanes.js";

/** The same loops in JavaScript, one number at a time, for where WebAssembly may not be used. */
export function plainLanes(count: number): Lanes {
  const numbers = new Float64Array(count);
  const integers = new Int32Array(numbers.buffer);
  const rounded = new Float32Array(numbers.buffer);
  return {
    numbers,
    products(a, b, c, d, u, v, length) {
      const part = (from: number) => numbers.subarray(from, from + length);
      numbers.set([a, b, c, d].flatMap((row) => [u, v].map((other) => dot(part(row), part(other)))));
    },
    exchanges(columns, from, to) {
      for (let pair = from; pair < to; pair++) {
        const low = columns + integers[2 * pair] / 8;
        const high = columns + integers[2 * pair + 1] / 8;
        for (let i = 0; i < COLUMNS; i++) {
          const [a, b] = [numbers[low + i], numbers[high + i]];
          numbers[low + i] = b < a ? b : a;
          numbers[high + i] = a < b ? b : a;
        }
      }
    },
    orders(n, from, to, stride, step) {
      for (let group = from; group < to; group += stride) {
        for (let i = group; i < group + COLUMNS; i++) {
          const column = Float64Array.from({ length: n }, (_, r) => numbers[i + r * step]).sort();
          column.forEach((x, r) => {
            numbers[i + r * step] = x;
          });
        }
      }
    },
    columnSums(row, end, stride) {
      numbers.fill(0, 0, COLUMNS);
      for (let at = row; at < end; at += stride) for (let i = 0; i < COLUMNS; i++) numbers[i] += numbers[at + i];
    },
    differences(from, to, other) {
      for (let at = from; at < to; at++) numbers[at] -= numbers[other + at - from];
    },
    singles(from, to, at) {
      for (let i = from; i < to; i++) rounded[2 * at + i - from] = numbers[i];
    },
  };
}
