import { AsyncLocalStorage } from "node:async_hooks";
import { InterruptError } from "../../core/errors.js";
import type { CellError } from "../messages.js";
import { OutputLimit } from "../outputLimit.js";

/** One execution of a cell. Whatever it starts (timers, promises) belongs to it for as long as it lives. */
export class Cell {
  readonly #controller = new AbortController();
  readonly #ended: Promise<void>;
  #giveUp: () => void = () => {};
  /** How often the guard has thrown into this cell since it was interrupted. */
  #thrown = 0;
  #answered = false;
  /** An exception that nobody caught: an unhandled rejection, or one in a timer, while the cell was running. */
  stray: CellError | undefined;
  readonly output = new OutputLimit();

  constructor(
    readonly id: number,
    readonly label: string,
    readonly silent: boolean,
  ) {
    this.#ended = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get interrupted(): boolean {
    return this.signal.aborted;
  }

  /** Resolves when the kernel stops waiting for the cell. */
  get abandoned(): Promise<void> {
    return this.#ended;
  }

  interrupt(): void {
    this.#controller.abort(new InterruptError("The cell was interrupted."));
  }

  /** The kernel stops waiting; from now on the cell's code is not woken up again. */
  abandon(): void {
    this.#answered = true;
    this.#giveUp();
  }

  /**
   * Called wherever the cell's code is about to go on after a wait. An interrupted cell gets an InterruptError, so that its
   * finally blocks run; code that catches it, or that wakes up after the cell has been answered, sleeps for good.
   */
  checkpoint(): Promise<never> | undefined {
    if (!this.interrupted) return undefined;
    this.#thrown += 1;
    if (this.#answered || this.#thrown > 10) return new Promise(() => {});
    throw this.signal.reason;
  }
}

const storage = new AsyncLocalStorage<Cell>();
let last: Cell | undefined;

/** The cell whose code is running, also after an await or in a timer; otherwise the cell that ran last. */
export function currentCell(): Cell | undefined {
  return storage.getStore() ?? last;
}

export function inCell<T>(cell: Cell, run: () => T): T {
  last = cell;
  return storage.run(cell, run);
}
