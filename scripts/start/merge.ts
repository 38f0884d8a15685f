// A learner's notebook meets a new version of its lesson: three texts, cell by cell, as git would merge lines.
import { isAsHandedOut, type Notebook, type NotebookCell, sourceOf } from "../master/build.js";

export interface Merged {
  notebook: Notebook;
  /** Exercises whose answer was taken over. */
  answers: string[];
  /** Those of them whose stub is not what it was. */
  changed: string[];
  /** Cells that learner and lesson have both changed: the lesson's stands first, the learner's below it. */
  beside: number;
}

/**
 * The lesson's new version with everything of the learner's in it: answers, changed cells, added cells, deleted ones,
 * and outputs of code that is the same. Merging twice changes nothing more.
 * @param given what the learner was given; undefined where nobody knows: then only answers and added cells are known as
 *   theirs
 */
export function merge(given: Notebook | undefined, mine: Notebook, fresh: Notebook): Merged {
  const merged: Merged = { notebook: { ...fresh, cells: [] }, answers: [], changed: [], beside: 0 };
  const base = partners(given?.cells ?? [], fresh.cells);
  const own = named(mine.cells);
  const known = named(given?.cells ?? []);
  /** In their order; those that are the lesson's; and for each of the learner's what stands last in its place. */
  const cells: NotebookCell[] = [];
  const lessons = new Set<NotebookCell>();
  const places = new Map<NotebookCell, NotebookCell>();
  const put = (cell: NotebookCell, yours?: NotebookCell) => {
    cells.push(cell);
    lessons.add(cell);
    if (yours !== undefined) places.set(yours, cell);
  };

  for (const cell of fresh.cells) {
    const before = base.get(cell);
    const isNew = given !== undefined && before === undefined;
    const yours = isNew ? undefined : own.get(nameOf(before ?? cell));
    const now = sourceOf(cell);
    const was = before && sourceOf(before);
    if (yours === undefined) {
      if (isNew || was !== now) put(cell); // else the learner has deleted it
      continue;
    }
    const theirs = sourceOf(yours);
    const { exercise, check } = cell.metadata.rlhf_lab ?? {};
    if (theirs === now) put(withOutputs(cell, yours), yours);
    else if (theirs === was || check !== undefined) put(cell, yours);
    else if (exercise !== undefined) {
      if (given === undefined && isAsHandedOut(yours)) put(cell, yours);
      else {
        merged.answers.push(exercise);
        if (was !== undefined && was !== now) merged.changed.push(exercise);
        put({ ...yours, id: cell.id, metadata: { ...yours.metadata, ...cell.metadata } }, yours);
      }
    } else if (was === now) put({ ...yours, id: cell.id }, yours);
    else {
      put(cell, yours);
      if (given === undefined) continue; // an old text of ours, as far as anybody knows
      cells.push(yours);
      places.set(yours, yours);
      merged.beside += 1;
    }
  }

  // What stands in the learner's notebook alone goes behind the cell that it stood behind.
  const texts = new Map(fresh.cells.map((cell) => [nameOf(cell), sourceOf(cell)]));
  let last: NotebookCell | undefined;
  for (const cell of mine.cells) {
    const name = nameOf(cell);
    let place = places.get(cell);
    if (place === undefined) {
      const isCopy = own.get(name) !== cell;
      const old = known.get(name);
      const isOurs = old !== undefined ? sourceOf(old) === sourceOf(cell) : texts.get(name) === sourceOf(cell);
      if (isOurs && !isCopy) continue; // taken out of the lesson, or in it already
      place = cell;
      cells.splice(last === undefined ? 0 : cells.indexOf(last) + 1, 0, cell);
    }
    last = place;
  }
  merged.notebook.cells = withUniqueIds(cells, lessons);
  return merged;
}

/** Name -> cell; of several that were copied from one another the first. */
function named(cells: readonly NotebookCell[]): Map<string, NotebookCell> {
  return new Map([...cells].reverse().map((cell) => [nameOf(cell), cell]));
}

/** Exercises and checks are who they are; other cells have ids. */
function nameOf(cell: NotebookCell): string {
  const { exercise, check } = cell.metadata.rlhf_lab ?? {};
  if (exercise !== undefined) return `exercise ${exercise}`;
  return check === undefined ? `cell ${cell.id}` : `check ${check}`;
}

/**
 * Which cell of the old version a cell of the new one was: of the same name and text, else of the same text (ids shift
 * where a cell was inserted), else of the same name.
 */
function partners(old: readonly NotebookCell[], fresh: readonly NotebookCell[]): Map<NotebookCell, NotebookCell> {
  const found = new Map<NotebookCell, NotebookCell>();
  const free = new Set(old);
  const same = [
    (a: NotebookCell, b: NotebookCell) => nameOf(a) === nameOf(b) && sourceOf(a) === sourceOf(b),
    (a: NotebookCell, b: NotebookCell) => a.cell_type === b.cell_type && sourceOf(a) === sourceOf(b),
    (a: NotebookCell, b: NotebookCell) => nameOf(a) === nameOf(b),
  ];
  for (const alike of same) {
    for (const cell of fresh) {
      const partner = found.has(cell) ? undefined : [...free].find((each) => alike(each, cell));
      if (partner === undefined) continue;
      found.set(cell, partner);
      free.delete(partner);
    }
  }
  return found;
}

function withOutputs(cell: NotebookCell, yours: NotebookCell): NotebookCell {
  if (cell.cell_type !== "code") return cell;
  return { ...cell, outputs: yours.outputs ?? [], execution_count: yours.execution_count ?? null };
}

/** Cells of the learner's own get another id where theirs is one of the lesson's. */
function withUniqueIds(cells: readonly NotebookCell[], lessons: ReadonlySet<NotebookCell>): NotebookCell[] {
  const taken = new Set([...lessons].map(({ id }) => id));
  return cells.map((cell) => {
    if (lessons.has(cell)) return cell;
    let { id } = cell;
    for (let n = 2; taken.has(id); n++) id = `${cell.id.slice(0, 50)}-yours-${n}`;
    taken.add(id);
    return { ...cell, id };
  });
}
