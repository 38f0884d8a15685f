import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { serialize } from "node:v8";
import { LearnerError, unpack } from "../learner.js";
import { fromBytes, roomFor } from "../plain.js";
import { ANSWER, FAILURE_ROOM, type Failure, frame, type Request, readFrames } from "./frames.js";
import type { Cell } from "./notebook.js";
import type { Plan, Step } from "./plan.js";
import { processorSeconds } from "./processorTime.js";
import { type Limits, type Sandbox, startRunner } from "./sandbox.js";

/** Bytes of output after which the notebook's output is mentioned. All of it is read and thrown away. */
const MUCH_OUTPUT = 16 * 2 ** 20;

/** Processor seconds, and seconds of waiting, that a runner has to start and answer for the first time. */
const START = { processor: 60, waiting: 600 };

/** Processor seconds that a cell has in any case. */
const MIN_SECONDS = 0.2;

type Ask = { op: "cell"; code: string; number: number } | { op: "call"; name: string; args: unknown[]; room: number };

/** The processor seconds that an exercise has used, of those it has. */
export interface Clock {
  seconds: number;
  readonly limit: number;
}

/** What may be used until an answer must be there, and how to say what the limit was. */
interface Allowance {
  processor: number;
  waiting: number;
  limit?: number;
}

/**
 * Seconds, of the processor and of waiting for something else than the processor (or, on a busy
 * machine, for the processor).
 */
interface Spent {
  processor: number;
  waiting: number;
}

/**
 * A submission's runner as the judge sees it: started when needed, its cells run in order, killed when it hangs, and
 * started again without the cell that hung.
 */
export class Session {
  private runner: Runner | undefined;
  /** Cells that hung or ended the process, with the sentence about it. Not run again. */
  private readonly skipped = new Map<Step, string>();
  /** Cells that threw. */
  private readonly failed = new Map<Step, string>();
  private bytes = 0;
  /**
   * Processor seconds left for cells over all starts; a notebook cannot hold up the class by hanging again and again.
   */
  private left: number;
  /** Seconds of waiting left, for everything. Generous, as on a busy machine honest work waits too. */
  private waiting: number;
  /** A runner that somebody else has ended (the system, for want of memory?) is started again once. */
  private secondChance = true;

  constructor(
    private readonly plan: Plan,
    private readonly sandbox: Sandbox,
    private readonly limits: Limits,
    /** Processor seconds for each cell. */
    private readonly cellSeconds: number,
  ) {
    this.left = 20 * cellSeconds;
    this.waiting = 30 + 10 * cellSeconds;
  }

  /**
   * Calls one of the learner's functions, and takes the time from the clock. (Starting the
   * runner and its cells is free.)
   * @throws LearnerError; a fatal one when time was up or the process ended
   */
  async call(name: string, args: unknown[], clock: Clock): Promise<unknown> {
    const room = roomFor(args);
    for (;;) {
      const runner = await this.ready();
      const allowance = { processor: clock.limit - clock.seconds, waiting: this.patience(), limit: clock.limit };
      const reply = await runner.ask({ op: "call", name, args, room }, allowance, name, (spent) => {
        clock.seconds += spent.processor;
        this.waiting -= spent.waiting;
      });
      if (Buffer.isBuffer(reply)) return unpack(name, reply, room);
      if (await this.fetch(reply.missing)) continue;
      throw new LearnerError(readable(reply.message), reply.kind);
    }
  }

  /** Runs the cells, if they are not; so that their time is not counted on an exercise. */
  async ready(): Promise<Runner> {
    for (;;) {
      if (this.runner?.alive) return this.runner;
      this.stop();
      this.runner = new Runner(this.sandbox, this.limits, (n) => {
        this.bytes += n;
      });
      await this.runner.ask({ op: "cell", code: "", number: 0 }, START, "the runner");
      if (await this.runCells(this.runner)) return this.runner;
    }
  }

  /** Seconds that the next answer may wait for; when all are used up, no longer than a loop. */
  private patience(): number {
    return Math.max(this.cellSeconds, this.waiting);
  }

  /** What to tell about a cell: why it was skipped or failed. */
  trouble(cellNumber: number | undefined): string | undefined {
    for (const [{ cell }, why] of this.skipped) if (cell.number === cellNumber) return skippedCells([cellNumber], why);
    for (const [{ cell }, why] of this.failed) if (cell.number === cellNumber) return why;
    return undefined;
  }

  /**
   * Sentences about cells that were skipped or threw, for one exercise: those that define a name which its cell uses.
   * What concerns no exercise in particular is told with the first.
   */
  notes(of: { cell?: Cell; first: boolean; failed: boolean; missesName: boolean }): string[] {
    const words = new Set(of.cell?.source.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
    const concerns = ({ code }: Step) =>
      code.syntaxError === undefined ? code.declares.some((name) => words.has(name)) : of.missesName;
    const cellsOf = new Map<string, number[]>(); // by reason: hundreds of cells may share one
    for (const [step, why] of this.skipped) {
      if (of.first || concerns(step)) cellsOf.set(why, [...(cellsOf.get(why) ?? []), step.cell.number]);
    }
    const notes = [...cellsOf].map(([why, cells]) => skippedCells(cells, why));
    if (of.failed) for (const [step, why] of this.failed) if (concerns(step)) notes.push(why);
    if (of.first && this.bytes > MUCH_OUTPUT) {
      notes.push(`the notebook printed ${Math.round(this.bytes / 2 ** 20)} MB, which were thrown away`);
    }
    return notes;
  }

  stop(): void {
    this.runner?.kill();
    this.runner = undefined;
  }

  /** False when the runner had to be killed, or has to be started again with one more cell. */
  private async runCells(runner: Runner): Promise<boolean> {
    this.failed.clear();
    for (const step of this.plan.steps) {
      const { cell, code } = step;
      if (step.run === "on demand" || this.skipped.has(step)) continue;
      if (code.syntaxError !== undefined) {
        this.failed.set(step, `cell ${cell.number} has a syntax error, ${code.syntaxError}`);
        continue;
      }
      if (this.left <= 0 && !step.forExercise) {
        this.skipped.set(step, "cells before it had used up the time");
        continue;
      }
      const source = (step.run === "imports" ? code.runImports : code.run) ?? "";
      const processor = Math.max(MIN_SECONDS, Math.min(this.cellSeconds, this.left));
      let used = 0;
      try {
        const ask: Ask = { op: "cell", code: source, number: cell.number };
        const reply = await runner.ask(ask, { processor, waiting: this.patience() }, "it", (spent) => {
          used += spent.processor;
          this.left -= spent.processor;
          this.waiting -= spent.waiting;
        });
        if (Buffer.isBuffer(reply)) continue;
        if (await this.fetch(reply.missing)) return false;
        this.failed.set(step, `cell ${cell.number} failed: ${readable(reply.message)}`);
      } catch (error) {
        if (runner.endedFromOutside && this.secondChance) this.secondChance = false;
        else this.skipped.set(step, (error as Error).message);
        // A cell that was ended counts in full, however little of the processor a busy machine gave it: so a notebook
        // can have twenty of them, no more.
        this.left -= Math.max(0, this.cellSeconds - used);
        return false;
      }
    }
    return true;
  }

  /** A name was missing: if a cell that was left out declares it, start again with that cell. */
  private async fetch(name: string | undefined): Promise<boolean> {
    if (name === undefined) return false;
    const step = this.plan.steps.find((s) => s.run !== "all" && !this.skipped.has(s) && s.code.declares.includes(name));
    if (step === undefined) return false;
    step.run = "all";
    this.stop();
    return true;
  }
}

/** "cell 5 was skipped: it ..." or "20 cells (5 to 24) were skipped, each for this: it ...". */
function skippedCells(cells: readonly number[], why: string): string {
  if (cells.length === 1) return `cell ${cells[0]} was skipped: ${why}`;
  return `${cells.length} cells (${cells[0]} to ${cells[cells.length - 1]}) were skipped, each for this: ${why}`;
}

const running = new Set<Runner>();

/** Ends every runner of this process, whatever it is doing. */
export function stopAllRunners(): void {
  for (const runner of [...running]) runner.kill();
}

/** One sandboxed process. */
class Runner {
  alive = true;
  private readonly child: ChildProcess;
  private readonly remove: () => void;
  private readonly waiting = new Map<string, { resolve: (r: Buffer | Failure) => void; end: (why: string) => void }>();
  /** Killed, and not by us. */
  endedFromOutside = false;

  constructor(sandbox: Sandbox, limits: Limits, onOutput: (bytes: number) => void) {
    ({ child: this.child, remove: this.remove } = startRunner(sandbox, limits));
    running.add(this);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => onOutput(chunk.length));
      stream?.on("error", () => {});
    }
    const channel = this.channel();
    channel.on("error", () => {});
    readFrames(
      channel,
      (body) => this.receive(body),
      (why) => this.kill(`sent ${why}`),
    );
    this.child.on("error", (error) => this.end(`could not be started: ${error.message}`));
    this.child.on("exit", (code, signal) => {
      this.endedFromOutside = this.alive && (signal === "SIGKILL" || code === 137);
      this.end(howItEnded(code, signal, limits));
      (this.child.stdio[4] as Socket | null)?.destroy();
    });
    (this.child.stdio[4] as Socket | null)?.on("error", () => {});
  }

  /**
   * The answer's bytes, or why there is none.
   * @param onSpent told, in any case, what it took
   * @throws LearnerError (fatal) when there is no answer in time, or the process ended
   */
  ask(
    ask: Ask,
    allowed: Allowance,
    who: string,
    onSpent: (spent: Spent) => void = () => {},
  ): Promise<Buffer | Failure> {
    return new Promise((resolve, reject) => {
      const id = randomUUID();
      const start = { time: performance.now(), processor: processorSeconds(this.child.pid) };
      const spent = (): Spent => {
        const wall = (performance.now() - start.time) / 1000;
        const now = processorSeconds(this.child.pid);
        // Where processor time is not to be had, the time on the wall stands for it.
        const processor = now === undefined || start.processor === undefined ? wall : now - start.processor;
        return { processor: Math.max(0, processor), waiting: Math.max(0, wall - processor) };
      };
      const fatal = (why: string) => reject(new LearnerError(`${who} ${why}`, "fatal"));
      let timer: NodeJS.Timeout;
      let last: Spent = { processor: 0, waiting: 0 };
      const look = () => {
        last = spent();
        if (last.processor >= allowed.processor) {
          this.kill(`did not finish within ${round(allowed.limit ?? allowed.processor)} seconds`);
        } else if (last.waiting >= allowed.waiting) {
          this.kill(`did not finish: it waited for ${round(last.waiting)} seconds`);
        } else {
          // No sooner can it have used up what is left.
          const left = Math.min(allowed.processor - last.processor, allowed.waiting - last.waiting);
          timer = setTimeout(look, 1000 * Math.max(0.05, left));
        }
      };
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(id);
        if (this.alive) last = spent();
        onSpent(last);
      };
      this.waiting.set(id, {
        resolve: (reply) => {
          done();
          resolve(reply);
        },
        end: (why) => {
          done();
          fatal(why);
        },
      });
      look();
      const request: Request = { ...ask, id };
      this.channel().write(frame(serialize(request)));
    });
  }

  kill(why = "was stopped"): void {
    this.end(why);
    // Only while it runs: its number may be another process's afterwards.
    if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) {
      try {
        process.kill(-this.child.pid, "SIGKILL");
      } catch {
        // It is gone already.
      }
    }
  }

  private channel(): Socket {
    return this.child.stdio[3] as unknown as Socket;
  }

  /** What arrives is from the learner's process: looked at only if it answers what was asked. */
  private receive(body: Buffer): void {
    const id = body.toString("latin1", 0, 36);
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return;
    const answer = body.subarray(37);
    if (body.toString("latin1", 36, 37) === ANSWER.value) {
      waiting.resolve(answer);
      return;
    }
    const { message, missing, kind } = failureFrom(answer);
    const text = (x: unknown) => (typeof x === "string" ? x : undefined);
    waiting.resolve({
      message: text(message) ?? "it failed",
      kind: kind === "threw" ? kind : "broken",
      missing: text(missing),
    });
  }

  private end(why: string): void {
    if (!this.alive) return;
    this.alive = false;
    running.delete(this);
    for (const one of [...this.waiting.values()]) one.end(why);
    this.remove();
  }
}

/** A failure's fields, if it has any. */
function failureFrom(bytes: Buffer): Record<string, unknown> {
  try {
    return { ...(fromBytes(bytes, FAILURE_ROOM) as object) };
  } catch {
    return {};
  }
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null, limits: Limits): string {
  // 128 + 6: V8 aborts when it runs out of memory; the shell in between reports signals so.
  if (signal === "SIGABRT" || code === 134)
    return `ran out of its ${limits.memory} MB of memory, or called process.abort`;
  if (signal === "SIGXCPU" || code === 152) return "used up its processor time";
  if (signal === "SIGKILL" || code === 137) return "was ended by the system, for want of memory or of processor time";
  if (signal !== null) return `ended its process (${signal})`;
  return `ended its process (exit code ${code}), as process.exit does`;
}

/** The runner's words for what the sandbox refused. */
function readable(message: string): string {
  if (message.includes("loading addons is disabled")) {
    return `${message} (the grader loads native code only where the operating system confines it, or the lesson needs it)`;
  }
  return message.includes("Access to this API has been restricted")
    ? `${message} (the grader gives no access to other files, programs and threads)`
    : message;
}

function round(seconds: number): number {
  return Math.max(0.1, Math.round(seconds * 10) / 10);
}
