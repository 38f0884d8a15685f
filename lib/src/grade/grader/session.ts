import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { LearnerError } from "../learner.js";
import { encodeFrame, readFrames } from "./frames.js";
import type { Plan, Step } from "./plan.js";
import type { Reply, Request } from "./runner.js";
import { type Limits, type Sandbox, startRunner } from "./sandbox.js";

/** Bytes of output after which the notebook's output is mentioned. All of it is read and thrown away. */
const MUCH_OUTPUT = 16 * 2 ** 20;

/** Time that a runner has to start and answer for the first time, before the learner's time begins. */
const START_SECONDS = 60;

type Ask = { op: "cell"; code: string; number: number } | { op: "call"; name: string; args: unknown[] };

/** The seconds that an exercise has used, of those it has. */
export interface Clock {
  seconds: number;
  readonly limit: number;
}

/**
 * A submission's runner as the judge sees it: started when needed, its cells run in order, killed when it hangs, and started
 * again without the cell that hung.
 */
export class Session {
  private runner: Runner | undefined;
  /** Cells that hung or ended the process, with the sentence about it. Not run again. */
  private readonly skipped = new Map<Step, string>();
  /** Cells that threw. */
  private readonly failed = new Map<Step, string>();
  private bytes = 0;
  /** Seconds left for cells over all starts; a notebook cannot hold up the class by hanging again and again. */
  private left: number;

  constructor(
    private readonly plan: Plan,
    private readonly sandbox: Sandbox,
    private readonly limits: Limits,
    /** Seconds for each cell. */
    private readonly cellSeconds: number,
  ) {
    this.left = 20 * cellSeconds;
  }

  /**
   * Calls one of the learner's functions, and takes the time from the clock. (Starting the runner and its cells is free.)
   * @throws LearnerError; a fatal one when time was up or the process ended
   */
  async call(name: string, args: unknown[], clock: Clock): Promise<unknown> {
    for (;;) {
      const runner = await this.ready();
      const start = performance.now();
      const asked = runner.ask({ op: "call", name, args }, clock.limit - clock.seconds, name, clock.limit);
      const reply = await asked.finally(() => {
        clock.seconds += (performance.now() - start) / 1000;
      });
      if (reply.ok) return reply.value;
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
      await this.runner.ask({ op: "cell", code: "", number: 0 }, START_SECONDS, "the runner");
      if (await this.runCells(this.runner)) return this.runner;
    }
  }

  /** What to tell about a cell: why it was skipped or failed. */
  trouble(cellNumber: number | undefined): string | undefined {
    for (const [step, why] of [...this.skipped, ...this.failed]) if (step.cell.number === cellNumber) return why;
    return undefined;
  }

  /** Sentences about cells that had to be skipped, and about floods of output. */
  notes(): string[] {
    const notes = [...this.skipped.values()];
    if (this.bytes > MUCH_OUTPUT) {
      notes.push(`the notebook printed ${Math.round(this.bytes / 2 ** 20)} MB, which were thrown away`);
    }
    return notes;
  }

  /** Every cell that threw, for an exercise that fails for want of what it defines. */
  failures(): string[] {
    return [...this.failed.values()];
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
      const source = (step.run === "imports" ? code.runImports : code.run) ?? "";
      const seconds = Math.max(0.2, Math.min(this.cellSeconds, this.left));
      const start = performance.now();
      try {
        const reply = await runner.ask({ op: "cell", code: source, number: cell.number }, seconds, "it");
        if (reply.ok) continue;
        if (await this.fetch(reply.missing)) return false;
        this.failed.set(step, `cell ${cell.number} failed: ${readable(reply.message)}`);
      } catch (error) {
        this.skipped.set(step, `cell ${cell.number} was skipped: ${(error as Error).message}`);
        return false;
      } finally {
        this.left -= (performance.now() - start) / 1000;
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
  private readonly waiting = new Map<number, { resolve: (r: Reply) => void; end: (why: string) => void }>();
  private requests = 0;

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
      (value) => this.receive(value),
      (why) => this.end(`sent ${why}`),
    );
    this.child.on("error", (error) => this.end(`could not be started: ${error.message}`));
    this.child.on("exit", (code, signal) => this.end(howItEnded(code, signal, limits)));
  }

  /** @throws LearnerError (fatal) when there is no answer in time, or the process ended */
  ask(ask: Ask, seconds: number, who: string, limit = seconds): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const id = ++this.requests;
      const fatal = (why: string) => reject(new LearnerError(`${who} ${why}`, "fatal"));
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        this.kill();
        fatal(`did not finish within ${round(limit)} seconds`);
      }, seconds * 1000);
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(id);
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
      const request: Request = { ...ask, id };
      this.channel().write(encodeFrame(request));
    });
  }

  kill(): void {
    this.end("was stopped");
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

  /** What arrives is data from the learner's process: believed only in the form of an answer to what was asked. */
  private receive(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    const { id, ok, value: result, message, missing, kind } = value as { [key: string]: unknown };
    const waiting = this.waiting.get(id as number);
    if (waiting === undefined) return;
    const text = (x: unknown) => (typeof x === "string" ? x : undefined);
    if (ok === true) {
      waiting.resolve({ id: id as number, ok, value: result });
      return;
    }
    const reason = kind === "threw" ? kind : "broken";
    waiting.resolve({
      id: id as number,
      ok: false,
      message: text(message) ?? "it failed",
      kind: reason,
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

function howItEnded(code: number | null, signal: NodeJS.Signals | null, limits: Limits): string {
  // 128 + 6: V8 aborts when it runs out of memory; the shell in between reports signals so.
  if (signal === "SIGABRT" || code === 134)
    return `ran out of its ${limits.memory} MB of memory, or called process.abort`;
  if (signal === "SIGXCPU" || code === 152) return "used up its processor time";
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
