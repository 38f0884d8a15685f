// Names for the cells of a notebook that survive edits: a text change keeps all of them, an inserted cell shifts only
// its followers up to the next heading. Jupyter demands 1 to 64 letters, digits, - or _, each once.
import type { Cell } from "./parse.js";

/** One id per cell: that of its exercise, or the nearest heading above and the place under it. */
export function cellIds(lesson: string, cells: readonly Cell[]): string[] {
  const taken = new Set<string>();
  const unique = (id: string): string => {
    let name = id;
    for (let n = 2; taken.has(name); n++) name = `${id}-${n}`;
    taken.add(name);
    return name;
  };
  // Exercises first, so that no heading can take their names.
  const ids: (string | undefined)[] = cells.map((cell) => {
    if (cell.kind === "exercise") return unique(exerciseCellId(cell.exercise));
    return cell.kind === "check" ? unique(checkCellId(cell.exercise)) : undefined;
  });
  let section = `${lesson}-start`;
  let place = 0;
  for (const [index, cell] of cells.entries()) {
    const heading = cell.kind === "markdown" ? /^#{1,6} (.+)$/m.exec(cell.text)?.[1] : undefined;
    if (heading !== undefined) {
      // The title carries the number already: "01 What does ..." -> 01-what-does-...
      section = unique(`${lesson}-${slug(heading.replace(new RegExp(`^${lesson} `), ""))}`);
      place = 0;
      ids[index] = section;
    } else if (ids[index] === undefined) ids[index] = unique(`${section}-${++place}`);
  }
  return ids as string[];
}

/** "01/log-likelihood" -> "01-log-likelihood"; also the exercise's name for nbgrader. */
export const exerciseCellId = (exercise: string) => exercise.replace("/", "-");
export const checkCellId = (exercise: string) => `${exerciseCellId(exercise)}-check`;

function slug(heading: string): string {
  const words = heading.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return words.slice(0, 40).replace(/^-+|-+$/g, "") || "section";
}
