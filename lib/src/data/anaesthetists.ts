import { readFileSync } from "node:fs";
import { complain, DataError } from "../core/index.js";

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
 * How fit 45 patients are for a general anaesthetic, from 1 (fit) to 4, as judged by five anaesthetists from the same forms. The
 * first one read them three times, some weeks apart. 315 judgements; nobody knows the truth. Dawid and Skene 1979, table 1.
 * @throws DataError if the file in datasets/ is missing or damaged
 */
export function anaesthetists1979(): AnaesthetistTable {
  const file = "datasets/anaesthetists-1979.json";
  // lib/src/data and lib/dist/data are both three levels below the project's root.
  const place = new URL(`../../../${file}`, import.meta.url);
  let found: { title: string; source: string; observers: string[]; classes: string[]; answers: number[][][] };
  try {
    found = JSON.parse(readFileSync(place, "utf8"));
  } catch (error) {
    throw new DataError(`${file}: ${(error as Error).message}`);
  }
  const { title, source, observers, classes, answers } = found;
  const columns = { patient: [] as number[], observer: [] as number[], class: [] as number[] };
  answers?.forEach((row, i) => {
    if (row.length !== observers.length) {
      throw new DataError(complain(`${file}: answers[${i}]`, `${observers.length} observers`, row));
    }
    row.forEach((said, w) => {
      for (const one of said) {
        if (!Number.isInteger(one) || one < 1 || one > classes.length) {
          throw new DataError(complain(`${file}: answers[${i}][${w}]`, `a class from 1 to ${classes.length}`, one));
        }
        columns.patient.push(i);
        columns.observer.push(w);
        columns.class.push(one - 1);
      }
    });
  });
  if (columns.patient.length === 0) throw new DataError(`${file}: no answers`);
  return { title, source, observers, classes, patients: answers.length, ...columns };
}
