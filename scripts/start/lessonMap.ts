// The map of the lessons: the README's table, which a test holds to the masters, and what the exercises are worth,
// which stands in the notebooks.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Notebook } from "../master/build.js";
import { type LessonRow, lessonRows } from "../master/lessonRows.js";
import { notebooksFolder } from "../master/places.js";

export interface Lesson extends LessonRow {
  /** What each exercise is worth, in their order. */
  exercises: Map<string, number>;
}

/** @throws Error if the README's table has another form, or a notebook is missing */
export function lessonMap(readme?: string, folder = notebooksFolder): Lesson[] {
  return lessonRows(readme).map((row) => ({ ...row, exercises: exercisesIn(join(folder, row.file)) }));
}

function exercisesIn(path: string): Map<string, number> {
  if (!existsSync(path)) throw new Error(`notebooks/${basename(path)} is missing`);
  let cells: Notebook["cells"];
  try {
    cells = (JSON.parse(readFileSync(path, "utf8")) as Notebook).cells;
  } catch (error) {
    throw new Error(`notebooks/${basename(path)} is no notebook: ${(error as Error).message}`);
  }
  return new Map(
    cells.flatMap(({ metadata: { rlhf_lab, nbgrader } }) =>
      rlhf_lab?.check === undefined ? [] : [[rlhf_lab.check, Number(nbgrader?.points)] as const],
    ),
  );
}
