import dgram from "node:dgram";
import dns from "node:dns";
import Module, { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import os from "node:os";
import traceEvents from "node:trace_events";
import v8 from "node:v8";

/**
 * Closes what Node's permission model leaves open: the network, and signals to other processes. Called before any of
 * the learner's code. Native code could still pass; the wall against that are the operating system's namespaces, and
 * the report says when there are none.
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
  closeAll(dns, /^(lookup|resolve|reverse)/, network);
  closeAll(dns.promises, /^(lookup|resolve|reverse)/, network);
  for (const { prototype } of [dns.Resolver, dns.promises.Resolver]) {
    for (let p = prototype; p !== Object.prototype; p = Object.getPrototypeOf(p))
      closeAll(p, /^(resolve|reverse)/, network);
  }
  // Node writes and reads these files itself, past its permission model.
  const files = closed("such files");
  closeAll(traceEvents, /^createTracing$/, files);
  closeAll(v8, /^(writeHeapSnapshot|setHeapSnapshotNearHeapLimit|setFlagsFromString|takeCoverage)$/, files);
  closeAll(Module, /^enableCompileCache$/, files);
  const getReport = process.report.getReport.bind(process.report);
  Object.defineProperty(process, "report", { value: { getReport }, writable: false, configurable: false });
  Object.defineProperty(process, "loadEnvFile", { value: files, writable: false, configurable: false });
  const signals = closed("signals to processes");
  for (const name of ["kill", "_kill", "_debugProcess", "_debugEnd", "binding", "_linkedBinding"]) {
    Object.defineProperty(process, name, { value: signals, writable: false, configurable: false });
  }
  os.setPriority = signals;
  syncBuiltinESMExports();
}

function closeAll(of: object, names: RegExp, by: () => never): void {
  for (const name of Object.getOwnPropertyNames(of)) if (names.test(name)) Object.assign(of, { [name]: by });
}
