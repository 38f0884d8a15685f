import { readFileSync } from "node:fs";
import { complain, DataError } from "../core/index.js";

/** Counts of who was preferred to whom. */
export interface WinTable {
  readonly title: string;
  /** Where the numbers were published. */
  readonly source: string;
  readonly names: readonly string[];
  /** [n, n]: wins[i][j] is how often i was preferred to j; the diagonal means nothing. */
  readonly wins: readonly (readonly number[])[];
}

/**
 * Games of the American League East in 1987: 7 teams, each pair met 13 times. Agresti 2002, section 10.6.
 * @throws DataError if the file in datasets/ is missing or damaged
 */
export function baseball1987(): WinTable {
  return readWinTable("baseball-1987.json");
}

/**
 * Citations between four statistics journals; to be cited is to win. Stigler 1994.
 * @throws DataError if the file in datasets/ is missing or damaged
 */
export function statisticsJournals(): WinTable {
  return readWinTable("statistics-journals.json");
}

/**
 * Reads and checks a table from the project's datasets/ (or from a file: URL), wherever the process was started.
 * @throws DataError that names the file and what is wrong with it
 */
export function readWinTable(file: string | URL): WinTable {
  // lib/src/data and lib/dist/data are both three levels below the project's root.
  const place = new URL(file, new URL("../../../datasets/", import.meta.url));
  let found: Partial<WinTable>;
  try {
    found = JSON.parse(readFileSync(place, "utf8"));
  } catch (error) {
    throw new DataError(`datasets/${file}: ${(error as Error).message}`);
  }
  const fail = (what: string, expected: string, got: unknown): never => {
    throw new DataError(complain(`datasets/${file}: ${what}`, expected, got));
  };
  const { title, source, names, wins } = found ?? {};
  if (typeof title !== "string") return fail("title", "a text", title);
  if (typeof source !== "string") return fail("source", "a text", source);
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) return fail("names", "texts", names);
  if (!Array.isArray(wins) || wins.length !== names.length) return fail("wins", `${names.length} rows`, wins);
  wins.forEach((row, i) => {
    const good = Array.isArray(row) && row.length === names.length && row.every((w) => Number.isInteger(w) && w >= 0);
    if (!good) fail(`wins[${i}]`, `${names.length} whole numbers of at least 0`, row);
  });
  return { title, source, names, wins };
}
