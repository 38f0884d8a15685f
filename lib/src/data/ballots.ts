import { readFileSync } from "node:fs";
import { complain, DataError } from "../core/index.js";

/** An election: each kind of ballot, best first, and how many voters gave it. Candidates left out are below all that are named. */
export interface BallotTable {
  readonly title: string;
  /** Where the numbers were published. */
  readonly source: string;
  readonly names: readonly string[];
  readonly ballots: readonly { readonly order: readonly number[]; readonly count: number }[];
}

/**
 * The city council election in ward 2 of Minneapolis, 2021, reduced to its three leading candidates: 8,915 ballots whose majorities
 * go round in a circle. McCune and McCune 2021, arXiv:2111.09846.
 * @throws DataError if the file in datasets/ is missing or damaged
 */
export function minneapolisWard2(): BallotTable {
  const file = "datasets/minneapolis-ward-2-2021.json";
  const place = new URL(`../../../${file}`, import.meta.url);
  let found: BallotTable;
  try {
    found = JSON.parse(readFileSync(place, "utf8"));
  } catch (error) {
    throw new DataError(`${file}: ${(error as Error).message}`);
  }
  const n = found.names?.length ?? 0;
  if (!Array.isArray(found.ballots) || n === 0) throw new DataError(`${file}: expected names and ballots`);
  found.ballots.forEach(({ order, count }, r) => {
    const good = order.every(
      (item: number, p: number) => Number.isInteger(item) && item >= 0 && item < n && order.indexOf(item) === p,
    );
    if (!good)
      throw new DataError(complain(`${file}: ballots[${r}].order`, `candidates 0 to ${n - 1}, each once`, order));
    if (!(Number.isInteger(count) && count > 0)) {
      throw new DataError(complain(`${file}: ballots[${r}].count`, "a whole number above 0", count));
    }
  });
  return found;
}
