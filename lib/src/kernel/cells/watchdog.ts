import { Session } from "node:inspector";
import { Socket } from "node:net";
import { isMainThread, Worker, workerData } from "node:worker_threads";

/**
 * Stops code that never lets go of the main thread: `while (true) {}`, also one that begins after an await. A second thread
 * listens to a pipe from process 1. On an interrupt it gives the main thread a moment to see the order by itself; if that does
 * not happen, it first sends SIGINT, which ends a cell's synchronous part cleanly (the executor runs it with breakOnSigint),
 * and then has the inspector terminate whatever runs.
 *
 * When process 1 has died without a word, the pipe ends, and this thread ends the process, busy or not.
 */
export interface Watchdog {
  /** The main thread has seen the interrupt. Tells whether code had to be terminated. */
  seen(): boolean;
}

const SEEN = 0;
const TERMINATED = 1;
const PATIENCE = 100;

export function startWatchdog(fd: number): Watchdog {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { fd, shared },
    execArgv: [],
    stdout: false,
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 16 },
  });
  worker.unref();
  return {
    seen() {
      Atomics.add(shared, SEEN, 1);
      return Atomics.exchange(shared, TERMINATED, 0) === 1;
    },
  };
}

function watch({ fd, shared }: { fd: number; shared: Int32Array }): void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  let asked = 0;
  pipe.on("data", (bytes) => {
    asked += bytes.length;
    setTimeout(insist, PATIENCE, asked, 0);
  });
  const die = () => process.kill(process.pid, "SIGKILL");
  pipe.on("end", die);
  pipe.on("error", die);

  function insist(until: number, times: number): void {
    if (Atomics.load(shared, SEEN) >= until || times > 100) return;
    if (times === 0) process.kill(process.pid, "SIGINT");
    else {
      Atomics.store(shared, TERMINATED, 1);
      terminate();
    }
    setTimeout(insist, PATIENCE, until, times + 1);
  }
}

/** The session lasts no longer than this: a process that exits waits for sessions that are open. */
function terminate(): void {
  const session = new Session();
  session.connectToMainThread();
  session.post("Runtime.terminateExecution", () => session.disconnect());
}

if (!isMainThread && workerData?.shared instanceof Int32Array) watch(workerData);
