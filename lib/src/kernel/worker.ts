import { type ChildProcess, fork } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { fileURLToPath } from "node:url";
import {
  type CellError,
  endMark,
  type Order,
  type Outcome,
  type Question,
  type Report,
  type StreamName,
} from "./messages.js";

const ENTRY = fileURLToPath(new URL("./cells/main.js", import.meta.url));

/** What process 1 wants to hear while cells run. */
export interface Listener {
  report(report: Report): void;
  /** Printed by native code, or by a process that the cell started. */
  native(cell: number, name: StreamName, text: string): void;
}

/** Process 2, from the outside: it is started at once, and again whenever it has died. */
export class Worker {
  readonly #root: string;
  readonly #listener: Listener;
  #process!: Life;
  #stopped = false;
  #running: { cell: number; resolve(outcome: Outcome): void } | undefined;
  readonly #questions = new Map<number, (value: Record<string, unknown> | undefined) => void>();
  #count = 0;

  constructor(root: string, listener: Listener) {
    this.#root = root;
    this.#listener = listener;
    this.#start();
  }

  /** Runs a cell to its end, whatever the end is. */
  execute(order: Extract<Order, { type: "execute" }>): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#running = { cell: order.cell, resolve };
      this.#process.cell = order.cell;
      this.#process.send(order);
    });
  }

  interrupt(): void {
    if (this.#running !== undefined) this.#process.interrupt(this.#running.cell);
  }

  send(order: Order): void {
    this.#process.send(order);
  }

  /** Undefined if process 2 is too busy to answer in time, or dies. */
  ask(question: Question, patience: number): Promise<Record<string, unknown> | undefined> {
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      const answered = (value: Record<string, unknown> | undefined) => {
        clearTimeout(timer);
        this.#questions.delete(id);
        resolve(value);
      };
      const timer = setTimeout(answered, patience, undefined);
      this.#questions.set(id, answered);
      this.#process.send({ type: "ask", id, question });
    });
  }

  /** Whether process 2 has reached the point where it takes orders. */
  get ready(): Promise<void> {
    return this.#process.ready;
  }

  stop(): void {
    this.#stopped = true;
    this.#process.kill();
  }

  #start(): void {
    const life = new Life(this.#root, {
      native: (name, text) => this.#listener.native(life.cell, name, text),
      report: (report) => this.#report(report, life),
      ended: (cause) => this.#ended(cause, life),
    });
    this.#process = life;
  }

  #report(report: Report, life: Life): void {
    if (report.type === "done") {
      const running = this.#running;
      if (running?.cell !== report.cell) return;
      // What native code has printed comes through other pipes; the marks tell when it is all here.
      void life.drained(report.cell).then(() => {
        this.#running = undefined;
        running.resolve(report.outcome);
      });
    } else if (report.type === "answer") {
      this.#questions.get(report.id)?.(report.value as Record<string, unknown>);
    } else this.#listener.report(report);
  }

  #ended(cause: string, life: Life): void {
    if (this.#stopped || life !== this.#process) return;
    this.#start();
    for (const answered of [...this.#questions.values()]) answered(undefined);
    const running = this.#running;
    this.#running = undefined;
    const error = deathOf(cause);
    if (running === undefined) this.#listener.report({ type: "error", cell: life.cell, error });
    else running.resolve({ error, expressions: {} });
  }
}

function deathOf(cause: string): CellError {
  const evalue = `${cause}. Variables are gone; a fresh process is ready: run the cells again from the top.`;
  return { ename: "ProcessEnded", evalue, traceback: [`\x1b[31mProcessEnded\x1b[39m: ${evalue}`] };
}

interface LifeListener {
  native(name: StreamName, text: string): void;
  report(report: Report): void;
  ended(cause: string): void;
}

/** One process 2 from its start to its end. */
class Life {
  readonly ready: Promise<void>;
  /** The cell that what it prints belongs to. */
  cell = 0;
  readonly #child: ChildProcess;
  readonly #watchdog: Writable;
  readonly #natives: Native[];
  #exitCode: number | undefined;
  #lastWords = "";

  constructor(root: string, listener: LifeListener) {
    const memory = process.env.RLHF_LAB_MEMORY_MB;
    this.#child = fork(ENTRY, [], {
      cwd: root,
      execArgv: [
        "--disable-warning=ExperimentalWarning",
        // The compiler makes much garbage for each cell; left alone, V8 lets it pile up to twice what is needed.
        "--heap-growing-percent=30",
        "--max-semi-space-size=16",
        // Code that an interrupt cuts off in a timer leaves Node's record of what called it one level too deep.
        "--no-force-async-hooks-checks",
        ...(memory === undefined ? [] : [`--max-old-space-size=${Number(memory)}`]),
      ],
      // TensorFlow's greetings are no help to a learner.
      env: { TF_CPP_MIN_LOG_LEVEL: "2", ...process.env },
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe", "pipe"],
    });
    const [, , , , reports, watchdog] = this.#child.stdio as unknown[];
    this.#watchdog = watchdog as Writable;
    this.#watchdog.on("error", () => {});
    this.#child.on("error", () => {});

    let resolveReady = () => {};
    this.ready = new Promise((resolve) => {
      resolveReady = resolve;
    });
    readLines(reports as Readable, (line) => {
      const report = JSON.parse(line) as Report;
      if (report.type === "ready") resolveReady();
      else if (report.type === "exit") this.#exitCode = report.code;
      else listener.report(report);
    });
    this.#natives = (["stdout", "stderr"] as const).map((name) => {
      return new Native(this.#child[name]!, (text) => {
        this.#lastWords = (this.#lastWords + text).slice(-4000);
        listener.native(name, text);
      });
    });
    this.#child.once("exit", (code, signal) => {
      // Let the pipes run dry first, but do not wait for a grandchild that holds them open.
      let told = false;
      const tell = () => {
        if (!told) listener.ended(this.#causeOf(code, signal));
        told = true;
      };
      this.#child.once("close", tell);
      setTimeout(tell, 500);
    });
  }

  send(order: Order): void {
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  interrupt(cell: number): void {
    this.send({ type: "interrupt", cell });
    this.#watchdog.write("!");
  }

  async drained(cell: number): Promise<void> {
    await Promise.all(this.#natives.map((native) => native.drained(cell)));
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #causeOf(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#exitCode !== undefined)
      return `The code called process.exit(${this.#exitCode}), which ends the process that runs the cells`;
    if (/heap out of memory|Reached heap limit/.test(this.#lastWords)) {
      return "The process that runs the cells ran out of memory";
    }
    if (signal === "SIGKILL")
      return "The process that runs the cells was killed, by hand or because the machine ran out of memory";
    return `The process that runs the cells ended unexpectedly (${signal === null ? `exit code ${code}` : signal})`;
  }
}

/** Calls back for each line of a stream, without ever holding more than one line. */
function readLines(stream: Readable, each: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  stream.on("data", (bytes: Buffer) => {
    const lines = decoder.write(bytes).split("\n");
    for (const [index, line] of lines.entries()) {
      parts.push(line);
      if (index === lines.length - 1) break;
      each(parts.join(""));
      parts = [];
    }
  });
}

/** The real stdout or stderr of process 2, with the marks that its cells leave there when they are done. */
class Native {
  #seen = 0;
  #waiting: { cell: number; resolve(): void }[] = [];

  constructor(stream: Readable, text: (text: string) => void) {
    const decoder = new StringDecoder("utf8");
    let held = "";
    stream.on("data", (bytes: Buffer) => {
      held += decoder.write(bytes);
      for (let match = MARK.exec(held); match !== null; match = MARK.exec(held)) {
        if (match.index > 0) text(held.slice(0, match.index));
        held = held.slice(match.index + match[0].length);
        this.#mark(Number(match[1]));
      }
      // A mark may have arrived in part.
      const start = held.lastIndexOf("\0");
      const whole = start >= 0 && held.length - start < 40 ? start : held.length;
      if (whole > 0) text(held.slice(0, whole));
      held = held.slice(whole);
    });
    stream.on("close", () => this.#mark(Number.POSITIVE_INFINITY));
  }

  /** Resolves when the mark of this cell has come by; after a second without it, somebody has closed the pipe. */
  drained(cell: number): Promise<void> {
    if (this.#seen >= cell) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000);
      this.#waiting.push({
        cell,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  #mark(cell: number): void {
    this.#seen = Math.max(this.#seen, cell);
    const done = this.#waiting.filter((waiter) => waiter.cell <= cell);
    this.#waiting = this.#waiting.filter((waiter) => waiter.cell > cell);
    for (const { resolve } of done) resolve();
  }
}

const MARK = new RegExp(endMark(0).replace("0", "(\\d+)"));
