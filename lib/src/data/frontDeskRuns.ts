import { isRecord } from "../core/json.js";
import { readDataset } from "./datasetFile.js";

/** Results of the study of lesson 13: for each model, one number for each key. */
export interface FrontDeskRuns {
  readonly keys: readonly number[];
  /** Row of the table -> measure ("leakCode", "worst", "helpful", ...) -> one number for each key. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

/**
 * What constitutional training led to at the front desk, for several keys: `frontDeskTable` of rlhf-lab/studies, run by
 * scripts/frontDeskRuns.ts. One key takes a minute or less; these are kept so that a figure can show them all.
 * @throws DataError if the file in datasets/ is missing or damaged
 * @example frontDeskRuns().keys.length // 8
 */
export function frontDeskRuns(): FrontDeskRuns {
  const { entries, fail } = readDataset("front-desk-runs.json");
  const { keys, rows } = entries;
  const numbers = (list: unknown): list is number[] => Array.isArray(list) && list.every(Number.isFinite);
  if (!numbers(keys) || keys.length === 0) return fail("keys", "numbers", keys);
  if (!isRecord(rows)) return fail("rows", "a row for each model", rows);
  for (const [name, row] of Object.entries(rows)) {
    if (!isRecord(row)) return fail(`rows.${name}`, "measures", row);
    for (const [measure, list] of Object.entries(row)) {
      if (!numbers(list) || list.length !== keys.length)
        fail(`rows.${name}.${measure}`, `${keys.length} numbers`, list);
    }
  }
  return { keys, rows: rows as FrontDeskRuns["rows"] };
}
