import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * Sentences about what learners handed in as an assignment's notebooks and which are none: nbgrader says so in a page
 * of Python's, and goes on with the others.
 */
export function notNotebooks(course: string, assignment: string): string[] {
  const submitted = join(course, "submitted");
  return list(submitted).flatMap((learner) =>
    list(join(submitted, learner, assignment))
      .filter((name) => name.endsWith(".ipynb"))
      .filter((name) => !isNotebook(join(submitted, learner, assignment, name)))
      .map((name) => `submitted/${learner}/${assignment}/${name} is no notebook: nothing of ${learner}'s is graded.`),
  );
}

function list(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : [];
}

function isNotebook(path: string): boolean {
  try {
    return Array.isArray(JSON.parse(readFileSync(path, "utf8")).cells);
  } catch {
    return false;
  }
}
