// Executed lessons, kept in .rlhf-lab/executed/NN.ipynb with a key of what they were made from: an unchanged lesson is
// not run again for the site.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Notebook, notebookText } from "../master/build.js";
import { lessonsFolder, root } from "../master/course.js";
import type { Master } from "../master/parse.js";
import { hash } from "../setup/stamp.mjs";

export const executedFolder = join(root, ".rlhf-lab", "executed");

/** What every lesson runs on: the library, its tables, and the words of its checks. */
const ground = ["lib/src", "lib/package.json", "datasets", "course/src/grade"].map((path) => join(root, path));
let groundHash: string | undefined;

/** Says whether a run is still true: a hash of the solution's text, its checks and the library. */
export function executedKey({ name }: Pick<Master, "name">, solution: string): string {
  groundHash ??= hash({ files: ground });
  return hash({ files: [join(lessonsFolder, name, "checks.ts")], facts: [solution, groundHash] });
}

/** Keeps an executed solution. Whoever reads at the same time sees the old file or the new one, never half of it. */
export function keepExecuted(lesson: string, key: string, notebook: Notebook, folder = executedFolder): void {
  const path = join(folder, `${lesson}.ipynb`);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, notebookText({ ...notebook, metadata: { ...notebook.metadata, rlhf_lab: { key } } }));
  renameSync(temporary, path);
}

/** The executed solution that was kept under this key; undefined if there is none, an older one, or a damaged file. */
export function readExecuted(lesson: string, key: string, folder = executedFolder): Notebook | undefined {
  try {
    const notebook = JSON.parse(readFileSync(join(folder, `${lesson}.ipynb`), "utf8")) as Notebook;
    return (notebook.metadata.rlhf_lab as { key?: string } | undefined)?.key === key ? notebook : undefined;
  } catch {
    return undefined;
  }
}
