import { isRecord } from "../core/json.js";
import { differentTexts, readDataset } from "./datasetFile.js";

/**
 * An election: each kind of ballot, best first, and how many voters gave it. Candidates left out are
 * below all that are named.
 */
export interface BallotTable {
  readonly title: string;
  /** Where the numbers were published. */
  readonly source: string;
  readonly names: readonly string[];
  readonly ballots: readonly { readonly order: readonly number[]; readonly count: number }[];
}

/**
 * The city council election in ward 2 of Minneapolis, 2021, reduced to its three leading candidates: 8,915 ballots
 * whose majorities go round in a circle. McCune and McCune 2021, arXiv:2111.09846.
 * @throws DataError if the file in datasets/ is missing or damaged
 * @example
 * const { names, ballots } = minneapolisWard2();
 * majorityCycle(pairwiseTally(rankingsFromBallots(ballots, { names }))) // [0, 1, 2]
 */
export function minneapolisWard2(): BallotTable {
  return readBallots("minneapolis-ward-2-2021.json", 8915);
}

/**
 * Reads and checks ballots from the package's datasets/ (or from a file: URL).
 * @param total the number of voters, where it is known
 * @throws DataError that names the file and what is wrong with it
 */
export function readBallots(place: string | URL, total?: number): BallotTable {
  const file = readDataset(place);
  const { title, source, entries, fail } = file;
  const names = differentTexts(file, "names");
  const { ballots } = entries;
  if (!Array.isArray(ballots) || ballots.length === 0) return fail("ballots", "a list of kinds of ballots", ballots);
  const n = names.length;
  const seen = new Set<string>();
  let voters = 0;
  for (const [r, ballot] of ballots.entries()) {
    const { order, count } = isRecord(ballot) ? ballot : {};
    const good =
      Array.isArray(order) &&
      order.length > 0 &&
      order.every((item, p) => Number.isInteger(item) && item >= 0 && item < n && order.indexOf(item) === p);
    if (!good) return fail(`ballots[${r}].order`, `candidates 0 to ${n - 1}, each once`, order);
    if (seen.has(order.join())) return fail(`ballots[${r}].order`, "each kind of ballot once", order);
    seen.add(order.join());
    if (!(Number.isSafeInteger(count) && (count as number) > 0)) {
      return fail(`ballots[${r}].count`, "a whole number above 0", count);
    }
    voters += count as number;
  }
  if (total !== undefined && voters !== total) return fail("ballots", `${total} voters`, voters);
  return { title, source, names, ballots };
}
