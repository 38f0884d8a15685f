// Where the lessons are; apart, so that who only looks there loads none of them.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const notebooksFolder = join(root, "notebooks");
/** A room for each lesson, NN-name: lesson.ts (the master), checks.ts, mutants.ts, claims.ts; in some survey.ts. */
export const lessonsFolder = join(root, "course", "lessons");
