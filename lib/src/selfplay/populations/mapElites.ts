import { complaint, DomainError } from "../../core/index.js";
import { foldIn, type Key, randint, split } from "../../random/index.js";

// MAP-Elites (Mouret and Clune 2015, arXiv:1504.04909): an archive keeps the best of every kind, a kind is a cell of
// what it is like; not the best of all.

/** The best that was seen in a cell. */
export interface Elite<T> {
  readonly item: T;
  readonly fitness: number;
}

/** Cell -> its elite. */
export type EliteArchive<T> = ReadonlyMap<string, Elite<T>>;

/**
 * The archive with a newcomer: it takes its cell if the cell is empty or the elite there has *less* fitness; an equal
 * one stays. The archive given is left as it is.
 * @throws DomainError for a fitness that is NaN
 */
export function mapElitesInsert<T>(archive: EliteArchive<T>, cell: string, newcomer: Elite<T>): Map<string, Elite<T>> {
  const next = new Map(archive);
  placeElite(next, cell, newcomer);
  return next;
}

/** `mapElitesInsert` in place; whether the newcomer came in. */
function placeElite<T>(archive: Map<string, Elite<T>>, cell: string, newcomer: Elite<T>): boolean {
  if (Number.isNaN(newcomer.fitness)) throw new DomainError(complaint("fitness", "a number", newcomer.fitness));
  const elite = archive.get(cell);
  if (elite !== undefined && newcomer.fitness <= elite.fitness) return false;
  archive.set(cell, newcomer);
  return true;
}

export interface MapElitesOptions<T> {
  start: readonly T[];
  /** A changed copy. */
  mutate(key: Key, item: T): T;
  fitness(item: T): number;
  /** The cell: what the item is like. */
  cell(item: T): string;
  /** Items judged in all, those of the start included. */
  evaluations: number;
}

/** Draws an elite, all cells equally likely, changes it, puts it where it belongs; again and again. */
export function mapElites<T>(key: Key, options: MapElitesOptions<T>): EliteArchive<T> {
  const { start, mutate, fitness, cell, evaluations } = options;
  if (start.length === 0) throw new DomainError(complaint("start", "at least one item", start));
  const archive = new Map<string, Elite<T>>();
  const cells: string[] = []; // in the order in which they were found
  const add = (item: T) => {
    const at = cell(item);
    if (!archive.has(at)) cells.push(at);
    placeElite(archive, at, { item, fitness: fitness(item) });
  };
  for (const item of start) add(item);
  for (let n = start.length; n < evaluations; n++) {
    const [pickKey, changeKey] = split(foldIn(key, n));
    const parent = archive.get(cells[randint(pickKey, 1, 0, cells.length)[0]]) as Elite<T>;
    add(mutate(changeKey, parent.item));
  }
  return archive;
}
