import { lstatSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "rlhf-lab/core";
import { cleanText } from "./cleanText.js";

/** One learner's files. */
export interface Submission {
  learner: string;
  /** Notebooks, in order of their names. Whether they can be read is found out when they are graded. */
  files: string[];
  /** Why there is nothing to grade, if so. */
  problem?: string;
}

/**
 * The submissions at a path: a notebook is one learner's; in a folder each notebook and each sub-folder is one
 * learner's. A sub-folder may hold several notebooks, also deeper (nbgrader:
 * submitted/LEARNER/ASSIGNMENT/NOTEBOOK.ipynb).
 * @throws DataError if there is nothing at the path
 */
export function findSubmissions(path: string): { submissions: Submission[]; ignored: string[] } {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw new DataError(
      `${path}: cannot be opened (${(error as NodeJS.ErrnoException).code}). Name a notebook, or a folder of them.`,
    );
  }
  if (!isFolder) return { submissions: [{ learner: learnerOf(path), files: [path] }], ignored: [] };
  const submissions: Submission[] = [];
  const ignored: string[] = [];
  for (const name of readdirSync(path).sort()) {
    if (name.startsWith(".")) continue;
    const place = join(path, name);
    const kind = lstatSync(place);
    if (kind.isDirectory()) submissions.push(folderOf(place, name));
    else if (name.toLowerCase().endsWith(".ipynb")) submissions.push({ learner: learnerOf(name), files: [place] });
    else if (kind.isSymbolicLink()) submissions.push({ learner: cleanText(name, 200), files: [place] });
    else ignored.push(cleanText(name, 200));
  }
  makeNamesDiffer(submissions);
  return { submissions, ignored };
}

/**
 * ada.ipynb, ada/ and ADA.ipynb are three learners as far as we can know, and none of them is the one called "ada (2)".
 */
function makeNamesDiffer(submissions: Submission[]): void {
  const seen = new Set<string>();
  const all = new Set(submissions.map((one) => looks(one.learner)));
  for (const one of submissions) {
    const name = one.learner;
    for (let n = 2; seen.has(looks(one.learner)); n++) {
      const next = `${name} (${n})`;
      if (!all.has(looks(next))) one.learner = next;
    }
    seen.add(looks(one.learner));
  }
}

/** A name as the eye sees it, whatever marks of no width are in it. */
function looks(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/\p{Cf}+/gu, "")
    .replace(/\s+/g, " ")
    .trim()
    .toLowerCase();
}

function learnerOf(file: string): string {
  return cleanText(basename(file).replace(/\.ipynb$/i, ""), 200) || "(no name)";
}

function folderOf(folder: string, name: string): Submission {
  const learner = cleanText(name, 200) || "(no name)";
  const files: string[] = [];
  try {
    collect(folder, files, 0);
  } catch (error) {
    return { learner, files, problem: `the folder cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  return files.length > 0 ? { learner, files } : { learner, files, problem: "the folder holds no notebook" };
}

/** Notebooks below a folder; symbolic links to folders are not followed. */
function collect(folder: string, files: string[], depth: number): void {
  for (const name of readdirSync(folder).sort()) {
    if (name.startsWith(".") || files.length >= 100) continue;
    const place = join(folder, name);
    if (lstatSync(place).isDirectory()) {
      if (depth < 3) collect(place, files, depth + 1);
    } else if (name.toLowerCase().endsWith(".ipynb")) files.push(place);
  }
}
