import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Command, commandsOf } from "./commands.js";
import { lineReader } from "./lines.js";
import { log } from "./log.js";
import { LONGEST_REPORT, type Order, type Report, type StreamName } from "./messages.js";
import { Native } from "./native.js";
import { Orders } from "./orders.js";
import { parseReport } from "./reports.js";
import { BOOT, NODE_FLAGS, V8_FLAGS } from "./snapshot/place.js";

const ENTRY = fileURLToPath(new URL("./cells/main.js", import.meta.url));

/** How often (ms) we look whether process 2 has taken what was sent. */
const LOOK = 500;
/**
 * So long (s) neither its main thread nor its watchdog may give a sign of life while something is asked of process 2.
 * It is stopped then, or the machine has no memory left; one that merely computes has a watchdog that answers.
 */
const SILENCE = Number(process.env.RLHF_LAB_SILENCE_S || 120);
/** A start takes two seconds, and on a busy machine a minute. */
const LONGEST_START = 5 * SILENCE;

export interface LifeListener {
  native(name: StreamName, text: string): void;
  report(report: Report): void;
  ended(cause: string): void;
}

/** One process 2 from its start to its end. */
export class Life {
  /** Resolves when process 2 takes orders, or has ended before that. */
  readonly ready: Promise<void>;
  wasReady = false;
  /** The cell that what it prints belongs to. */
  cell = 0;
  readonly #child: ChildProcess;
  readonly #orders: Orders;
  readonly #watchdog: Writable;
  readonly #natives: Native[];
  #interrupts = 0;
  /** Looks since its last sign of life, undefined before the first one; and since its start. */
  #silent: number | undefined;
  #looks = 0;
  /** Why it ends, in its own words. */
  #why: string | undefined;
  #severed = false;
  #lastWords = "";

  /** @param snapshot what to start from (snapshot/place.ts); without it the compiler is loaded and made ready */
  constructor(root: string, listener: LifeListener, snapshot?: string) {
    const memory = process.env.RLHF_LAB_MEMORY_MB;
    const options = [
      ...NODE_FLAGS,
      ...V8_FLAGS,
      ...(memory === undefined ? [] : [`--max-old-space-size=${Number(memory)}`]),
      ...(snapshot === undefined ? [ENTRY] : ["--snapshot-blob", snapshot, BOOT]),
    ];
    this.#child = spawn(process.execPath, options, {
      cwd: root,
      // TensorFlow's greetings are no help to a learner.
      env: { TF_CPP_MIN_LOG_LEVEL: "2", ...process.env },
      // As messages.ts numbers them.
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    });
    const [, , , orders, reports, watchdog] = this.#child.stdio as unknown as Duplex[];
    this.#orders = new Orders(orders!);
    this.#watchdog = watchdog!;
    for (const pipe of [orders!, reports!, watchdog!]) {
      pipe.on("error", () => {});
      // Nothing but signs of life comes up the two that go down; they are read to learn of their end.
      pipe.on("data", () => {
        this.#silent = 0;
      });
      pipe.once("end", () => this.#severedSoon());
    }
    const looks = setInterval(() => this.#look(), LOOK).unref();

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
      } else if (report.type === "taken") this.#orders.taken(report.number);
      else if (report.type === "ends") this.#why = report.why.slice(0, 1000);
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
      clearInterval(looks);
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

  /** The order arrives, once, if process 2 lives; the number tells which it is. */
  send(order: Order): number {
    return this.#orders.send(order);
  }

  /** Goes on for one that has ended before it took any order. */
  takeOver(other: Life): void {
    this.cell = other.cell;
    this.#interrupts = other.#interrupts;
    this.#orders.takeOver(other.#orders);
  }

  /** Whether process 2 still has to take an order. */
  waits(number: number): boolean {
    return this.#orders.waits(number);
  }

  interrupt(cell: number): number {
    this.#interrupts += 1;
    this.#watchdog.write(`${this.#interrupts} ${cell}\n`);
    return this.send({ type: "interrupt", cell, nth: this.#interrupts });
  }

  /** While something is asked of process 2: sends again what may be lost, and ends what answers nothing at all. */
  #look(): void {
    this.#looks += 1;
    if (this.wasReady && !this.#orders.waits()) {
      this.#silent = 0;
      return;
    }
    if (this.#watchdog.writableLength === 0) this.#watchdog.write("?\n");
    if (this.#silent !== undefined) this.#silent += 1;
    const seconds = (looks: number) => (looks * LOOK) / 1000;
    if (seconds(this.#silent ?? 0) > SILENCE)
      this.#end(`The process that runs the cells had given no sign of life for ${SILENCE} s, so it was ended`);
    else if (!this.wasReady && seconds(this.#looks) > LONGEST_START)
      this.#end(`The process that runs the cells had not started after ${LONGEST_START} s, so it was ended`);
    else if (this.wasReady) this.#orders.look();
  }

  #end(why: string): void {
    this.#why ??= why;
    this.kill();
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
