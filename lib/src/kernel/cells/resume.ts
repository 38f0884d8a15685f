import { currentCell } from "./cell.js";

/** What `await x` of a cell's code waits for (guard.ts rewrites it): x, unless the cell has been interrupted meanwhile. */
export function guard(value: unknown): unknown {
  const cell = currentCell();
  if (cell === undefined) return value;
  const asleep = cell.checkpoint();
  if (asleep !== undefined) return asleep;
  if (typeof (value as PromiseLike<unknown> | undefined)?.then !== "function") return value;
  return Promise.resolve(value).then(
    (result) => cell.checkpoint() ?? result,
    (error) => {
      const sleeping = cell.checkpoint();
      if (sleeping !== undefined) return sleeping;
      throw error;
    },
  );
}

/** The same for `for await (const x of xs)`. */
export async function* guardEach<T>(values: AsyncIterable<T> | Iterable<T | PromiseLike<T>>): AsyncGenerator<T> {
  const cell = currentCell();
  for await (const value of values) {
    await cell?.checkpoint();
    yield value as T;
  }
}

/** Timers of an interrupted cell stop: its intervals would otherwise run on for as long as the session. */
export function stopTimersOfInterruptedCells(): void {
  globalThis.setTimeout = stopping(globalThis.setTimeout);
  globalThis.setInterval = stopping(globalThis.setInterval);
  globalThis.setImmediate = stopping(globalThis.setImmediate);
}

type Callback = (...args: unknown[]) => void;

function stopping<T extends object>(starter: T): T {
  const start = starter as unknown as (callback: Callback, ...rest: unknown[]) => NodeJS.Timeout;
  const wrapped = (callback: Callback, ...rest: unknown[]) => {
    const cell = currentCell();
    if (typeof callback !== "function" || cell === undefined) return start(callback, ...rest);
    const timer: NodeJS.Timeout = start(
      (...args) => {
        if (cell.interrupted) clearInterval(timer);
        else callback(...args);
      },
      ...rest,
    );
    return timer;
  };
  // util.promisify(setTimeout) and the like.
  return Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(starter)) as unknown as T;
}
