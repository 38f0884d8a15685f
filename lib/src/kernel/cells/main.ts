import { createRequire } from "node:module";
import { setImmediate, setTimeout } from "node:timers";
import type { Order } from "../messages.js";
import { answer } from "./answers.js";
import { type Cell, currentCell } from "./cell.js";
import { CellConverter } from "./converter.js";
import { describeError, stackText } from "./errors.js";
import { KernelHost } from "./host.js";
import { loadLibraryFrom } from "./library.js";
import { reporter } from "./report.js";
import { Runner } from "./runner.js";
import { Scripts } from "./scripts.js";
import { installStacks } from "./stacks.js";
import { captureStreams } from "./streams.js";
import { timersOfCells } from "./timers.js";
import { startWatchdog } from "./watchdog.js";

/**
 * Process 2: runs the cells. Process 1 (worker.ts) starts it in the project's root, with an IPC channel for orders, a pipe for
 * reports (fd 4) and a pipe for the watchdog (fd 5). It may die at any moment; process 1 says so and starts another.
 */
const report = reporter(4);
const root = process.cwd();
const scripts = new Scripts();

const orders: Order[] = [];
let obey: ((order: Order) => void) | undefined;
process.on("message", (order: Order) => (obey === undefined ? orders.push(order) : obey(order)));
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
// The executor turns SIGINT into an error of the running cell; at any other time it means nothing.
process.on("SIGINT", () => {});

const watchdog = startWatchdog(5);
installStacks(scripts, root);
captureStreams(report);
const host = new KernelHost(report);
host.install();

const exit = process.exit;
process.exit = (code) => {
  report({ type: "exit", code: Number(code ?? process.exitCode ?? 0) });
  return exit(code);
};

/** An exception that nobody caught goes to the cell that caused it. It ends neither the process nor, if running, the cell. */
function stray(error: unknown, cell: Cell | undefined = causeOf(error) ?? currentCell()): void {
  if (cell === undefined || (cell.interrupted && error === cell.signal.reason)) return;
  const described = describeError(error, scripts);
  cell.stray ??= described;
  report({ type: "error", cell: cell.id, error: described });
}

/** The cell that an error's stack leads to. */
function causeOf(error: unknown): Cell | undefined {
  const labels = [...stackText(error).matchAll(/\((cell \d+):\d+:\d+\)$|at (cell \d+):/gm)];
  const [, inFunction, atTop] = labels.at(-1) ?? [];
  return runner.cellLabelled(inFunction ?? atTop);
}
process.on("uncaughtException", (error) => stray(error));
process.on("unhandledRejection", (reason) => stray(reason));
timersOfCells(stray);

const converter = new CellConverter(root, scripts, watchdog.protect);
const require = createRequire(import.meta.url);
host.adoptTslabDisplay(require("tslab/dist/jupyter.js"));
const runner = new Runner(root, converter, scripts, watchdog, report);
// The first conversion makes the compiler's global types; better now than in the learner's first cell.
converter.convert("", "1 + 1");

obey = (order) => {
  switch (order.type) {
    case "execute":
      // Not in the callback that reads the channel: an interrupt may cut off whatever called the cell.
      setImmediate(() => void runner.execute(order));
      break;
    case "interrupt":
      runner.interrupt(order.cell, watchdog.seen());
      break;
    case "input":
      host.answer(order.id, order.value, order.failure);
      break;
    case "ask":
      report({ type: "answer", id: order.id, value: attempt(() => answer(order.question, converter)) });
      break;
    case "rebuilt":
      converter.changed(order.dist);
      if (order.fresh !== undefined) loadLibraryFrom(order.fresh, order.dist);
      break;
  }
};
report({ type: "ready" });
for (const order of orders) obey(order);
setTimeout(converter.typescript.keepCode, 3000).unref();

/** A question that the compiler stumbles over is answered with nothing rather than not at all. */
function attempt(run: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return run();
  } catch (error) {
    return { status: "error", ename: "Error", evalue: String(error), traceback: [] };
  }
}
