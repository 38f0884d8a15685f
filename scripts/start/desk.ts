// What npm start lays out before JupyterLab opens: the learner's folder with the lessons, the welcome page, the
// symbols.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { progressPath } from "../../course/src/kernel/cells/progress.js";
import { ProgressFile } from "../../course/src/kernel/progressFile.js";
import { learnersFolder } from "../../course/src/kernel/project.js";
import { tally } from "../../course/src/progress/tally.js";
import { lessonsFolder, notebooksFolder, root } from "../master/places.js";
import { handOut } from "./handOut.js";
import { lessonMap } from "./lessonMap.js";
import { welcomePage } from "./welcome.js";

export interface Desk {
  /** The learner's folder, which JupyterLab shows. */
  folder: string;
  /** The page to open in it. */
  welcome: string;
  /** What the learner should know, a sentence each. */
  said: string[];
  /** Writes the welcome page anew if something was solved since; where it cannot be written, the next call tries. */
  refresh(): void;
}

/** @throws Error with the file system's code if the folder cannot be written, without one if the lessons are broken */
export function layOut(env: NodeJS.ProcessEnv = process.env): Desk {
  const lessons = lessonMap();
  const folder = resolve(learnersFolder(root, env));
  const welcome = "Welcome.md";
  mkdirSync(folder, { recursive: true });
  const said = handOut(notebooksFolder, folder);
  const progress = new ProgressFile(progressPath(root, env));
  const troubles = new Set<string>();
  let seen: string | undefined;
  const refresh = () => {
    const now = traceOf(progress.path);
    if (now === seen) return;
    const { checks, said } = progress.kept();
    for (const sentence of said) troubles.add(sentence);
    write(join(folder, welcome), welcomePage(lessons, tally(checks), [...troubles]));
    seen = now;
  };
  write(join(folder, "Symbols.md"), readFileSync(join(lessonsFolder, "symbols.md"), "utf8"));
  refresh();
  const refreshed = () => {
    try {
      refresh();
    } catch {
      // JupyterLab runs on, perhaps with unsaved work: a folder that was deleted, or a full disk, must not end it.
    }
  };
  return { folder, welcome, said, refresh: refreshed };
}

/** What changes when a file does. */
function traceOf(path: string): string {
  const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return `${size} ${mtimeMs}`;
}

/** Leaves the file's time alone where nothing changes: an open page need not be asked about it. */
function write(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}
