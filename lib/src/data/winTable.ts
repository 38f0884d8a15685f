import { differentTexts, readDataset } from "./datasetFile.js";

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
 * @example
 * const { names, wins } = baseball1987();
 * [names[0], names[6], wins[0][6]] // ["Milwaukee", "Baltimore", 11]
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
 * Reads and checks a table from the package's datasets/ (or from a file: URL), wherever the process was started.
 * @throws DataError that names the file and what is wrong with it
 */
export function readWinTable(place: string | URL): WinTable {
  const file = readDataset(place);
  const { title, source, fail } = file;
  const names = differentTexts(file, "names");
  const { wins } = file.entries;
  if (!Array.isArray(wins) || wins.length !== names.length) return fail("wins", `${names.length} rows`, wins);
  wins.forEach((row, i) => {
    const good =
      Array.isArray(row) && row.length === names.length && row.every((w) => Number.isSafeInteger(w) && w >= 0);
    if (!good) fail(`wins[${i}]`, `${names.length} whole numbers of at least 0`, row);
  });
  return { title, source, names, wins };
}
