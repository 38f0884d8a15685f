import { Session } from "node:inspector";
import { Socket } from "node:net";
import vm from "node:vm";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { REPORTS, type Report } from "../messages.js";
import { writeAll } from "./report.js";

/**
 * Stops code that never lets go of the main thread: `while (true) {}`, also one that begins after an await. A second
 * thread listens to a pipe from process 1. On an interrupt it gives the main thread a moment to see the order by
 * itself. If that does not happen, it sends SIGINT while a cell's first, synchronous part runs (the executor runs it
 * with breakOnSigint and turns the signal into an exception), and otherwise has the inspector terminate whatever runs.
 * The compiler is given more time, since it is of no use when cut off half-way and has to be made anew (converter.ts);
 * if even that does not end it, the process ends.
 *
 * When process 1 has died without a word, the pipe ends, and this thread ends the process, busy or not.
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
  /** From here on it is a cell's code that runs (after its first wait), or the kernel's own between cells. */
  cellRuns(runs: boolean): void;
}

/** What the main thread is at, as far as interrupts go. */
enum Mode {
  /** The kernel's own code, or nothing; what hangs here is a timer that an earlier cell has left behind. */
  Between,
  /** A cell's code. */
  Cell,
  /** A cell's code up to its first wait, where node:vm turns SIGINT into an error. */
  MindsSigint,
  /** The same, and the signal is on its way. */
  Signalled,
  /** The compiler. */
  Protected,
  /** The process is not ready yet, which takes long on a busy machine. To cut that off would end it. */
  Starting,
}

/** Places in the memory that both threads see. */
const SEEN = 0;
const TERMINATED = 1;
const MODE = 2;

const PATIENCE = 100;
/** So many times longer for the kernel's own code: to cut it off is the last resort. */
const MORE_PATIENCE = 30;
/** The compiler may be slow on a busy machine, and a new one costs time; only what does not end is cut off. */
const COMPILERS_PATIENCE = 100;
/** A signal that code has kept to itself is sent again after so many times; one that is sent in vain is a danger. */
const AGAIN = 20;
/** After so many times the compiler, or the kernel's own code, will not come back. */
const NO_MORE_PATIENCE = 180;

/** What stands before the code of a cell's first part, on its first line. */
export const MINDING = "__tslab__.minding(() => ";

const { compareExchange, exchange, load, store } = Atomics;
const now = performance.now.bind(performance);

export function startWatchdog(fd: number): Watchdog {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  store(shared, MODE, Mode.Starting);
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { fd, shared },
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 },
  });
  worker.unref();
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
    store(shared, MODE, Mode.MindsSigint);
    try {
      return run();
    } finally {
      if (exchange(shared, MODE, Mode.Between) === Mode.Signalled) for (const until = now() + 2000; now() < until; );
    }
  };
  const during =
    (mode: Mode) =>
    <T>(run: () => T): T => {
      // The first conversion, before any cell, is not cut off either.
      if (load(shared, MODE) === Mode.Starting) return run();
      const before = exchange(shared, MODE, mode);
      try {
        return run();
      } finally {
        store(shared, MODE, before);
      }
    };
  return {
    seen(nth) {
      store(shared, SEEN, nth);
      return exchange(shared, TERMINATED, 0) === 1;
    },
    started() {
      store(shared, MODE, Mode.Between);
    },
    cellRuns(runs) {
      store(shared, MODE, runs ? Mode.Cell : Mode.Between);
    },
    protect: during(Mode.Protected),
    mindingSigint(run) {
      Object.assign((globalThis as unknown as { __tslab__: object }).__tslab__, { minding });
      armed = true;
      try {
        return run();
      } finally {
        armed = false;
        store(shared, MODE, Mode.Between);
      }
    },
  };
}

function watch({ fd, shared }: { fd: number; shared: Int32Array }): void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  let asked = 0;
  let terminating = false;
  pipe.on("data", (bytes) => {
    asked += bytes.length;
    setTimeout(insist, PATIENCE, asked, 1);
  });
  const die = () => process.kill(process.pid, "SIGKILL");
  const giveUp = (what: string) => {
    const ends: Report = { type: "ends", why: `${what} went on after an interrupt, so its process was ended` };
    writeAll(REPORTS, `\n${JSON.stringify(ends)}\n`);
    die();
  };
  pipe.on("end", die);
  pipe.on("error", die);

  function insist(until: number, times: number): void {
    if (load(shared, SEEN) >= until) return;
    const mode = load(shared, MODE);
    const signals = compareExchange(shared, MODE, Mode.MindsSigint, Mode.Signalled) === Mode.MindsSigint;
    if (signals || (mode === Mode.Signalled && times % AGAIN === 0)) process.kill(process.pid, "SIGINT");
    if (mode === Mode.Protected && times > NO_MORE_PATIENCE) giveUp("The compiler");
    if (mode === Mode.Between && times > NO_MORE_PATIENCE) giveUp("What an earlier cell has left behind");
    const patience = { [Mode.Between]: MORE_PATIENCE, [Mode.Protected]: COMPILERS_PATIENCE }[mode as number];
    if (mode === Mode.Cell || (patience !== undefined && times > patience)) terminate();
    setTimeout(insist, PATIENCE, until, times + 1);
  }

  /** One at a time: a second one would hit what comes after. Sessions are closed, since an exit waits for them. */
  function terminate(): void {
    if (terminating) return;
    terminating = true;
    store(shared, TERMINATED, 1);
    const session = new Session();
    session.connectToMainThread();
    session.post("Runtime.terminateExecution", () => {
      session.disconnect();
      terminating = false;
    });
  }
}

if (!isMainThread && workerData?.shared instanceof Int32Array) watch(workerData);
