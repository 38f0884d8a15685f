import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Edition, Notebook } from "../master/build.js";
import type { Master } from "../master/parse.js";
import { executedFolder } from "./executed.js";

/**
 * Longest first, so that no core waits at the end for a lesson that was begun last. How long a solution takes is known
 * from the last time that it passed; what is not known comes first, learner's notebooks, which do little, come last.
 */
export function longestFirst<T>(
  items: readonly T[],
  job: (item: T) => { master: Master; edition: Edition },
  folder = executedFolder,
): T[] {
  const seconds = new Map(
    items.map((item) => {
      const { master, edition } = job(item);
      return [item, edition === "learner" ? 0 : lastSeconds(master.lesson, folder)];
    }),
  );
  return [...items].sort((a, b) => seconds.get(b)! - seconds.get(a)!);
}

/** Seconds of processors that a lesson took when it last passed; more than any takes if it is not known. */
function lastSeconds(lesson: string, folder: string): number {
  try {
    const { cells } = JSON.parse(readFileSync(join(folder, `${lesson}.ipynb`), "utf8")) as Notebook;
    const took = cells.map(({ metadata }) => (metadata as { execution?: { processor_seconds?: number } }).execution);
    return took.reduce((sum, cell) => sum + (cell?.processor_seconds ?? 0), 0);
  } catch {
    return Number.MAX_VALUE;
  }
}
