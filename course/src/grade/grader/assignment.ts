import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type Exercise, pointsOf } from "../exercise.js";
import { exercisesOf, lessonNumbers } from "../lessons.js";
import { type Grade, type JudgeOptions, judge } from "./judge.js";
import { type Cell, parseNotebook, readNotebook, UnreadableNotebook } from "./notebook.js";
import type { Submission } from "./submissions.js";
import { translateAll } from "./translate.js";

export interface AssignmentOptions extends JudgeOptions {
  /** The project's notebooks, as handed out. */
  notebooks: string;
  /** The lesson of files that do not tell; from --lesson, or the only lesson of the other submissions. */
  lesson?: string;
  /** The lesson of --lesson: everybody has rows for it. */
  asked?: string;
}

/** Grades everything that one learner submitted. A file that cannot be graded gives zero points and a sentence. */
export async function gradeSubmission(submission: Submission, options: AssignmentOptions): Promise<Grade[]> {
  const { learner } = submission;
  if (submission.problem !== undefined) return zeros(learner, options.lesson, submission.problem);
  const readable = new Map<string, { file: string; cells: Cell[] }[]>();
  let grades: Grade[] = [];
  for (const file of submission.files) {
    try {
      const cells = readNotebook(file);
      const lesson = (await lessonOf(cells, file)) ?? options.lesson;
      if (lesson === undefined) throw new UnreadableNotebook("it does not look like a notebook of this course");
      readable.set(lesson, [...(readable.get(lesson) ?? []), { file, cells }]);
    } catch (error) {
      if (!(error instanceof UnreadableNotebook)) throw error;
      const lesson = lessonOfName(file) ?? options.lesson;
      grades = [...grades, ...(await zeros(learner, lesson, `${basename(file)}: ${error.message}`))];
    }
  }
  for (const [lesson, found] of readable) {
    const handedOut = handedOutNotebook(options.notebooks, lesson);
    const chosen = choose(found, handedOut?.name);
    const own = await judge(learner, lesson, chosen.cells, handedOut?.cells ?? [], options);
    const others = found.filter((f) => f !== chosen).map((f) => basename(f.file));
    if (others.length > 0) {
      const note = `there are ${found.length} notebooks of this lesson; graded ${basename(chosen.file)}, not ${others.join(", ")}`;
      for (const g of own) g.message = [g.message, note].filter((s) => s !== "").join("; ");
    }
    // A readable notebook of the same lesson makes up for an unreadable one.
    const kept = grades.filter((g) => !own.some((o) => o.exercise === g.exercise));
    grades = [...kept, ...own];
  }
  const { asked } = options;
  if (asked !== undefined && !grades.some((g) => g.exercise.startsWith(asked))) {
    // Who asked for one lesson looks for its rows.
    const others = [...readable.keys()].join(", ");
    grades = [...grades, ...(await zeros(learner, asked, `nothing of lesson ${asked}; there is lesson ${others}`))];
  }
  return grades.toSorted((a, b) => a.exercise.slice(0, 2).localeCompare(b.exercise.slice(0, 2)));
}

/** Zero points for every exercise of a lesson, with one reason; a single line when the lesson is not known. */
export async function zeros(learner: string, lesson: string | undefined, message: string): Promise<Grade[]> {
  const exercises: Exercise[] = lesson === undefined ? [] : await exercisesOf(lesson);
  if (exercises.length === 0) return [{ learner, exercise: "", points: 0, outOf: 0, message, seconds: 0 }];
  return exercises.map((e) => ({ learner, exercise: e.id, points: 0, outOf: pointsOf(e), message, seconds: 0 }));
}

/** The lesson that a notebook is of: by the marks of its cells, else by its name, else by the functions it defines. */
async function lessonOf(cells: Cell[], file: string): Promise<string | undefined> {
  const known = lessonNumbers();
  const votes = new Map<string, number>();
  for (const cell of cells) {
    const lesson = (cell.exercise ?? cell.check)?.slice(0, 2);
    if (lesson !== undefined && known.includes(lesson)) votes.set(lesson, (votes.get(lesson) ?? 0) + 1);
  }
  if (votes.size > 0) return most(votes);
  const named = lessonOfName(file);
  if (named !== undefined) return named;
  const codes = await translateAll(cells.filter((c) => c.type === "code").map((c) => c.source));
  const declared = new Set(codes.flatMap((code) => code.declares));
  for (const lesson of known) {
    const names = (await exercisesOf(lesson)).flatMap((e) => e.gives);
    const count = names.filter((name) => declared.has(name)).length;
    if (count > 0) votes.set(lesson, count);
  }
  return most(votes);
}

function most(votes: Map<string, number>): string | undefined {
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** "01-bradley-terry.ipynb", "ada 01.ipynb" -> "01". */
function lessonOfName(file: string): string | undefined {
  const known = lessonNumbers();
  return [...basename(file).matchAll(/(?<!\d)\d\d(?!\d)/g)].map((m) => m[0]).find((n) => known.includes(n));
}

function handedOutNotebook(folder: string, lesson: string): { name: string; cells: Cell[] } | undefined {
  const name = existsSync(folder)
    ? readdirSync(folder).find((f) => f.startsWith(`${lesson}-`) && f.endsWith(".ipynb"))
    : undefined;
  return name === undefined ? undefined : { name, cells: parseNotebook(readFileSync(join(folder, name), "utf8")) };
}

/** Of several notebooks of one lesson: the one with the name that was handed out, else the one changed last. */
function choose<T extends { file: string }>(found: T[], name: string | undefined): T {
  const exact = found.find((f) => basename(f.file) === name);
  return exact ?? found.toSorted((a, b) => statSync(b.file).mtimeMs - statSync(a.file).mtimeMs)[0];
}
