import { Output } from "../../../../course/src/kernel/output.js";
import type { Manifest } from "../messages.js";
import { LiveCell } from "./cell.js";
import { keep, written } from "./kept.js";
import { Kernel } from "./kernel.js";
import type { Pieces } from "./pieces.js";
import { Shown } from "./shown.js";

/** The cells of a lesson's page, and the order in which they run. */
export class LiveLesson {
  readonly cells: readonly LiveCell[];
  readonly #kernel: Kernel;
  readonly #output: Output;
  /** The cells that have run in this kernel, each with the text that ran. */
  readonly #ran = new Map<LiveCell, string>();
  /** Counts what was asked for: when it changes, whoever is at work stops. */
  #asked = 0;
  #running: LiveCell | undefined;

  constructor(
    readonly lesson: string,
    sections: readonly HTMLElement[],
    { lessons }: Manifest,
    pieces: Pieces,
  ) {
    const runs = lessons[lesson] ?? [];
    const mine = written(lesson);
    const wishes = {
      run: (cell: LiveCell) => void this.run(cell),
      stop: () => this.stop(),
      edited: (cell: LiveCell) => keep(this.lesson, cell.original, cell.text === cell.original ? undefined : cell.text),
    };
    this.cells = sections.map((section, i) => new LiveCell(section, runs[i] ?? true, wishes));
    for (const cell of this.cells) {
      const text = Object.hasOwn(mine, cell.original) ? mine[cell.original] : undefined;
      if (!cell.runs || typeof text !== "string" || text === cell.original) continue;
      cell.text = text;
      cell.say("This is your text, kept by this browser.");
    }
    const byNumber = new Map(this.cells.map((cell) => [cell.number, cell]));
    const shown = new Shown((number) => byNumber.get(number)?.outputs);
    this.#output = new Output((type, content, number) => shown.publish(type, content, number));
    this.#kernel = new Kernel(pieces, (message) => {
      const output = this.#output;
      if (message.type === "stream") output.stream(message.cell, message.name, message.text);
      else if (message.type === "display") output.display(message);
      else if (message.type === "result") output.result(message.cell, message.bundle, message.metadata, message.cell);
      else if (message.type === "error") output.error(message.cell, message.error);
    });
  }

  /** Runs a cell, and before it those above it that have not run as they stand now; checks only when asked for. */
  async run(target: LiveCell): Promise<void> {
    if (this.#running !== undefined) return;
    const above = this.cells
      .slice(0, this.cells.indexOf(target))
      .filter((cell) => cell.runs && cell.kind !== "check" && this.#ran.get(cell) !== cell.text);
    const mine = ++this.#asked;
    for (const [i, cell] of above.entries()) {
      const where = `cell ${cell.number}, ${i + 1} of ${above.length} above`;
      target.say(`Running ${where} …`);
      if (await this.#runOne(cell, target)) continue;
      if (this.#asked === mine) target.say(`Not run: cell ${cell.number}, above, ended with an error.`);
      return;
    }
    if (this.#asked === mine) await this.#runOne(target, target);
  }

  /** Runs the whole lesson, checks as well; an error ends it. */
  async runAll(): Promise<void> {
    if (this.#running !== undefined) return;
    const mine = ++this.#asked;
    for (const cell of this.cells) {
      if (!cell.runs) continue;
      if (!(await this.#runOne(cell, cell)) || this.#asked !== mine) return;
    }
  }

  stop(): void {
    this.#asked += 1;
    this.#kernel.stop();
    this.#ran.clear();
  }

  /** @returns whether what comes after it may run */
  async #runOne(cell: LiveCell, asked: LiveCell): Promise<boolean> {
    const { text } = cell;
    this.#running = cell;
    this.#ran.delete(cell);
    for (const each of new Set([cell, asked])) each.busy(true);
    cell.begin("Running …");
    const start = performance.now();
    try {
      const how = await this.#kernel.run(cell.number, text);
      this.#output.flush();
      cell.end(how, (performance.now() - start) / 1000);
      if (how.type === "stopped" && asked !== cell) asked.say("Stopped.");
      if (how.type === "ran" || how.type === "tensors") this.#ran.set(cell, text);
      return how.type === "ran" || how.type === "tensors";
    } catch (error) {
      cell.end({ type: "failed" }, 0);
      cell.say((error as Error).message);
      return false;
    } finally {
      for (const each of new Set([cell, asked])) each.busy(false);
      this.#running = undefined;
    }
  }
}
