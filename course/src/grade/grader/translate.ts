import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { projectRoot } from "../../kernel/project.js";
import type { CellCode } from "./cells.js";

/** Processor seconds for one cell, and for all cells of a notebook; an ordinary lesson takes less than one. */
const CELL_SECONDS = 5;
const NOTEBOOK_SECONDS = 60;

/** Megabytes that the compiler may take for one cell. */
const MEMORY = 1024;

let thread: Worker | undefined;

/**
 * Translates a notebook's cells. What takes the compiler too long, or too much memory, costs its own cell and no other.
 */
export async function translateAll(sources: readonly string[], cellSeconds = CELL_SECONDS): Promise<CellCode[]> {
  const codes: CellCode[] = [];
  const start = used();
  for (const source of sources) {
    const left = NOTEBOOK_SECONDS - (used() - start);
    codes.push(
      left > 0
        ? await translateOne(source, Math.min(left, cellSeconds))
        : unread("it was not read: other cells had used up the compiler's time"),
    );
  }
  return codes;
}

/** Processor seconds of this process; while it waits for the thread, they are the thread's. */
function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function unread(syntaxError: string): CellCode {
  return { declares: [], imports: false, syntaxError };
}

function translateOne(source: string, seconds: number): Promise<CellCode> {
  thread ??= startThread();
  const worker = thread;
  const start = used();
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const done = (code: CellCode) => {
      clearTimeout(timer);
      worker.off("message", done).off("error", onEnd).off("exit", onEnd);
      worker.unref();
      resolve(code);
    };
    const giveUp = (why: string) => {
      thread = undefined;
      done(unread(why));
      void worker.terminate();
    };
    const onEnd = () => giveUp("it cannot be read: the compiler had not enough memory");
    const look = () => {
      const left = seconds - (used() - start);
      if (left <= 0) giveUp(`it cannot be read: the compiler had not ended after ${Math.ceil(seconds)} seconds`);
      else timer = setTimeout(look, 1000 * Math.max(0.05, left));
    };
    worker.on("message", done).on("error", onEnd).on("exit", onEnd);
    worker.ref();
    worker.postMessage(source);
    look();
  });
}

/**
 * The thread runs what is built, as the runners do: TypeScript sources would need a loader that threads do not have.
 */
function startThread(): Worker {
  const file = join(projectRoot(), "course", "dist", "src", "grade", "grader", "translator.js");
  const worker = new Worker(file, { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: MEMORY } });
  worker.unref();
  return worker;
}
