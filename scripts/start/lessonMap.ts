// The map of the lessons. Its one source is the README's table, which a test holds to the masters; what the exercises
// are worth stands in the notebooks.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Notebook } from "../master/build.js";
import { notebooksFolder, root } from "../master/places.js";

export interface Lesson {
  /** Its number, "07". */
  lesson: string;
  /** The notebook's file name. */
  file: string;
  question: string;
  /** What it is about, in a few words. */
  about: string;
  minutes: number;
  needs: string;
  /** What each exercise is worth, in their order. */
  exercises: Map<string, number>;
}

/** @throws Error if the README's table has another form, or a notebook is missing */
export function lessonMap(readme = readFileSync(join(root, "README.md"), "utf8"), folder = notebooksFolder): Lesson[] {
  const row = /^\| \[(\d\d)\]\(notebooks\/([\w-]+\.ipynb)\) \| (.+?)(?: \(([^|]*)\))? \| (\d+) \| (.+?) \|$/gm;
  const lessons = [...readme.matchAll(row)].map(([, lesson, file, question, about = "", minutes, needs]) => ({
    lesson,
    file,
    question,
    about,
    minutes: Number(minutes),
    needs,
    exercises: exercisesIn(join(folder, file)),
  }));
  const rows = readme.match(/^\| \[\d\d\]\(notebooks\//gm)?.length ?? 0;
  if (lessons.length === 0 || lessons.length < rows) {
    throw new Error(
      "README.md: a row of the lessons' table is | [NN](notebooks/NN-name.ipynb) | question (about) | minutes | needs |",
    );
  }
  return lessons;
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
