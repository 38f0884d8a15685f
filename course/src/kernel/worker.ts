import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { fileURLToPath } from "node:url";
import { type Command, commandsOf, signal } from "./commands.js";
import { lineReader } from "./lines.js";
import { log } from "./log.js";
import {
  type CellError,
  endMark,
  LONGEST_REPORT,
  type Order,
  type Outcome,
  type Question,
  type Report,
  type StreamName,
} from "./messages.js";
import { parseReport } from "./reports.js";

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
  #running: Running | undefined;
  /** Process 2 died before it could take orders. It is started again when a cell needs it, not over and over. */
  #fallen = false;
  readonly #questions = new Map<number, (value: Record<string, unknown> | undefined) => void>();
  #count = 0;

  constructor(root: string, listener: Listener) {
    this.#root = root;
    this.#listener = listener;
    this.#start();
  }

  /** Runs a cell to its end, whatever the end is. */
  execute(order: Extract<Order, { type: "execute" }>): Promise<Outcome> {
    if (this.#fallen) this.#start();
    return new Promise((resolve) => {
      this.#running = { cell: order.cell, since: performance.now(), resolve };
      this.#process.cell = order.cell;
      this.#process.send(order);
    });
  }

  /**
   * Stops the running cell, and with it the commands that it has started and may be waiting for, execSync("sleep 60").
   */
  interrupt(): void {
    const running = this.#running;
    if (running === undefined) return;
    const order = this.#process.interrupt(running.cell);
    if (running.insisting) return;
    running.insisting = true;
    const life = this.#process;
    // A cell that waits for its command may end before the command does.
    const commands = commandsOfCell(life, running);
    const timer = setTimeout(() => {
      signal(commands, "SIGINT");
      this.#insist(running, life, order, 0);
    }, HEAD_START);
    timer.unref();
  }

  /** What is asked once may be lost: the order is cut off with the code that read it, the command minds no SIGINT. */
  #insist(running: Running, life: Life, order: Order, times: number): void {
    if (this.#running !== running || this.#process !== life) return;
    if (times > 0) life.send(order);
    signal(commandsOfCell(life, running), times < 3 ? "SIGINT" : times < 6 ? "SIGTERM" : "SIGKILL");
    setTimeout(() => this.#insist(running, life, order, times + 1), 1000).unref();
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
    // What leads a group of its own was detached on purpose.
    signal(
      this.#process.commands().filter(({ pid, group }) => pid !== group),
      "SIGTERM",
    );
    this.#process.kill();
  }

  #start(): void {
    this.#fallen = false;
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
    if (life.wasReady) this.#start();
    else this.#fallen = true;
    for (const answered of [...this.#questions.values()]) answered(undefined);
    const running = this.#running;
    this.#running = undefined;
    const error = deathOf(cause);
    if (running === undefined) this.#listener.report({ type: "error", cell: life.cell, error });
    else running.resolve({ error, expressions: {} });
  }
}

interface Running {
  cell: number;
  /** When it began, on performance.now()'s clock. */
  since: number;
  resolve(outcome: Outcome): void;
  /** It has been interrupted, and is being reminded. */
  insisting?: boolean;
}

/**
 * What a cell has started, to the hundredth of a second, as the system tells it; what earlier
 * cells have started goes on.
 */
function commandsOfCell(life: Life, { since }: Running): Command[] {
  const age = (performance.now() - since) / 1000 + 0.02;
  return life.commands().filter((command) => command.age <= age);
}

/**
 * A cell has this long (ms) to see its interrupt before its commands get theirs, so that it ends with the right error.
 */
const HEAD_START = 300;

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
  /** Resolves when process 2 takes orders, or has ended before that. */
  readonly ready: Promise<void>;
  wasReady = false;
  /** The cell that what it prints belongs to. */
  cell = 0;
  readonly #child: ChildProcess;
  readonly #orders: Writable;
  readonly #watchdog: Writable;
  readonly #natives: Native[];
  #interrupts = 0;
  /** Why it ends, in its own words. */
  #why: string | undefined;
  #severed = false;
  #lastWords = "";

  constructor(root: string, listener: LifeListener) {
    const memory = process.env.RLHF_LAB_MEMORY_MB;
    const options = [
      "--disable-warning=ExperimentalWarning",
      // The compiler makes much garbage for each cell; left alone, V8 lets it pile up to twice what is needed.
      "--heap-growing-percent=30",
      "--max-semi-space-size=16",
      // Code that an interrupt cuts off in a timer leaves Node's record of what called it one level too deep.
      "--no-force-async-hooks-checks",
      ...(memory === undefined ? [] : [`--max-old-space-size=${Number(memory)}`]),
    ];
    this.#child = spawn(process.execPath, [...options, ENTRY], {
      cwd: root,
      // TensorFlow's greetings are no help to a learner.
      env: { TF_CPP_MIN_LOG_LEVEL: "2", ...process.env },
      // As messages.ts numbers them.
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    });
    const [, , , orders, reports, watchdog] = this.#child.stdio as unknown as Duplex[];
    this.#orders = orders!;
    this.#watchdog = watchdog!;
    for (const pipe of [orders!, reports!, watchdog!]) {
      pipe.on("error", () => {});
      // Nothing comes up the two that go down; they are read to learn of their end.
      pipe.resume().once("end", () => this.#severedSoon());
    }

    let resolveReady = () => {};
    this.ready = new Promise((resolve) => {
      resolveReady = resolve;
    });
    const hear = (line: string) => {
      const report = parseReport(line);
      if (report === undefined) log(`dropped what is no report: ${line.slice(0, 100)}`);
      else if (report.type === "ready") {
        this.wasReady = true;
        resolveReady();
      } else if (report.type === "ends") this.#why = report.why.slice(0, 1000);
      else listener.report(report);
    };
    const tooLong = () => log("dropped a report that is too long");
    reports!.on("data", lineReader(hear, LONGEST_REPORT, tooLong));
    this.#natives = (["stdout", "stderr"] as const).map((name) => {
      return new Native(this.#child[name]!, (text) => {
        this.#lastWords = (this.#lastWords + text).slice(-4000);
        listener.native(name, text);
      });
    });
    let told = false;
    const tell = (cause: string) => {
      resolveReady();
      if (!told) listener.ended(cause);
      told = true;
    };
    this.#child.once("exit", (code, name) => {
      // Let the pipes run dry first, but do not wait for a grandchild that holds them open.
      const cause = () => tell(this.#causeOf(code, name));
      this.#child.once("close", cause);
      setTimeout(cause, 500);
    });
    this.#child.once("error", (error) => {
      if (this.#child.pid === undefined) tell(`The process that runs the cells cannot be started (${error.message})`);
    });
  }

  send(order: Order): void {
    this.#orders.write(`${JSON.stringify(order)}\n`);
  }

  /** Interrupts a cell; gives back the order, which may be sent again. */
  interrupt(cell: number): Order {
    this.#interrupts += 1;
    const order: Order = { type: "interrupt", cell, nth: this.#interrupts };
    this.send(order);
    this.#watchdog.write("!");
    return order;
  }

  async drained(cell: number): Promise<void> {
    await Promise.all(this.#natives.map((native) => native.drained(cell)));
  }

  /** The processes that its cells have started and that still run. */
  commands(): Command[] {
    return this.#child.pid === undefined ? [] : commandsOf(this.#child.pid);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /**
   * A pipe has ended: with its process, or because code has closed a descriptor that was not its own.
   * Then nothing is left to say.
   */
  #severedSoon(): void {
    setTimeout(() => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
      this.#severed = true;
      this.kill();
    }, 1000);
  }

  #causeOf(code: number | null, signal: NodeJS.Signals | null): string {
    if (this.#why !== undefined) return this.#why;
    if (this.#severed) return "The code closed a pipe between the kernel and the process that runs the cells";
    if (/heap out of memory|Reached heap limit/.test(this.#lastWords)) {
      return "The process that runs the cells ran out of memory";
    }
    if (signal === "SIGKILL")
      return "The process that runs the cells was killed, by hand or because the machine ran out of memory";
    return `The process that runs the cells ended unexpectedly (${signal === null ? `exit code ${code}` : signal})`;
  }
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
