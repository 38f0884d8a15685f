import { differentTexts, readDataset } from "./datasetFile.js";

/** Judgements in columns: row k says that observer[k] put patient[k] into class[k]; all counted from 0. */
export interface AnaesthetistTable {
  readonly title: string;
  /** Where the numbers were published. */
  readonly source: string;
  readonly observers: readonly string[];
  readonly classes: readonly string[];
  readonly patients: number;
  readonly patient: readonly number[];
  readonly observer: readonly number[];
  readonly class: readonly number[];
}

/**
 * How fit 45 patients are for a general anaesthetic, from 1 (fit) to 4, as judged by five anaesthetists from the
 * same forms. The first one read them three times, some weeks apart. 315 judgements; nobody knows the truth. Dawid
 * and Skene 1979, table 1.
 * @throws DataError if the file in datasets/ is missing or damaged
 */
export function anaesthetists1979(): AnaesthetistTable {
  return readJudgements("anaesthetists-1979.json", 315);
}

/**
 * Reads and checks judgements from the package's datasets/ (or from a file: URL).
 * @param total how many there are, where it is known
 * @throws DataError that names the file and what is wrong with it
 */
export function readJudgements(place: string | URL, total?: number): AnaesthetistTable {
  const file = readDataset(place);
  const { title, source, entries, fail } = file;
  const observers = differentTexts(file, "observers");
  const classes = differentTexts(file, "classes");
  const { answers } = entries;
  if (!Array.isArray(answers) || answers.length === 0) return fail("answers", "a row for each patient", answers);
  const columns = { patient: [] as number[], observer: [] as number[], class: [] as number[] };
  for (const [i, row] of answers.entries()) {
    if (!Array.isArray(row) || row.length !== observers.length || !row.every(Array.isArray)) {
      return fail(`answers[${i}]`, `the classes that ${observers.length} observers gave`, row);
    }
    row.forEach((said: unknown[], w) => {
      for (const one of said) {
        if (!(Number.isInteger(one) && (one as number) >= 1 && (one as number) <= classes.length)) {
          fail(`answers[${i}][${w}]`, `a class from 1 to ${classes.length}`, one);
        }
        columns.patient.push(i);
        columns.observer.push(w);
        columns.class.push((one as number) - 1);
      }
    });
  }
  const count = columns.patient.length;
  if (count === 0) return fail("answers", "judgements", answers);
  if (total !== undefined && count !== total) return fail("answers", `${total} judgements`, count);
  return { title, source, observers, classes, patients: answers.length, ...columns };
}
