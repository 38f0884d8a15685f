import { Session } from "node:inspector";
import { Socket } from "node:net";
import { isMainThread, workerData } from "node:worker_threads";
import { lineReader } from "../lines.js";
import { REPORTS, type Report } from "../messages.js";
import { writeAll } from "./report.js";
import { CELL_BITS, Mode, modeOf, SEEN, STATE, stateOf, TERMINATED } from "./watchdogState.js";

/** How often (ms) the second thread looks what the main thread is at while an interrupt has not been seen. */
const TICK = 100;
/** A signal that code has kept to itself is sent again after so many looks; one that is sent in vain is a danger. */
const AGAIN = 20;
/** After so many looks the compiler, or the kernel's own code, will not come back. */
const NO_MORE_PATIENCE = 180;

/**
 * Looks that a mode is given before it is terminated. They count from when it was entered: what a process that is
 * starting, or a compiler, has taken before tells nothing about the mode that follows.
 */
const PATIENCE: Partial<Record<Mode, number>> = {
  [Mode.Cell]: 1,
  // To cut off the kernel's own code is the last resort.
  [Mode.Kernel]: 30,
  [Mode.Over]: 30,
  // It may be slow on a busy machine, and a new one costs time; only what does not end is cut off.
  [Mode.Protected]: 100,
};

const { compareExchange, load, store } = Atomics;

/** The second thread of process 2: see watchdog.ts. */
class Thread {
  readonly #shared: Int32Array;
  /** The interrupt that was asked for last, and the cell that it is meant for. */
  #asked = { nth: 0, cell: 0 };
  #timer: NodeJS.Timeout | undefined;
  /** The state at the last look, for how many looks it has been the same, and after how many it is terminated. */
  #state = -1;
  #looks = 0;
  #patience = 0;
  /** The word that a termination on its way has taken the place of. */
  #terminates: number | undefined;

  constructor(fd: number, shared: Int32Array) {
    this.#shared = shared;
    const pipe = new Socket({ fd, readable: true, writable: true });
    const die = () => process.kill(process.pid, "SIGKILL");
    pipe.on("end", die);
    pipe.on("error", die);
    const read = lineReader((line) => {
      if (line === "?") pipe.write(".");
      else this.#ask(line);
    });
    pipe.on("data", read);
  }

  /** The number of an interrupt and its cell. */
  #ask(line: string): void {
    const [nth, cell] = line.split(" ").map(Number);
    this.#asked = { nth: nth!, cell: cell! };
    this.#state = -1;
    this.#timer ??= setInterval(() => this.#look(), TICK);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const state = this.#terminates ?? load(this.#shared, STATE);
    const [mode, running] = [modeOf(state), state >>> CELL_BITS];
    const { nth, cell } = this.#asked;
    const over = running > cell || (running === cell && mode === Mode.Over);
    if (this.#terminates === undefined && (over || load(this.#shared, SEEN) >= nth)) {
      this.#rest();
      return;
    }
    this.#looks = state === this.#state ? this.#looks + 1 : 0;
    if (state !== this.#state) this.#patience = PATIENCE[mode] ?? Number.POSITIVE_INFINITY;
    this.#state = state;
    if (mode === Mode.MindsSigint || mode === Mode.Signalled) this.#signal(state);
    else if (PATIENCE[mode] !== undefined && mode !== Mode.Cell && this.#looks > NO_MORE_PATIENCE)
      giveUp(mode === Mode.Protected ? "The compiler" : "What an earlier cell has left behind");
    else if (this.#looks >= this.#patience) this.#terminate(state, nth);
  }

  #signal(state: number): void {
    const signalled = stateOf(state >>> CELL_BITS, Mode.Signalled);
    const first = modeOf(state) === Mode.MindsSigint && this.#replace(state, signalled);
    if (first) this.#state = signalled;
    if (first || (this.#looks > 0 && this.#looks % AGAIN === 0)) process.kill(process.pid, "SIGINT");
  }

  /** One at a time. Sessions are closed, since an exit waits for them. */
  #terminate(state: number, nth: number): void {
    if (this.#terminates !== undefined || !this.#replace(state, stateOf(state >>> CELL_BITS, Mode.Terminating))) return;
    const back = () => {
      this.#terminates = undefined;
      store(this.#shared, STATE, state);
    };
    this.#terminates = state;
    // Seen in the last moment.
    if (load(this.#shared, SEEN) >= nth) {
      back();
      return;
    }
    store(this.#shared, TERMINATED, 1);
    // What was hit may have been the code that was about to see the interrupt; it gets more time after each time.
    this.#patience = this.#looks + (modeOf(state) === Mode.Cell ? Math.min(10, 1 + this.#looks) : 30);
    const session = new Session();
    session.connectToMainThread();
    session.post("Runtime.terminateExecution", () => {
      session.disconnect();
      back();
    });
  }

  #replace(state: number, next: number): boolean {
    return compareExchange(this.#shared, STATE, state, next) === state;
  }
}

function giveUp(what: string): void {
  const ends: Report = { type: "ends", why: `${what} went on after an interrupt, so its process was ended` };
  writeAll(REPORTS, `\n${JSON.stringify(ends)}\n`);
  process.kill(process.pid, "SIGKILL");
}

if (!isMainThread && workerData?.shared instanceof Int32Array) new Thread(workerData.fd, workerData.shared);
