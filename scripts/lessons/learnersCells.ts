import { type Notebook, notebookText, sourceOf } from "../master/build.js";
import { type CellNames, cellNames } from "./cellNames.js";

const skipped = "// The same cell as in the solved notebook, which is run whole.";

/**
 * A learner's notebook in which only the cells that can differ from the solved one do something: exercises, checks,
 * whatever is made of what the learner writes, and whatever these need. The others are the same text on the same keys,
 * so that they would show what they show in the solved notebook; they are run once and not twice.
 */
export function learnersCellsOnly(text: string): string {
  const notebook = JSON.parse(text) as Notebook;
  const cells = notebook.cells.filter((cell) => cell.cell_type === "code");
  const names = withCalls(cells.map((cell) => cellNames(sourceOf(cell))));
  const feeds = names.map(({ declares, changes }) =>
    names.map(({ uses }) => [...declares, ...changes].some((name) => uses.has(name))),
  );
  const places = (which: (cell: (typeof cells)[number]) => boolean) => cells.flatMap((c, i) => (which(c) ? [i] : []));
  const written = places(({ metadata }) => metadata.rlhf_lab?.exercise !== undefined);
  const differing = reached(written, feeds);
  const checks = places(({ metadata }) => metadata.rlhf_lab !== undefined);
  const needs = feeds.map((_, to) => feeds.map((row) => row[to]));
  const needed = reached([...differing, ...checks], needs);
  cells.forEach((cell, i) => {
    if (!needed.has(i)) cell.source = skipped;
  });
  return notebookText(notebook);
}

/** Who uses a function that changes something changes it too. */
function withCalls(names: readonly CellNames[]): CellNames[] {
  return names.map((own) => {
    const used = names.filter(({ declares }) => [...declares].some((name) => own.uses.has(name)));
    return { ...own, changes: new Set([...own.changes, ...used.flatMap((cell) => [...cell.changesWhenCalled])]) };
  });
}

/** All places that arrows lead to from these, themselves included. */
function reached(from: readonly number[], arrows: readonly (readonly boolean[])[]): Set<number> {
  const found = new Set(from);
  // A set hands out what is added while it is gone through.
  for (const place of found) {
    arrows[place].forEach((there, to) => {
      if (there) found.add(to);
    });
  }
  return found;
}
