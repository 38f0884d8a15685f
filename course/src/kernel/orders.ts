import type { Writable } from "node:stream";
import { type Order, orderLine } from "./messages.js";

/** Looks (ticks of Life) before an order that was not taken is sent again, at first and at most. */
const FIRST = 2;
const MOST = 64;

/**
 * The orders to one process 2. An interrupt may cut off whatever runs there, also the code that has just read an order,
 * and the order is gone. So orders are numbered and kept until process 2 says that it has taken them, each once and one
 * after the other; until then they are sent again, in order (cells/orders.ts is the other end).
 */
export class Orders {
  readonly #pipe: Writable;
  #count = 0;
  #kept: { number: number; line: string }[] = [];
  #quiet = 0;
  #patience = FIRST;

  constructor(pipe: Writable) {
    this.#pipe = pipe;
  }

  /** The number that it was given. */
  send(order: Order): number {
    this.#count += 1;
    const line = orderLine(this.#count, order);
    this.#kept.push({ number: this.#count, line });
    this.#pipe.write(line);
    return this.#count;
  }

  /** Goes on for the orders to a process that has ended before it took any. */
  takeOver(other: Orders): void {
    this.#count = other.#count;
    this.#kept = other.#kept;
    for (const { line } of this.#kept) this.#pipe.write(line);
  }

  /** Process 2 has taken all up to this number. */
  taken(number: number): void {
    this.#kept = this.#kept.filter((kept) => kept.number > number);
    this.#quiet = 0;
    this.#patience = FIRST;
  }

  /** Whether an order, this one or any, still has to be taken. */
  waits(number?: number): boolean {
    return number === undefined ? this.#kept.length > 0 : this.#kept.some((kept) => kept.number === number);
  }

  /**
   * To be called now and then: sends again what may be lost, ever more rarely, since a process that computes reads it
   * when it is done. What still waits in our own end of the pipe is not lost.
   */
  look(): void {
    this.#quiet = this.#pipe.writableLength === 0 ? this.#quiet + 1 : 0;
    if (this.#quiet < this.#patience) return;
    this.#quiet = 0;
    this.#patience = Math.min(2 * this.#patience, MOST);
    for (const { line } of this.#kept) this.#pipe.write(line);
  }
}
