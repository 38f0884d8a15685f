// Where the lessons are, and what their exercises are worth.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pointsOf } from "../../course/src/grade/exercise.js";
import { exercisesOf } from "../../course/src/grade/lessons.js";
import { buildNotebook, type Edition, notebookText } from "./build.js";
import { type Master, parseMaster } from "./parse.js";
import { lessonsFolder, notebooksFolder, root } from "./places.js";

export { lessonsFolder, notebooksFolder, root };

/** "7", "07" and "07-why" name lesson "07". A word that names none, as "100", stays as it is, and is found nowhere. */
export const lessonNumber = (word: string): string => /^\d{1,2}(?=-|$)/.exec(word)?.[0].padStart(2, "0") ?? word;

/** The masters of the course in order, optionally only those of some lessons ("01"). */
export function readMasters(lessons: readonly string[] = []): Master[] {
  return lessonFiles("lesson.ts", lessons).map(({ file }) =>
    parseMaster(readFileSync(file, "utf8"), relative(root, file)),
  );
}

/** The files of this name in the rooms of all lessons, or of some ("01"), in order. */
export function lessonFiles(
  name: "lesson.ts" | "checks.ts" | "mutants.ts" | "claims.ts" | "survey.ts",
  lessons: readonly string[] = [],
  folder = lessonsFolder,
): { lesson: string; file: string }[] {
  const rooms = existsSync(folder) ? readdirSync(folder).filter((room) => /^\d\d-/.test(room)) : [];
  return rooms
    .sort()
    .map((room) => ({ lesson: room.slice(0, 2), file: join(folder, room, name) }))
    .filter(({ lesson, file }) => existsSync(file) && (lessons.length === 0 || lessons.includes(lesson)));
}

/** A master's two notebooks, as text, with the paths where they belong. */
export async function editionsOf(master: Master): Promise<{ edition: Edition; path: string; text: string }[]> {
  const exercises = await exercisesOf(master.lesson);
  const points = new Map(exercises.map((exercise) => [exercise.id, pointsOf(exercise)]));
  return (["learner", "solution"] as const).map((edition) => ({
    edition,
    path: notebookPath(master.name, edition),
    text: notebookText(buildNotebook(master, edition, points)),
  }));
}

export function notebookPath(name: string, edition: Edition): string {
  return join(notebooksFolder, ...(edition === "solution" ? ["solutions"] : []), `${name}.ipynb`);
}
