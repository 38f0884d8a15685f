import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

/**
 * Makes Node's own ways to the network throw. This is courtesy, not a wall: the wall is the network namespace, where the
 * operating system has one; the report says when it has not.
 */
export function closeNetwork(): void {
  const closed = () => {
    throw new Error("the grader has no network");
  };
  net.Socket.prototype.connect = closed;
  net.Server.prototype.listen = closed;
  dgram.Socket.prototype.bind = closed;
  dgram.Socket.prototype.send = closed as typeof dgram.Socket.prototype.send;
  for (const name of ["lookup", "resolve", "resolve4", "resolve6"] as const) Object.assign(dns, { [name]: closed });
  syncBuiltinESMExports();
}
