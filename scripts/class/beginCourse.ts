import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../setup/places.mjs";

/** A course folder's own settings: nbgrader reads them after course/jupyter/config/nbgrader_config.py. */
const settings = (id: string) => `# This course's own settings for nbgrader, on top of those of rlhf-lab.
c = get_config()
c.CourseDirectory.course_id = ${JSON.stringify(id)}
# Where assignments are handed out and in: a folder that everybody may write to.
# c.Exchange.root = "/srv/nbgrader/exchange"
`;

/**
 * Makes a course folder for nbgrader, or adds lessons to one: each is an assignment of its own, with its notebook in
 * source/NN. What is there already stays as it is.
 * @param lessons two digits each
 * @returns what was made, or what is wrong with the request
 */
export function beginCourse(folder: string, lessons: readonly string[]): { made: string; problem?: string } {
  const notebooks = join(root, "notebooks");
  const files = readdirSync(notebooks).filter((name) => /^\d\d-.*\.ipynb$/.test(name));
  const fileOf = (lesson: string) => files.find((name) => name.startsWith(`${lesson}-`));
  const unknown = lessons.filter((lesson) => !/^\d\d$/.test(lesson) || fileOf(lesson) === undefined);
  if (lessons.length === 0 || unknown.length > 0) {
    const what = lessons.length === 0 ? "Name lessons" : `There is no lesson ${unknown.join(", ")}`;
    const numbers = files.map((name) => name.slice(0, 2)).sort();
    return { made: "", problem: `${what}: two digits each, from ${numbers[0]} to ${numbers.at(-1)}, as in: new 01 05` };
  }
  const made: string[] = [];
  const make = (path: string, write: (place: string) => void) => {
    if (existsSync(join(folder, path))) return;
    write(join(folder, path));
    made.push(path);
  };
  try {
    mkdirSync(folder, { recursive: true });
    make("nbgrader_config.py", (place) => writeFileSync(place, settings(basename(folder))));
    for (const lesson of new Set(lessons)) {
      mkdirSync(join(folder, "source", lesson), { recursive: true });
      const file = fileOf(lesson) as string;
      make(join("source", lesson, file), (place) => copyFileSync(join(notebooks, file), place));
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { made: "", problem: `${folder}: the course cannot be written there (${code ?? message})` };
  }
  return { made: `In ${folder}: ${made.length > 0 ? made.join(", ") : "all of this was there already"}` };
}
