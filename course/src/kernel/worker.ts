import { type Command, signal } from "./commands.js";
import { Life } from "./life.js";
import { log } from "./log.js";
import type { CellError, Order, Outcome, Question, Report, StreamName } from "./messages.js";
import { snapshotToStartFrom } from "./snapshot/place.js";

/** What process 1 wants to hear while cells run. */
export interface Listener {
  report(report: Report): void;
  /** Printed by native code, or by a process that the cell started. */
  native(cell: number, name: StreamName, text: string): void;
  /** To whoever waits for the cell. */
  note(cell: number, text: string): void;
}

/** Process 2, from the outside: it is started at once, and again whenever it has died. */
export class Worker {
  readonly #root: string;
  readonly #listener: Listener;
  readonly #snapshot: () => string | undefined;
  #process!: Life;
  #stopped = false;
  #running: Running | undefined;
  /** Process 2 died before it could take orders. It is started again when a cell needs it, not over and over. */
  #fallen = false;
  /** A process that started from the snapshot never got ready: from now on they start without. */
  #snapshotFails = false;
  readonly #questions = new Map<number, (value: Record<string, unknown> | undefined) => void>();
  #count = 0;

  /** @param snapshot what a process starts from, if anything */
  constructor(root: string, listener: Listener, snapshot = () => snapshotToStartFrom(root)) {
    this.#root = root;
    this.#listener = listener;
    this.#snapshot = snapshot;
    this.#start();
  }

  /** Runs a cell to its end, whatever the end is. */
  execute(order: Extract<Order, { type: "execute" }>): Promise<Outcome> {
    if (this.#fallen) this.#start();
    return new Promise((resolve) => {
      const running: Running = { cell: order.cell, since: performance.now(), resolve };
      this.#running = running;
      this.#process.cell = order.cell;
      this.#noteIfLate(running, this.#process.send(order), "has not begun", LATE_BEGIN);
    });
  }

  /**
   * Stops the running cell, and with it the commands that it has started and may be waiting for, execSync("sleep 60").
   */
  interrupt(): void {
    const running = this.#running;
    if (running === undefined) return;
    const number = this.#process.interrupt(running.cell);
    if (running.insisting) return;
    running.insisting = true;
    this.#noteIfLate(running, number, "has not seen its interrupt", LATE_INTERRUPT);
    const life = this.#process;
    // A cell that waits for its command may end before the command does.
    const commands = commandsOfCell(life, running);
    const timer = setTimeout(() => {
      signal(commands, "SIGINT");
      this.#insist(running, life, 0);
    }, HEAD_START);
    timer.unref();
  }

  /** A command may mind no SIGINT. */
  #insist(running: Running, life: Life, times: number): void {
    if (this.#running !== running || this.#process !== life) return;
    signal(commandsOfCell(life, running), times < 3 ? "SIGINT" : times < 6 ? "SIGTERM" : "SIGKILL");
    setTimeout(() => this.#insist(running, life, times + 1), 1000).unref();
  }

  /** Process 2 lives, or it would be replaced; but whoever waits is told what for. */
  #noteIfLate(running: Running, number: number, what: string, patience: number): void {
    const life = this.#process;
    const note = () => {
      if (this.#running !== running || this.#process !== life || !life.waits(number)) return;
      this.#listener.note(running.cell, `rlhf-lab: this cell ${what}: ${life.wasReady ? BUSY : STARTING}\n`);
    };
    setTimeout(note, patience).unref();
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
    const snapshot = this.#snapshotFails ? undefined : this.#snapshot();
    const life = new Life(
      this.#root,
      {
        // What Node says against a snapshot is no output of a cell.
        native: (name, text) =>
          snapshot === undefined || life.wasReady ? this.#listener.native(life.cell, name, text) : log(text),
        report: (report) => this.#report(report, life),
        ended: (cause) => this.#ended(cause, life, snapshot !== undefined),
      },
      snapshot,
    );
    this.#process = life;
  }

  #report(report: Report, life: Life): void {
    if (report.type === "done") {
      const running = this.#running;
      if (running?.cell !== report.cell) return;
      running.outcome ??= report.outcome;
      // What native code has printed comes through other pipes; the marks tell when it is all here.
      void life.drained(report.cell).then(() => {
        // It may be told again, and by now another cell may be running.
        if (this.#running === running) this.#running = undefined;
        running.resolve(report.outcome);
      });
    } else if (report.type === "answer") {
      this.#questions.get(report.id)?.(report.value as Record<string, unknown>);
    } else this.#listener.report(report);
  }

  #ended(cause: string, life: Life, fromSnapshot: boolean): void {
    if (this.#stopped || life !== this.#process) return;
    if (fromSnapshot && !life.wasReady) {
      log(`the snapshot of the compiler does not start: ${cause}`);
      this.#snapshotFails = true;
      this.#start();
      this.#process.takeOver(life);
      return;
    }
    if (life.wasReady) this.#start();
    else this.#fallen = true;
    for (const answered of [...this.#questions.values()]) answered(undefined);
    const running = this.#running;
    this.#running = undefined;
    const error = deathOf(cause);
    if (running !== undefined && running.outcome === undefined) running.resolve({ error, expressions: {} });
    else this.#listener.report({ type: "error", cell: life.cell, error });
    if (running?.outcome !== undefined) running.resolve(running.outcome);
  }
}

interface Running {
  cell: number;
  /** When it began, on performance.now()'s clock. */
  since: number;
  resolve(outcome: Outcome): void;
  /** Its end, while what native code has printed is still on its way. */
  outcome?: Outcome;
  /** It has been interrupted, and its commands are being stopped. */
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

/** After so long (ms) a cell that waits says why. */
const LATE_BEGIN = 30_000;
const LATE_INTERRUPT = 20_000;
const STARTING = "the process that runs the cells is still starting.";
const BUSY =
  "that process is busy with code that is no cell's any more (interrupt it), or that no interrupt can cut off (native code, a read that waits; restart the kernel if it does not end).";

function deathOf(cause: string): CellError {
  const evalue = `${cause}. Variables are gone; a fresh process is ready: run the cells again from the top.`;
  return { ename: "ProcessEnded", evalue, traceback: [`\x1b[31mProcessEnded\x1b[39m: ${evalue}`] };
}
