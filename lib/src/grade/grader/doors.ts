import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import os from "node:os";

/**
 * Closes what Node's permission model leaves open: the network, and signals to other processes. Called before any of the
 * learner's code. Native code could still pass; the wall against that are the operating system's namespaces, and the report
 * says when there are none.
 */
export function closeDoors(): void {
  const closed = (what: string) => () => {
    throw new Error(`the grader has no ${what}`);
  };
  const network = closed("network");
  net.Socket.prototype.connect = network;
  net.Server.prototype.listen = network;
  dgram.Socket.prototype.bind = network;
  dgram.Socket.prototype.send = network as typeof dgram.Socket.prototype.send;
  for (const name of ["lookup", "resolve", "resolve4", "resolve6"] as const) Object.assign(dns, { [name]: network });
  const signals = closed("signals to processes");
  for (const name of ["kill", "_kill", "_debugProcess", "_debugEnd", "binding", "_linkedBinding"]) {
    Object.defineProperty(process, name, { value: signals, writable: false, configurable: false });
  }
  os.setPriority = signals;
  syncBuiltinESMExports();
}
