// Where the lessons are, and what their exercises are worth.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { pointsOf } from "../../lib/src/grade/exercise.js";
import { exercisesOf } from "../../lib/src/grade/lessons/index.js";
import { buildNotebook, type Edition, notebookText } from "./build.js";
import { type Master, parseMaster } from "./parse.js";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const notebooksFolder = join(root, "notebooks");

/** The masters of the course in order, optionally only those of some lessons ("01"). */
export function readMasters(lessons: readonly string[] = []): Master[] {
  const folder = join(notebooksFolder, "src");
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".ts")) : [];
  const chosen = files.filter((file) => lessons.length === 0 || lessons.includes(file.slice(0, 2)));
  return chosen.sort().map((file) => {
    const path = join(folder, file);
    return parseMaster(readFileSync(path, "utf8"), relative(root, path));
  });
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
