import { createRequire, syncBuiltinESMExports } from "node:module";
import type { Worker as Thread, WorkerOptions } from "node:worker_threads";
import { currentCell, inCell } from "./cell.js";
import { KEPT_MB } from "./kept.js";

/**
 * Worker threads remember the cell that started them: what they print belongs to it. Node would pass it on to
 * process.stdout, under whatever cell runs by then.
 */
export function threadsOfCells(): void {
  const threads = createRequire(import.meta.url)("node:worker_threads");
  const Original = threads.Worker as typeof Thread;
  threads.Worker = class Worker extends Original {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, { ...options, ...roomForItself(options), stdout: true, stderr: true });
      const cell = currentCell();
      for (const name of ["stdout", "stderr"] as const) {
        // Whoever asks for the stream reads it himself.
        if (options[name]) continue;
        const print = (chunk: Buffer) => void process[name].write(chunk);
        this[name].on("data", (chunk: Buffer) =>
          cell === undefined ? print(chunk) : inCell(cell, () => print(chunk)),
        );
      }
    }
  };
  syncBuiltinESMExports();
}

/** A limit is meant for what the thread itself makes. */
function roomForItself({ resourceLimits }: WorkerOptions): WorkerOptions {
  const most = resourceLimits?.maxOldGenerationSizeMb;
  return most === undefined ? {} : { resourceLimits: { ...resourceLimits, maxOldGenerationSizeMb: most + KEPT_MB } };
}
