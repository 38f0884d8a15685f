// WebAssembly put together byte by byte: the few instructions that our loops over pairs of numbers need, and a module
// of such functions over one memory. The binary format is WebAssembly 2.0, chapter 5.

/** Instructions, as bytes. */
export type Code = readonly number[];

/** A function without a result: its arguments are addresses and counts in bytes, its locals come after them. */
export interface LaneFunction {
  name: string;
  parameters: number;
  /** How many further locals are addresses and counts, and how many are vectors of two numbers. */
  integers: number;
  vectors: number;
  body: Code;
}

const [I32, V128, VOID] = [0x7f, 0x7b, 0x40];

const unsigned = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...unsigned(Math.floor(n / 128))]);
const signed = (n: number): number[] => (n >= -64 && n < 64 ? [n & 127] : [(n & 127) | 128, ...signed(n >> 7)]);
const vector =
  (opcode: number) =>
  (...operands: Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)];

// A computation is what its operands leave on the stack, and then the instruction: so they are written as calls.
export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const integer = (n: number): Code => [0x41, ...signed(n)];
export const plus = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
/** The integer at an address, and `offset` bytes further. */
export const integerAt = (address: Code, offset = 0): Code => [...address, 0x28, 2, ...unsigned(offset)];

export const add = vector(0xf0);
export const subtract = vector(0xf1);
export const multiply = vector(0xf2);
/** b < a ? b : a, and a < b ? b : a, in each lane: one instruction of the processor. */
export const lesser = vector(0xf6);
export const greater = vector(0xf7);

export const load = (address: Code, offset = 0): Code => [...address, 0xfd, 0x00, 3, ...unsigned(offset)];
export const store = (address: Code, value: Code, offset = 0): Code => [
  ...[...address, ...value],
  ...[0xfd, 0x0b, 3, ...unsigned(offset)],
];
/** The sum of a vector's two numbers, stored as one. */
export const storeSum = (address: Code, value: Code, offset = 0): Code => {
  const lane = (n: number) => [...value, 0xfd, 0x21, n];
  return [...address, ...lane(0), ...lane(1), 0xa0, 0x39, 3, ...unsigned(offset)];
};

/** Two vectors' four numbers rounded to float32, one vector. */
export const singlesOf = (a: Code, b: Code): Code => {
  const rounded = (value: Code) => [...value, 0xfd, 0x5e]; // in the lower half
  const lowerHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
  return [...rounded(a), ...rounded(b), 0xfd, 0x0d, ...lowerHalves];
};

/** for (; local < end; local += step) body, without a sign. */
export const until = (local: number, end: Code, step: Code, body: Code): Code => [
  ...[0x02, VOID, 0x03, VOID],
  ...[...get(local), ...end, 0x4f, 0x0d, 1],
  ...body,
  ...set(local, plus(get(local), step)),
  ...[0x0c, 0, 0x0b, 0x0b],
];

/** The bytes of a module that exports these functions and imports its memory as "m" of "". */
export function laneModule(functions: readonly LaneFunction[]): Uint8Array {
  const counted = (bytes: Code) => [...unsigned(bytes.length), ...bytes];
  const list = (items: readonly Code[]) => [...unsigned(items.length), ...items.flat()];
  const name = (text: string) => counted(Array.from(text, (c) => c.charCodeAt(0)));
  const section = (id: number, bytes: Code) => [id, ...counted(bytes)];
  const code = ({ integers, vectors, body }: LaneFunction) =>
    counted([2, ...unsigned(integers), I32, ...unsigned(vectors), V128, ...body, 0x0b]);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(functions.map(({ parameters }) => [0x60, ...counted(Array(parameters).fill(I32)), 0]))),
    ...section(2, [1, 0, ...name("m"), 0x02, 0, 1]),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(functions.map((f, i) => [...name(f.name), 0x00, ...unsigned(i)]))),
    ...section(10, list(functions.map(code))),
  ]);
}
