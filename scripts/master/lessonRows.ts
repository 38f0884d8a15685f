// The README's table of lessons, the one source of what each is about, how long it takes and what it needs.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.js";

export interface LessonRow {
  /** Its number, "07". */
  lesson: string;
  /** The notebook's file name. */
  file: string;
  question: string;
  /** What it is about, in a few words. */
  about: string;
  minutes: number;
  needs: string;
}

/** @throws Error if the README's table has another form */
export function lessonRows(readme = readFileSync(join(root, "README.md"), "utf8")): LessonRow[] {
  const row = /^\| \[(\d\d)\]\(notebooks\/([\w-]+\.ipynb)\) \| (.+?)(?: \(([^|]*)\))? \| (\d+) \| (.+?) \|$/gm;
  const lessons = [...readme.matchAll(row)].map(([, lesson, file, question, about = "", minutes, needs]) => {
    return { lesson, file, question, about, minutes: Number(minutes), needs };
  });
  const rows = readme.match(/^\| \[\d\d\]\(notebooks\//gm)?.length ?? 0;
  if (lessons.length === 0 || lessons.length < rows) {
    throw new Error(
      "README.md: a row of the lessons' table is | [NN](notebooks/NN-name.ipynb) | question (about) | minutes | needs |",
    );
  }
  return lessons;
}
