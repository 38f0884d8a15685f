import vm from "node:vm";
import { Worker } from "node:worker_threads";
import { KEPT_MB } from "./kept.js";
import { CELL_BITS, MINDING, Mode, modeOf, SEEN, STATE, stateOf, TERMINATED } from "./watchdogState.js";

/**
 * Stops code that never lets go of the main thread: `while (true) {}`, also one that begins after an await. A second
 * thread (watchdogThread.ts) listens to a pipe from process 1. On an interrupt it gives the main thread a moment to
 * see the order by itself. If that does not happen, it sends SIGINT while a cell's first, synchronous part runs (the
 * executor runs it with breakOnSigint and turns the signal into an exception), and otherwise has the inspector
 * terminate whatever runs. The compiler is given more time, since it is of no use when cut off half-way and has to be
 * made anew (converter.ts); if even that does not end it, the process ends.
 *
 * When process 1 has died without a word, the pipe ends, and the second thread ends the process, busy or not.
 *
 * What the main thread is at is one word in memory that both threads see: the cell and the mode. The second thread
 * terminates in two steps. It puts Terminating in the place of the very word that it has judged by, and then asks the
 * inspector; when the inspector says that the termination has hit, it puts the word back. The main thread leaves no
 * mode while it is Terminating but waits, which is where it is hit then. So a termination never comes late: it hits
 * what was running when it was decided on, and neither the end of the cell nor the next one.
 */
export interface Watchdog {
  /** The main thread has seen the nth interrupt. Tells whether code had to be terminated. */
  seen(nth: number): boolean;
  /** Runs the compiler, which must not be cut off half-way. */
  protect<T>(run: () => T): T;
  /** Runs the executor, which lets node:vm run the cell's first part so that SIGINT becomes an error there. */
  mindingSigint<T>(run: () => T): T;
  /** The process can run cells now. */
  started(): void;
  /** A cell begins: what runs from here on runs for it. */
  begins(cell: number): void;
  /** From here on it is a cell's code that runs (after its first wait), or the kernel's own on its behalf. */
  cellRuns(runs: boolean): void;
  /** The cell has come to its end; no interrupt that is meant for it cuts off anything any more. */
  over(): void;
}

const { compareExchange, exchange, load, store } = Atomics;
const now = performance.now.bind(performance);

export function startWatchdog(fd: number): Watchdog {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  store(shared, STATE, stateOf(0, Mode.Starting));
  const worker = new Worker(new URL("./watchdogThread.js", import.meta.url), {
    workerData: { fd, shared },
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 + KEPT_MB },
  });
  worker.unref();
  /** Changes the mode, and the cell if one is given, once no termination is on its way. Gives back the old mode. */
  const enter = (mode: Mode, cell?: number): Mode => {
    for (;;) {
      const state = load(shared, STATE);
      if (modeOf(state) === Mode.Terminating) continue;
      const next = stateOf(cell ?? state >>> CELL_BITS, mode);
      if (compareExchange(shared, STATE, state, next) === state) return modeOf(state);
    }
  };
  let armed = false;
  const { runInThisContext } = vm;
  // Before it runs the code and after it, node:vm leaves SIGINT to the system for a moment, which ends the process. So
  // the code itself says when it runs, and does not leave while a signal is on its way.
  vm.runInThisContext = ((code, options) => {
    if (!armed || typeof options !== "object" || !options.breakOnSigint) return runInThisContext(code, options);
    armed = false;
    return runInThisContext(`${MINDING}${code}\n)`, options);
  }) as typeof vm.runInThisContext;
  const minding = <T>(run: () => T): T => {
    enter(Mode.MindsSigint);
    try {
      return run();
    } finally {
      if (enter(Mode.Kernel) === Mode.Signalled) for (const until = now() + 2000; now() < until; );
    }
  };
  return {
    seen(nth) {
      store(shared, SEEN, nth);
      // The second thread looks at SEEN once more before it terminates; it has done so when the mode is another.
      while (modeOf(load(shared, STATE)) === Mode.Terminating);
      return exchange(shared, TERMINATED, 0) === 1;
    },
    started: () => void enter(Mode.Over),
    begins: (cell) => void enter(Mode.Kernel, cell),
    cellRuns: (runs) => void enter(runs ? Mode.Cell : Mode.Kernel),
    over: () => void enter(Mode.Over),
    protect(run) {
      // The first conversion, before any cell, is not cut off either.
      if (modeOf(load(shared, STATE)) === Mode.Starting) return run();
      const before = enter(Mode.Protected);
      try {
        return run();
      } finally {
        enter(before);
      }
    },
    mindingSigint(run) {
      Object.assign((globalThis as unknown as { __tslab__: object }).__tslab__, { minding });
      armed = true;
      try {
        return run();
      } finally {
        armed = false;
        enter(Mode.Kernel);
      }
    },
  };
}
