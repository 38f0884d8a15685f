// Which cells of which lessons run in a page: found from what they import, and from what is made of it.
import type { Master } from "../../master/parse.js";
import type { DoorFacts } from "./bundle/doors.js";
import { type Converted, convertCell } from "./worker/convert.js";

/** The code of a lesson as its reader gets it, cell by cell. */
export function readersCells(master: Master): string[] {
  return master.cells.flatMap((cell) =>
    cell.kind === "markdown" ? [] : [cell.kind === "exercise" ? cell.stub : cell.source],
  );
}

/** Door -> the names that the lessons import from it. */
export function namesUsed(masters: readonly Master[]): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  for (const source of masters.flatMap(readersCells)) {
    for (const { door, name } of convertCell(source).imports) {
      const names = used.get(door) ?? new Set();
      used.set(door, names.add(name));
    }
  }
  return used;
}

/**
 * For each cell of a lesson, whether it runs in a page. It does not if it uses a name that needs tensors, or one that
 * such a cell declares; the imports themselves do no harm.
 */
export function runnable(cells: readonly string[], doors: readonly DoorFacts[]): boolean[] {
  const byName = new Map(doors.map((facts) => [facts.door, facts]));
  const closed = new Set<string>();
  return cells.map((source) => {
    const cell = convertCell(source);
    for (const { door, name, local } of cell.imports) {
      const facts = byName.get(door);
      if (facts === undefined || facts.tensors.includes(name) || (name === "*" && !facts.whole)) closed.add(local);
      else closed.delete(local);
    }
    const runs = !usesOf(cell).some((name) => closed.has(name));
    for (const { name } of cell.declares) runs ? closed.delete(name) : closed.add(name);
    return runs;
  });
}

/** What a cell uses; of what it imports itself, only what it does not merely hand on to later cells. */
const usesOf = ({ uses, usesOfImports }: Converted) => [...uses, ...usesOfImports];
