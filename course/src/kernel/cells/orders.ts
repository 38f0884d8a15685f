import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { lineReader } from "../lines.js";
import type { Order } from "../messages.js";
import { pristine } from "./intrinsics.js";

/**
 * Calls back for each order that comes down the pipe, for as long as process 1 lives. The socket is nobody else's:
 * process.removeAllListeners() does not reach it, nor does a method that a cell has replaced.
 */
export function listenForOrders(fd: number, obey: (order: Order) => void): void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.emit = EventEmitter.prototype.emit;
  const read = lineReader((line) => obey(JSON.parse(line)));
  pipe.on("data", (bytes: Buffer) => pristine(() => read(bytes)));
  const { kill, pid } = process;
  const die = () => kill(pid, "SIGKILL");
  pipe.on("end", die);
  pipe.on("error", die);
}
