import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { lineReader } from "../lines.js";
import { type Order, parseOrder } from "../messages.js";
import { pristine } from "./intrinsics.js";

/**
 * Calls back for each order that comes down the pipe, for as long as process 1 lives: each once and in the order of
 * their numbers, and says which have been taken. Whatever an interrupt cuts off here, what has been said to be taken
 * has been obeyed; the rest comes again. An order that was cut off half-way is obeyed again: it must do no harm twice.
 *
 * The socket is nobody else's: process.removeAllListeners() does not reach it, nor does a method that a cell has
 * replaced.
 */
export function listenForOrders(
  fd: number,
  obey: (order: Order) => void,
  taken: (number: number) => void,
  failed: (error: unknown) => void,
): void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.emit = EventEmitter.prototype.emit;
  let done = 0;
  const read = lineReader((line) => {
    const said = parseOrder(line);
    // What comes before its turn has lost the one before it; both will come again.
    if (said === undefined || said.number > done + 1) return;
    if (said.number === done + 1) {
      try {
        obey(said.order);
      } catch (error) {
        failed(error);
      }
      // Not in a finally block: an order that was cut off has not been taken.
      done = said.number;
    }
    taken(done);
  });
  pipe.on("data", (bytes: Buffer) => pristine(() => read(bytes)));
  const { kill, pid } = process;
  const die = () => kill(pid, "SIGKILL");
  pipe.on("end", die);
  pipe.on("error", die);
}
