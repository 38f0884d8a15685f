import { InterruptError } from "rlhf-lab/core";
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

  /** The cell's code must not go on: it has been answered, or it catches every InterruptError that it gets. */
  get asleep(): boolean {
    return this.interrupted && (this.#answered || this.#thrown > 10);
  }

  /** @throws InterruptError if the cell has been interrupted, so that its finally blocks run */
  checkpoint(): void {
    if (!this.interrupted) return;
    this.#thrown += 1;
    throw this.signal.reason;
  }
}

/*
 * Which cell is running? Only one runs at a time, but an earlier one may have left timers or promises behind. Timers
 * and resumed awaits say whose they are (timers.ts, resume.ts). AsyncLocalStorage would know more, but its promise
 * hooks do not survive code being terminated: Node aborts.
 */
let current: Cell | undefined;
let last: Cell | undefined;

/** The cell whose code is running; outside of any, the one that ran last. */
export function currentCell(): Cell | undefined {
  return current ?? last;
}

export function startCell(cell: Cell): void {
  last = cell;
  current = undefined;
}

/** Code of this cell runs from here to the next wait. */
export function enterCell(cell: Cell): void {
  if (cell === last) {
    current = undefined;
    return;
  }
  current = cell;
  queueMicrotask(leave);
}

function leave(): void {
  current = undefined;
}

export function inCell<T>(cell: Cell, run: () => T): T {
  const before = current;
  current = cell;
  try {
    return run();
  } finally {
    current = before;
  }
}
