import { createRequire } from "node:module";
import { setImmediate, setTimeout } from "node:timers";
import type { Executor } from "tslab/dist/executor.js";
import { endMark, type Order, type Outcome, type Report } from "../messages.js";
import { Cell, startCell } from "./cell.js";
import type { CellConverter } from "./converter.js";
import { describeError } from "./errors.js";
import { metaOf } from "./meta.js";
import { writeAll } from "./report.js";
import { guard, guardEach, resume } from "./resume.js";
import type { Scripts } from "./scripts.js";
import { mimeBundle, plain } from "./value.js";
import type { Watchdog } from "./watchdog.js";
import { writtenNames } from "./written.js";

type Execute = Extract<Order, { type: "execute" }>;

/**
 * An interrupted cell may take this long to end by itself, with its own words, before the kernel stops waiting for it.
 */
const GRACE = 300;

/** Cells whose late errors still find them. */
const REMEMBERED = 1000;

/** Runs one cell at a time through tslab's executor and says how it went. */
export class Runner {
  readonly #converter: CellConverter;
  readonly #executor: Executor;
  readonly #scripts: Scripts;
  readonly #watchdog: Watchdog;
  readonly #report: (report: Report) => void;
  #running: Cell | undefined;
  readonly #recent: Cell[] = [];
  /** A cell that was interrupted before it began. */
  #notToStart: number | undefined;
  /** Functions of earlier cells, each with the name of a later cell that was to replace it and has failed. */
  readonly #outlived = new WeakMap<object, string>();
  /** What the executor has logged for the running cell: its value, or the error that it threw. */
  #said: Said = {};

  constructor(
    root: string,
    converter: CellConverter,
    scripts: Scripts,
    watchdog: Watchdog,
    report: (report: Report) => void,
  ) {
    this.#watchdog = watchdog;
    this.#converter = converter;
    this.#scripts = scripts;
    this.#report = report;
    const { createExecutor } = createRequire(import.meta.url)("tslab/dist/executor.js");
    const say = (said: Said) => {
      this.#said = said;
    };
    this.#executor = createExecutor(
      root,
      { node: converter, close: () => converter.close() },
      { log: (value: unknown) => say({ value }), error: (error: unknown) => say({ error }) },
    );
    // The executor keeps what a cell's code refers to in this global; the rewritten awaits look here.
    Object.assign((globalThis as unknown as { __tslab__: object }).__tslab__, {
      guard,
      guardEach,
      resume,
      meta: metaOf(root),
    });
  }

  /** A cell that has run lately. */
  cellLabelled(label: string | undefined): Cell | undefined {
    return this.#recent.findLast((cell) => cell.label === label);
  }

  /** See NotebookHost. */
  replacementThatFailed(value: unknown): string | undefined {
    return this.#outlived.get(value as object);
  }

  async execute(order: Execute): Promise<void> {
    const cell = new Cell(order.cell, order.label, order.silent);
    this.#running = cell;
    this.#recent.push(cell);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    if (this.#notToStart === cell.id) {
      cell.interrupt();
      cell.abandon();
    }
    startCell(cell);
    // Whatever happens, the cell ends with an answer: without one a notebook waits for ever.
    this.#finish(cell, await this.#run(cell, order).catch((error) => this.#failure(error)));
  }

  #finish(cell: Cell, outcome: Outcome): void {
    if (this.#running !== cell) return;
    this.#running = undefined;
    for (const fd of [1, 2]) writeAll(fd, endMark(cell.id));
    this.#report({ type: "done", cell: cell.id, outcome });
  }

  /**
   * First politely: the signal is aborted, and awaits of the cell throw. If that does not end it, or if its code has
   * been cut off and will never end, the kernel goes on without it.
   */
  interrupt(id: number, cutOff: boolean): void {
    const cell = this.#running;
    if (cell?.id !== id) {
      this.#notToStart = id;
      return;
    }
    cell.interrupt();
    setTimeout(() => cell.abandon(), cutOff ? 0 : GRACE);
    // What was cut off may have been ours.
    setTimeout(() => this.#finish(cell, this.#failure(cell.signal.reason)), 5 * GRACE);
  }

  async #run(cell: Cell, { code, expressions }: Execute): Promise<Outcome> {
    const { locals } = this.#executor;
    const before = { ...locals };
    this.#converter.begin(`cell-${cell.id}`, cell.label);
    const stopped = cell.abandoned.then(() => ({ error: cell.signal.reason as unknown }));
    const said = await Promise.race(cell.interrupted ? [stopped] : [this.#say(code), stopped]);
    this.#watchdog.cellRuns(false);
    if ("error" in said) {
      const interrupted = wasInterrupted(said.error);
      if (interrupted) cell.interrupt();
      cell.abandon();
      for (const [name, value] of Object.entries(before)) if (locals[name] === undefined) locals[name] = value;
      this.#converter.end((name) => locals[name] !== undefined);
      for (const name of writtenNames(code)) this.#outlive(before[name], locals[name], cell.label);
      return this.#failure(interrupted ? cell.signal.reason : said.error);
    }
    this.#converter.end();
    for (const name of writtenNames(code)) this.#outlive(undefined, locals[name], cell.label);
    try {
      if ("value" in said && !cell.silent) {
        const bundle = await mimeBundle(said.value);
        if (Object.keys(bundle).length > 0) this.#report({ type: "result", cell: cell.id, bundle, metadata: {} });
      }
    } catch (error) {
      return this.#failure(error);
    }
    const values = await this.#evaluate(expressions);
    // Rejections that nobody has handled show up at the end of this turn.
    await new Promise((resolve) => setImmediate(resolve));
    return cell.stray === undefined ? { expressions: values } : { error: cell.stray, shown: true, expressions: values };
  }

  /** A name had the one value before a cell that writes it, and has the other after it. */
  #outlive(before: unknown, now: unknown, cell: string): void {
    if (typeof now !== "function") return;
    if (before === now) this.#outlived.set(now, cell);
    else this.#outlived.delete(now);
  }

  #failure(error: unknown): Outcome {
    return { error: describeError(error, this.#scripts), expressions: {} };
  }

  /** Runs code and gives back what the executor logged: nothing, the last value, or an error. */
  async #say(code: string): Promise<Said> {
    this.#said = {};
    try {
      const ran = this.#watchdog.mindingSigint(() => this.#executor.execute(code));
      this.#watchdog.cellRuns(true);
      await ran;
    } catch (error) {
      return { error };
    } finally {
      this.#watchdog.cellRuns(false);
    }
    return this.#said;
  }

  async #evaluate(expressions: Record<string, string>): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const [name, expression] of Object.entries(expressions)) {
      const said = await this.#say(`(${expression}\n)`);
      try {
        if ("error" in said) throw said.error;
        values[name] = { status: "ok", data: { "text/plain": plain(said.value) }, metadata: {} };
      } catch (error) {
        values[name] = { status: "error", ...describeError(error, this.#scripts) };
      }
    }
    return values;
  }
}

type Said = { value?: unknown } | { error: unknown };

const wasInterrupted = (error: unknown) =>
  (error as NodeJS.ErrnoException | undefined)?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
