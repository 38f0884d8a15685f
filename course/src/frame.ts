import { createRequire } from "node:module";
import type { DataFrame } from "danfojs-node";
import type { Cell } from "rlhf-lab/notebook";
import { loadTensorFlow } from "rlhf-lab/tensor";

/**
 * Rows (objects) or columns (arrays) as a danfojs data frame, for looking around in data: head, query, merge,
 * sortValues of small tables. Show it with table(). Results are never computed with it: its groupby mean counts null as
 * 0, its describe throws on null and its concat corrupts its input, among others; statistics are in this library.
 *
 * danfojs brings TensorFlow with it, so the first call takes a second or two; nothing is loaded before.
 */
export function frame(data: readonly Record<string, Cell>[] | Record<string, ArrayLike<Cell>>): DataFrame {
  loadTensorFlow(); // with our settings, before danfojs loads it with none
  const danfo = createRequire(import.meta.url)("danfojs-node") as typeof import("danfojs-node");
  const plain = (cells: ArrayLike<Cell>) => Array.from(cells);
  return new danfo.DataFrame(
    Array.isArray(data) ? data : Object.fromEntries(Object.entries(data).map(([name, cells]) => [name, plain(cells)])),
  );
}
