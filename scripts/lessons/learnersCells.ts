import { exercisesOf } from "../../course/src/grade/lessons.js";
import { type Notebook, notebookText, sourceOf } from "../master/build.js";

const skipped = "// The same cell as in the solved notebook, which is run whole.";

/**
 * A learner's notebook in which only the cells that can differ from the solved one do something: imports,
 * exercises, checks, and whatever names a function that the learner writes. For lessons that work for minutes, so
 * that they do it once and not twice.
 */
export async function learnersCellsOnly(text: string, lesson: string): Promise<string> {
  const notebook = JSON.parse(text) as Notebook;
  const written = new RegExp(`\\b(${(await exercisesOf(lesson)).flatMap(({ gives }) => gives).join("|")})\\b`);
  for (const cell of notebook.cells) {
    const source = sourceOf(cell);
    const own = cell.cell_type !== "code" || cell.metadata.rlhf_lab !== undefined || /^import\b/.test(source);
    if (!own && !written.test(source)) cell.source = skipped;
  }
  return notebookText(notebook);
}
