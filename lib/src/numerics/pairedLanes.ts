// Two numbers at a time: the inner loop of `cholesky.ts` in WebAssembly's vector instructions, which JavaScript lacks.
// The module is put together here, byte by byte, since it is one loop; the binary format is WebAssembly 2.0, chapter 5.

/** Memory that the loop reads, and the loop. Both are kept for the next call, and grow with the largest. */
export interface PairedLanes {
  /** At least as many numbers as asked for, 8 bytes each; the first 8 are the results. */
  numbers: Float64Array;
  /**
   * Inner products of four rows with two others over `count` numbers, an even count: results[2 r + s] = row r . other
   * s. Rows and others are where they begin in `numbers`.
   */
  products(a: number, b: number, c: number, d: number, u: number, v: number, count: number): void;
}

/** What is used of WebAssembly: the library's types are those of the language alone. */
interface Engine {
  validate(bytes: Uint8Array): boolean;
  Memory: new (size: { initial: number }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: { f: (...addresses: number[]) => void } };
}

interface Memory {
  buffer: ArrayBuffer;
  grow(pages: number): void;
}

/** Undefined before the first call, null where there are no vector instructions, or none that may be used. */
let kept: { memory: Memory; run: (...addresses: number[]) => void } | null | undefined;

/** Room for `count` numbers, or undefined where there are no vector instructions, and beyond a gigabyte. */
export function pairedLanes(count: number): PairedLanes | undefined {
  if (kept === undefined) kept = start();
  if (kept === null || count > 2 ** 27) return undefined;
  const { memory, run } = kept;
  const missing = Math.ceil((8 * count) / PAGE) - memory.buffer.byteLength / PAGE;
  if (missing > 0) memory.grow(missing);
  return {
    numbers: new Float64Array(memory.buffer),
    products: (a, b, c, d, u, v, n) => run(8 * a, 8 * b, 8 * c, 8 * d, 8 * u, 8 * v, 8 * n),
  };
}

const PAGE = 65_536;

function start(): NonNullable<typeof kept> | null {
  const bytes = moduleOf();
  const { WebAssembly: engine } = globalThis as unknown as { WebAssembly?: Engine };
  if (engine === undefined || !engine.validate(bytes)) return null;
  try {
    const memory = new engine.Memory({ initial: 1 });
    const { exports } = new engine.Instance(new engine.Module(bytes), { "": { m: memory } });
    return { memory, run: exports.f };
  } catch {
    return null; // a page may forbid it, by its Content-Security-Policy
  }
}

function moduleOf(): Uint8Array {
  const [I32, V128, VOID] = [0x7f, 0x7b, 0x40];
  const size = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...size(Math.floor(n / 128))]);
  const counted = (bytes: number[]) => [...size(bytes.length), ...bytes];
  const name = (text: string) => counted([...new TextEncoder().encode(text)]);
  const section = (id: number, bytes: number[]) => [id, ...counted(bytes)];
  // Locals 0..6: the addresses of four rows and two others, and the count in bytes; 7: k; then vectors.
  const [count, k, u, v, row, sums] = [6, 7, 8, 9, 10, 11];
  const get = (local: number) => [0x20, local];
  const set = (local: number) => [0x21, local];
  const load = (address: number) => [...get(address), ...get(k), 0x6a, 0xfd, 0x00, 3, 0];
  const [multiply, add] = [
    [0xfd, 0xf2, 0x01],
    [0xfd, 0xf0, 0x01],
  ];
  const gather = (sum: number, other: number) => [
    ...get(sum),
    ...get(row),
    ...get(other),
    ...multiply,
    ...add,
    ...set(sum),
  ];
  const rows = [0, 1, 2, 3];
  const body = [
    // block loop: leave at k >= count
    ...[0x02, VOID, 0x03, VOID, ...get(k), ...get(count), 0x4f, 0x0d, 1],
    ...[...load(4), ...set(u), ...load(5), ...set(v)],
    ...rows.flatMap((r) => [...load(r), ...set(row), ...gather(sums + 2 * r, u), ...gather(sums + 2 * r + 1, v)]),
    // k += 16, again
    ...[...get(k), 0x41, 16, 0x6a, ...set(k), 0x0c, 0, 0x0b, 0x0b],
    // results[i] = both lanes of sum i
    ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => {
      const lane = (n: number) => [...get(sums + i), 0xfd, 0x21, n];
      return [0x41, 0, ...lane(0), ...lane(1), 0xa0, 0x39, 3, 8 * i];
    }),
    0x0b,
  ];
  const locals = [2, 1, I32, 11, V128];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...counted(Array(7).fill(I32)), 0]),
    ...section(2, [1, ...name(""), ...name("m"), 0x02, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name("f"), 0x00, 0]),
    ...section(10, [1, ...counted([...locals, ...body])]),
  ]);
}
