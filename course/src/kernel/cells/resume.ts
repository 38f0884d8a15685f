import { type Cell, currentCell, enterCell } from "./cell.js";

/**
 * The two halves of a cell's `await x`, which guard.ts rewrites to `resume(await guard(x))`: what it waits for, and
 * how it goes on. An interrupted cell gets an InterruptError where it would go on; one that the kernel no longer
 * waits for never goes on.
 */
export function guard(value: unknown): Promise<Settled> {
  const cell = currentCell();
  if (cell?.asleep) return forever();
  const settled = (settlement: Settled) => (cell?.asleep ? forever() : settlement);
  return Promise.resolve(value).then(
    (result) => settled({ cell, value: result }),
    (error) => settled({ cell, error }),
  );
}

export function resume(settled: Settled): unknown {
  if (settled.cell !== undefined) {
    enterCell(settled.cell);
    settled.cell.checkpoint();
  }
  if ("error" in settled) throw settled.error;
  return settled.value;
}

/** The same for the values of `for await (const x of xs)`. */
export async function* guardEach<T>(values: AsyncIterable<T> | Iterable<T | PromiseLike<T>>): AsyncGenerator<T> {
  const cell = currentCell();
  for await (const value of values) {
    if (cell?.asleep) await forever();
    if (cell !== undefined) enterCell(cell);
    cell?.checkpoint();
    yield value as T;
  }
}

export type Settled = { cell: Cell | undefined } & ({ value: unknown } | { error: unknown });

const forever = () => new Promise<never>(() => {});
