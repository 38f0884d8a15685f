import { Session } from "node:inspector";
import { Socket } from "node:net";
import { isMainThread, Worker, workerData } from "node:worker_threads";

/**
 * Stops code that never lets go of the main thread: `while (true) {}`, also one that begins after an await. A second thread
 * listens to a pipe from process 1. On an interrupt it gives the main thread a moment to see the order by itself. If that does
 * not happen, it sends SIGINT while a cell's first, synchronous part runs (the executor runs it with breakOnSigint and turns
 * the signal into an exception), and otherwise has the inspector terminate whatever runs.
 *
 * When process 1 has died without a word, the pipe ends, and this thread ends the process, busy or not.
 */
export interface Watchdog {
  /** The main thread has seen the interrupt. Tells whether code had to be terminated. */
  seen(): boolean;
  /** Runs the compiler, which must not be cut off half-way. */
  protect<T>(run: () => T): T;
  /** Runs the executor, which minds SIGINT. */
  mindingSigint<T>(run: () => T): T;
  /** From here on it is a cell's code that runs (after its first wait), or the kernel's own between cells. */
  cellRuns(runs: boolean): void;
}

/** What the main thread is at, as far as interrupts go. */
enum Mode {
  /** The kernel's own code, or nothing; what hangs here is a timer that an earlier cell has left behind. */
  Between,
  /** A cell's code. */
  Cell,
  /** A cell's code up to its first wait, under the executor's eyes. */
  MindsSigint,
  /** The compiler. */
  Protected,
}

/** Places in the memory that both threads see. */
const SEEN = 0;
const TERMINATED = 1;
const MODE = 2;

const PATIENCE = 100;
/** So many times longer for the kernel's own code: to cut it off is the last resort. */
const MORE_PATIENCE = 30;

export function startWatchdog(fd: number): Watchdog {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { fd, shared },
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 },
  });
  worker.unref();
  const during =
    (mode: Mode) =>
    <T>(run: () => T): T => {
      const before = Atomics.exchange(shared, MODE, mode);
      try {
        return run();
      } finally {
        Atomics.store(shared, MODE, before);
      }
    };
  return {
    seen() {
      Atomics.add(shared, SEEN, 1);
      return Atomics.exchange(shared, TERMINATED, 0) === 1;
    },
    cellRuns(runs) {
      Atomics.store(shared, MODE, runs ? Mode.Cell : Mode.Between);
    },
    protect: during(Mode.Protected),
    mindingSigint: during(Mode.MindsSigint),
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
  pipe.on("end", die);
  pipe.on("error", die);

  function insist(until: number, times: number): void {
    if (Atomics.load(shared, SEEN) >= until) return;
    const mode = Atomics.load(shared, MODE);
    if (mode === Mode.MindsSigint) process.kill(process.pid, "SIGINT");
    if (mode === Mode.Cell || (mode !== Mode.MindsSigint && times > MORE_PATIENCE)) terminate();
    setTimeout(insist, PATIENCE, until, times + 1);
  }

  /** One at a time: a second one would hit what comes after. Sessions are closed, since an exit waits for them. */
  function terminate(): void {
    if (terminating) return;
    terminating = true;
    Atomics.store(shared, TERMINATED, 1);
    const session = new Session();
    session.connectToMainThread();
    session.post("Runtime.terminateExecution", () => {
      session.disconnect();
      terminating = false;
    });
  }
}

if (!isMainThread && workerData?.shared instanceof Int32Array) watch(workerData);
