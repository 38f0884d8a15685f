// npm run progress [-- --sheet FILE | --check FILE]: what you have solved, printed and as a sheet; nothing is sent
// anywhere.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { progressPath } from "../course/src/kernel/cells/progress.js";
import { ProgressFile } from "../course/src/kernel/progressFile.js";
import { learnersFolder } from "../course/src/kernel/project.js";
import { type Reached, tally } from "../course/src/progress/tally.js";
import { callerPath } from "./callerPath.js";
import { root } from "./master/places.js";
import { type Lesson, lessonMap } from "./start/lessonMap.js";

/** The table for a terminal: a row for each lesson. */
export function progressTable(lessons: readonly Lesson[], reached: ReadonlyMap<string, Reached>): string {
  const table = new Table({ head: ["", "lesson", "solved", "points"], colAligns: ["left", "left", "right", "right"] });
  const sums = { solved: 0, exercises: 0, points: 0, outOf: 0 };
  for (const { lesson, question, exercises } of lessons) {
    const own = [...exercises].map(([id, outOf]) => ({ outOf, points: 0, solved: undefined, ...reached.get(id) }));
    const solved = own.filter((each) => each.solved !== undefined).length;
    const [points, outOf] = [sum(own.map((each) => each.points)), sum(own.map((each) => each.outOf))];
    table.push([lesson, question, `${solved} of ${own.length}`, `${points} of ${outOf}`]);
    sums.solved += solved;
    sums.exercises += own.length;
    sums.points += points;
    sums.outOf += outOf;
  }
  table.push(["", "all", `${sums.solved} of ${sums.exercises}`, `${sums.points} of ${sums.outOf}`]);
  return table.toString();
}

const HASH = "sha256 of the lines above: ";

/**
 * The sheet: every exercise in which something was reached, in the lessons' order, and a hash of it. The hash shows
 * whether the sheet was changed since; who changes it can also hash it anew, so it is no proof of who did the work.
 */
export function progressSheet(lessons: readonly Lesson[], reached: ReadonlyMap<string, Reached>): string {
  const known = lessons.flatMap(({ exercises }) => [...exercises.keys()]);
  const rows = [...known.flatMap((id) => reached.get(id) ?? []), ...unknownOf(known, reached)];
  const solved = rows.filter((row) => row.solved !== undefined);
  const text = `# rlhf-lab: what was solved

${solved.length} of ${known.length} exercises, ${sum(rows.map(({ points }) => points))} points.

| exercise | points | checked | solved on |
| --- | --- | --- | --- |
${rows.map((row) => `| ${row.exercise} | ${row.points} of ${row.outOf} | ${row.checks} times | ${row.solved?.slice(0, 10) ?? "not yet"} |`).join("\n")}

`;
  return `${text}${HASH}${hashOf(text)}\n`;
}

/** Of exercises that the course has no more. */
function unknownOf(known: readonly string[], reached: ReadonlyMap<string, Reached>): Reached[] {
  return [...reached.values()].filter(({ exercise }) => !known.includes(exercise));
}

/** Whether a sheet is as it was written. */
export function isUnchanged(sheet: string): boolean {
  const at = sheet.lastIndexOf(HASH);
  return at >= 0 && sheet.slice(at + HASH.length).trimEnd() === hashOf(sheet.slice(0, at));
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

function main(): void {
  const { values } = parseArgs({ options: { sheet: { type: "string" }, check: { type: "string" } } });
  if (values.check !== undefined) {
    const same = isUnchanged(readFileSync(callerPath(values.check), "utf8"));
    console.log(
      same ? `${values.check} is as it was written.` : `${values.check} was changed, or is no sheet of ours.`,
    );
    if (!same) process.exitCode = 1;
    return;
  }
  const { checks, said } = new ProgressFile(progressPath(root)).kept();
  for (const sentence of said) console.error(sentence);
  const [lessons, reached] = [lessonMap(), tally(checks)];
  console.log(progressTable(lessons, reached));
  const path = values.sheet ? callerPath(values.sheet) : join(resolve(learnersFolder(root)), "progress.md");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, progressSheet(lessons, reached));
  console.log(`The sheet is ${path}; npm run progress -- --check FILE tells whether one was changed.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
