// npm run notebooks [-- --check | --force]: builds notebooks/*.ipynb and
// notebooks/solutions/*.ipynb from their masters.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isAsHandedOut, type Notebook } from "./master/build.js";
import { editionsOf, notebooksFolder, readMasters, root } from "./master/course.js";

/** What the builder would do, or did, with one file. `yours`: a learner worked in it, so it is left alone. */
export interface Result {
  path: string;
  state: "same" | "written" | "stale" | "yours" | "orphan";
}

/**
 * Whether a notebook holds something that a build would destroy: outputs, or an exercise that somebody wrote. (Solution
 * notebooks are ours: only outputs count there, and they can be made again.)
 */
export function holdsWork(text: string): boolean {
  let notebook: Notebook;
  try {
    notebook = JSON.parse(text) as Notebook;
  } catch {
    return false;
  }
  return notebook.cells.some((cell) => {
    if ((cell.outputs?.length ?? 0) > 0) return true;
    return cell.metadata.rlhf_lab?.exercise !== undefined && !isAsHandedOut(cell);
  });
}

/** Compares every notebook with its master; writes those that differ, unless it only checks. */
export async function buildAll(options: { check?: boolean; force?: boolean } = {}): Promise<Result[]> {
  const results: Result[] = [];
  const expected = new Set<string>();
  for (const master of readMasters()) {
    for (const { edition, path, text } of await editionsOf(master)) {
      expected.add(path);
      const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
      const yours = edition === "learner" && before !== undefined && before !== text && holdsWork(before);
      const state = before === text ? "same" : yours && !options.force ? "yours" : options.check ? "stale" : "written";
      if (state === "written") {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
      results.push({ path, state });
    }
  }
  for (const folder of [notebooksFolder, join(notebooksFolder, "solutions")]) {
    const files = existsSync(folder) ? readdirSync(folder) : [];
    for (const path of files.filter((file) => /^\d\d-.*\.ipynb$/.test(file)).map((file) => join(folder, file))) {
      if (!expected.has(path)) results.push({ path, state: "orphan" });
    }
  }
  return results;
}

const says: Record<Result["state"], string> = {
  same: "is up to date",
  written: "written",
  stale: "is stale: run npm run notebooks",
  yours: "holds your work and was left alone (npm run notebooks -- --force starts it afresh)",
  orphan: "has no master in course/lessons: delete or rename it",
};

async function main(args: string[]): Promise<void> {
  const unknown = args.find((argument) => argument !== "--check" && argument !== "--force");
  if (unknown !== undefined) throw new Error(`Unknown option ${unknown}. There are --check and --force.`);
  const results = await buildAll({ check: args.includes("--check"), force: args.includes("--force") });
  for (const { path, state } of results) console.log(`${relative(root, path)} ${says[state]}`);
  if (results.length === 0) console.log("No masters in course/lessons.");
  if (results.some(({ state }) => state === "stale" || state === "orphan")) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
