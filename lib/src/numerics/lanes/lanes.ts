// Two numbers at a time: inner loops in WebAssembly's vector instructions, which JavaScript lacks.
import { type LaneFunction, laneModule } from "./assembler.js";
import { columnSums } from "./columnSums.js";
import { differences } from "./differences.js";
import { COLUMNS, exchanges } from "./exchanges.js";
import { MOST, ordersOf } from "./orders.js";
import { plainLanes } from "./plain.js";
import { products } from "./products.js";
import { singles } from "./singles.js";

export { COLUMNS, MOST };

/** How many places of the memory are results. */
export const RESULTS = 16;

/** Memory that the loops read, and the loops. Both are kept for the next call, and grow with the largest. */
export interface Lanes {
  /** At least as many numbers as asked for; the first RESULTS are results. Places below are places in it. */
  numbers: Float64Array;
  /**
   * Inner products of four rows with two others over `count` numbers, an even count: numbers[2 r + s] = row r . other
   * s. Rows and others are where they begin.
   */
  products(a: number, b: number, c: number, d: number, u: number, v: number, count: number): void;
  /**
   * Puts two rows' numbers in order, column by column, for COLUMNS columns from place `columns` on and for every
   * pair of a list, one after the other: the lesser ones to the first row. The list lies in places `from` to `to`,
   * a pair in each: how many bytes after `columns` its rows begin, as two integers of 32 bits.
   */
  exchanges(columns: number, from: number, to: number): void;
  /**
   * Puts groups of `count` rows in order, MOST or fewer, column by column for COLUMNS columns. Groups begin at places
   * `from`, `from` + `stride` and so on before `to`, their rows are `step` apart.
   */
  orders(count: number, from: number, to: number, stride: number, step: number): void;
  /** Sums of COLUMNS columns: numbers[i] = that of column i, over rows from place `row` to `end`, `stride` apart. */
  columnSums(row: number, end: number, stride: number): void;
  /** Takes the numbers from place `other` on from those in places `from` to `to`, an even count. */
  differences(from: number, to: number, other: number): void;
  /** Rounds the numbers in places `from` to `to`, eight at a time, to float32; two of them to a place, from `at` on. */
  singles(from: number, to: number, at: number): void;
}

type Call = (...addresses: number[]) => void;
type Calls = Record<Exclude<keyof Lanes, "numbers">, Call>;
type Started = Omit<Calls, "orders">;

/** What is used of WebAssembly: the library's types are those of the language alone. */
interface Engine {
  Memory: new (size: { initial: number }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Calls };
}

interface Memory {
  buffer: ArrayBuffer;
  grow(pages: number): void;
}

/** Undefined before the first call, null where there are no vector instructions, or none that may be used. */
let kept: { memory: Memory; calls: Started } | null | undefined;
/** Orders of so many rows, compiled when they are asked for, which takes a millisecond or two. */
const orders: Call[] = [];

/** Room for `count` numbers; beyond a gigabyte, and where there are no vector instructions, loops are JavaScript. */
export function lanes(count: number): Lanes {
  if (kept === undefined) kept = start();
  if (kept === null || count > 2 ** 27) return plainLanes(count);
  const { memory, calls } = kept;
  const missing = Math.ceil((8 * count) / PAGE) - memory.buffer.byteLength / PAGE;
  if (missing > 0) memory.grow(missing);
  return {
    numbers: new Float64Array(memory.buffer),
    products: (a, b, c, d, u, v, n) => calls.products(8 * a, 8 * b, 8 * c, 8 * d, 8 * u, 8 * v, 8 * n),
    exchanges: (columns, from, to) => calls.exchanges(8 * columns, 8 * from, 8 * to),
    orders(n, from, to, stride, step) {
      orders[n] ??= compiled(memory, [ordersOf(n)]).orders;
      orders[n](8 * from, 8 * to, 8 * stride, 8 * step);
    },
    columnSums: (row, end, stride) => calls.columnSums(8 * row, 8 * end, 8 * stride),
    differences: (from, to, other) => calls.differences(8 * from, 8 * to, 8 * other),
    singles: (from, to, at) => calls.singles(8 * from, 8 * to, 8 * at),
  };
}

const PAGE = 65_536;

function start(): NonNullable<typeof kept> | null {
  const { WebAssembly: engine } = globalThis as unknown as { WebAssembly: Engine };
  try {
    const memory = new engine.Memory({ initial: 1 });
    return { memory, calls: compiled(memory, [products, exchanges, columnSums, differences, singles]) };
  } catch {
    return null; // no vectors, or a page forbids it by its Content-Security-Policy
  }
}

function compiled(memory: Memory, functions: readonly LaneFunction[]): Calls {
  const { WebAssembly: engine } = globalThis as unknown as { WebAssembly: Engine };
  return new engine.Instance(new engine.Module(laneModule(functions)), { "": { m: memory } }).exports;
}
