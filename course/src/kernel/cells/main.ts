import { createRequire } from "node:module";
import { setTimeout } from "node:timers";
import { type CellError, ORDERS, type Order, REPORTS, WATCHDOG } from "../messages.js";
import { answer } from "./answers.js";
import { type Cell, currentCell } from "./cell.js";
import { compiler } from "./compiler.js";
import { describeError, stackText } from "./errors.js";
import { KernelHost } from "./host.js";
import { keepIntrinsics, pristine, restoreCore } from "./intrinsics.js";
import { loadPackagesFrom } from "./library.js";
import { listenForOrders } from "./orders.js";
import { progressOf } from "./progress.js";
import { reporter } from "./report.js";
import { Runner } from "./runner.js";
import { Scripts } from "./scripts.js";
import { installStacks } from "./stacks.js";
import { captureStreams } from "./streams.js";
import { threadsOfCells } from "./threads.js";
import { timersOfCells } from "./timers.js";
import { startWatchdog, type Watchdog } from "./watchdog.js";

/**
 * Process 2: runs the cells. Process 1 (worker.ts) starts it in the project's root, with a pipe for orders, one for
 * reports and one for the watchdog. It may die at any moment; process 1 says so and starts another.
 */
const report = reporter(REPORTS);
const root = process.cwd();
const scripts = new Scripts();

const watchdog = startWatchdog(WATCHDOG);
installStacks(scripts, root);
// Stacks are made where they are read, with whatever a cell has put in the place of JSON.parse until then.
const prepare = Error.prepareStackTrace;
Error.prepareStackTrace = (error, sites) => pristine(() => prepare?.(error, sites));
captureStreams(report);
const host = new KernelHost(report);
Object.assign(host, progressOf(root));
host.install();

const exit = process.exit;
process.exit = (code) => {
  const status = Number(code ?? process.exitCode ?? 0);
  report({ type: "ends", why: `The code called process.exit(${status}), which ends the process that runs the cells` });
  return exit(code);
};

/**
 * An exception that nobody caught goes to the cell that caused it. It ends neither the process
 * nor, if running, the cell.
 */
function stray(error: unknown, cell: Cell | undefined = causeOf(error) ?? currentCell()): void {
  if (cell === undefined || (cell.interrupted && error === cell.signal.reason)) return;
  const told = described(error);
  cell.stray ??= told;
  report({ type: "error", cell: cell.id, error: told });
}

/** The cell that an error's stack leads to. */
function causeOf(error: unknown): Cell | undefined {
  const labels = [...stackText(error).matchAll(/\((cell \d+):\d+:\d+\)$|at (cell \d+):/gm)];
  const [, inFunction, atTop] = labels.at(-1) ?? [];
  return runner.cellLabelled(inFunction ?? atTop);
}

const listeners: [event: string, listener: (what: unknown) => void][] = [
  ["uncaughtException", (error) => stray(error)],
  ["unhandledRejection", (reason) => stray(reason)],
  // The executor turns SIGINT into an error of the running cell; at any other time it means nothing.
  ["SIGINT", () => {}],
];
const { listeners: listenersOf, on } = process as NodeJS.EventEmitter;
/** Also after a cell that has called process.removeAllListeners(). */
function listen(): void {
  for (const [event, listener] of listeners)
    if (!listenersOf.call(process, event).includes(listener)) on.call(process, event, listener);
}
listen();
timersOfCells(stray);
threadsOfCells();

/** What a cell has taken from the kernel comes back when the cell's code is done. */
function recover(): void {
  const names = restoreCore();
  listen();
  if (names.length === 0) return;
  const [few, more] = [names.slice(0, 5).join(", "), names.length > 5 ? ` and ${names.length - 5} more` : ""];
  const text = `rlhf-lab: this cell replaced ${few}${more}, which the kernel needs too: put back as it was.\n`;
  report({ type: "stream", cell: currentCell()?.id ?? 0, name: "stderr", text });
}
const guarded: Watchdog = {
  ...watchdog,
  protect: (run) => watchdog.protect(() => pristine(run)),
  cellRuns(runs) {
    if (!runs) recover();
    watchdog.cellRuns(runs);
  },
};

const converter = await compiler(root, scripts, guarded.protect);
const require = createRequire(import.meta.url);
host.adoptTslabDisplay(require("tslab/dist/jupyter.js"));
const runner = new Runner(root, converter, guarded, report, described);
host.replacementThatFailed = (value) => runner.replacementThatFailed(value);
keepIntrinsics();

/** Obeys an order. It may be cut off anywhere, and is called again then: see messages.ts. */
function obey(order: Order): void {
  switch (order.type) {
    case "execute":
      runner.expect(order);
      break;
    case "interrupt":
      runner.interrupt(order.cell, watchdog.seen(order.nth));
      break;
    case "input":
      host.answer(order.id, order.value, order.failure);
      break;
    case "ask":
      report({ type: "answer", id: order.id, value: attempt(() => answer(order.question, converter)) });
      break;
    case "rebuilt":
      for (const { dist } of order.packages) converter.changed(dist);
      loadPackagesFrom(order.packages);
      break;
  }
}
setTimeout(converter.typescript.keepCode, 3000).unref();
report({ type: "ready" });
const taken = (number: number) => report({ type: "taken", number });
listenForOrders(ORDERS, obey, taken, (error) => stray(error));
// The last thing: what has started can be cut off.
watchdog.started();

function described(error: unknown): CellError {
  try {
    return pristine(() => describeError(error, scripts));
  } catch {
    const evalue = "The cell threw an error that cannot be described: to read it throws another one.";
    return { ename: "Error", evalue, traceback: [`Error: ${evalue}`] };
  }
}

/** A question that the compiler stumbles over is answered with nothing rather than not at all. */
function attempt(run: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return run();
  } catch (error) {
    return { status: "error", ename: "Error", evalue: String(error), traceback: [] };
  }
}
