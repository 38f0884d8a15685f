import { type Cell, currentCell, inCell } from "./cell.js";

type Callback = (...args: unknown[]) => void;

/**
 * Timers remember the cell that set them: what they print and throw belongs to it, and when it is interrupted they
 * stop. Its intervals would otherwise run on for as long as the session.
 */
export function timersOfCells(stray: (error: unknown, cell: Cell) => void): void {
  globalThis.setTimeout = remembering(globalThis.setTimeout, stray);
  globalThis.setInterval = remembering(globalThis.setInterval, stray);
  globalThis.setImmediate = remembering(globalThis.setImmediate, stray);
}

function remembering<T extends object>(starter: T, stray: (error: unknown, cell: Cell) => void): T {
  const start = starter as unknown as (callback: Callback, ...rest: unknown[]) => NodeJS.Timeout;
  const wrapped = (callback: Callback, ...rest: unknown[]) => {
    const cell = currentCell();
    if (typeof callback !== "function" || cell === undefined) return start(callback, ...rest);
    const timer: NodeJS.Timeout = start(
      (...args) => {
        if (cell.interrupted) {
          clearInterval(timer);
          return;
        }
        try {
          inCell(cell, () => callback.apply(timer, args));
        } catch (error) {
          stray(error, cell);
        }
      },
      ...rest,
    );
    return timer;
  };
  // util.promisify(setTimeout) and the like.
  return Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(starter)) as unknown as T;
}
