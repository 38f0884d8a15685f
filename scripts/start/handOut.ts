// Gives the lessons to the learner: copies in a folder of their own, which git and `npm run notebooks` leave alone.
// When a lesson has a new version, the copy becomes it, with the learner's work in it.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isAsHandedOut, type Notebook, notebookText } from "../master/build.js";
import { type Merged, merge } from "./merge.js";

/** In the learner's folder: the lessons as they were given, to tell what is the learner's. JupyterLab hides it. */
const GIVEN = ".given";
/** In the learner's folder: what a notebook was before it became a new version. */
const EARLIER = "earlier";

/**
 * Brings the learner's folder up to date with the built notebooks, solved ones included.
 * @returns what was done that the learner should know, a sentence each
 */
export function handOut(from: string, to: string): string[] {
  const said: string[] = [];
  for (const folder of [".", "solutions"]) {
    const names = readdirSync(join(from, folder)).filter((name) => /^\d\d-.*\.ipynb$/.test(name));
    for (const name of names.sort()) {
      followName(join(to, folder), name);
      const sentence = handOutOne(join(from, folder, name), to, folder);
      if (sentence !== undefined) said.push(sentence);
    }
  }
  return said;
}

/** A lesson that has got another name, its number the same: the learner's copy gets it too. */
function followName(folder: string, name: string): void {
  const given = join(folder, GIVEN);
  if (existsSync(join(folder, name)) || !existsSync(given)) return;
  const old = readdirSync(given).find((each) => each.startsWith(name.slice(0, 3)) && each !== name);
  if (old === undefined || !existsSync(join(folder, old))) return;
  renameSync(join(folder, old), join(folder, name));
  renameSync(join(given, old), join(given, name));
}

function handOutOne(source: string, to: string, within: string): string | undefined {
  const name = basename(source);
  const path = join(to, within, name);
  const givenPath = join(to, within, GIVEN, name);
  const text = readFileSync(source, "utf8");
  // Who began before there was this folder has answers in the built notebooks: those were not given.
  const holdsAnswers = within === "." && parse(text)?.cells.some(isAnswer) === true;
  if (!existsSync(path)) {
    replace(path, text);
    if (!holdsAnswers) replace(givenPath, text);
    return undefined;
  }
  if (holdsAnswers) return undefined; // until git has its own again
  const given = existsSync(givenPath) ? readFileSync(givenPath, "utf8") : undefined;
  if (given === text) return undefined;
  const mine = readFileSync(path, "utf8");
  let sentence: string | undefined;
  if (mine !== text && mine !== given) {
    const yours = parse(mine);
    if (yours === undefined)
      return `${path} is not a notebook that can be read, and was left alone: mend it, or delete it to get the lesson anew.`;
    const merged = merge(parse(given), yours, JSON.parse(text) as Notebook);
    const earlier = join(within, EARLIER, `${name.slice(0, -".ipynb".length)}.${stamp()}.ipynb`);
    // Two starts at once: the second may find the first one's merger, which is nobody's work.
    if (!existsSync(join(to, earlier))) replace(join(to, earlier), mine);
    replace(path, notebookText(merged.notebook));
    sentence = sentenceOf(join(within, name), merged, earlier);
  } else if (mine !== text) replace(path, text);
  // The last: cut short before, the next start merges again, which changes nothing more.
  replace(givenPath, text);
  return sentence;
}

function sentenceOf(name: string, { answers, changed, beside }: Merged, earlier: string): string {
  const count = answers.length === 1 ? " (1 answer)" : answers.length > 0 ? ` (${answers.length} answers)` : "";
  const parts = [`${name} has a new version; your work is in it${count}. As it was: ${earlier}.`];
  if (changed.length > 0) parts.push(`Look again at ${changed.join(", ")}: what is asked there has changed.`);
  if (beside > 0)
    parts.push(`Cells that you and the lesson have both changed (${beside}): yours stand below the lesson's.`);
  return parts.join(" ");
}

/** The notebook, or undefined for what is none, or is too old to name its cells. */
function parse(text: string | undefined): Notebook | undefined {
  try {
    const notebook = JSON.parse(text ?? "") as Notebook;
    const whole = Array.isArray(notebook.cells) && notebook.cells.every(isCell);
    return whole ? notebook : undefined;
  } catch {
    return undefined;
  }
}

const isAnswer = (cell: Notebook["cells"][number]) =>
  cell.metadata.rlhf_lab?.exercise !== undefined && !isAsHandedOut(cell);

function isCell(cell: Partial<Notebook["cells"][number]> | null): boolean {
  const { id, metadata, source } = cell ?? {};
  const isText =
    typeof source === "string" || (Array.isArray(source) && source.every((line) => typeof line === "string"));
  return typeof id === "string" && typeof metadata === "object" && metadata !== null && isText;
}

/** The file is whole at every moment. */
function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const own = join(dirname(path), `.${basename(path)}.${process.pid}`);
  writeFileSync(own, text);
  renameSync(own, path);
}

const stamp = () => new Date().toISOString().slice(0, 19).replaceAll(":", "-");
