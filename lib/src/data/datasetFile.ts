import { readFileSync } from "node:fs";
import { complaint, DataError } from "../core/index.js";
import { isRecord, parseJSON } from "../core/json.js";

/** Throws a DataError that names the file, the place in it, what was expected there and what was found. */
export type Fail = (what: string, expected: string, got: unknown) => never;

/** A file of the package's datasets/, or another by its URL. */
export interface DatasetFile {
  /** Its entries, of whatever kind they are; an object has no name twice. */
  readonly entries: Record<string, unknown>;
  readonly title: string;
  /** Where the numbers were published. */
  readonly source: string;
  readonly fail: Fail;
}

/**
 * Reads a JSON file of the package's datasets/, wherever the process was started, or one by a file: URL.
 * @throws DataError that names the file, if it is missing or no JSON object with a title and a source
 */
export function readDataset(file: string | URL): DatasetFile {
  const name = file instanceof URL ? file.pathname : `datasets/${file}`;
  // Both src/data and dist/data are two levels below the package's folder.
  const place = new URL(file, new URL("../../datasets/", import.meta.url));
  const fail: Fail = (what, expected, got) => {
    throw new DataError(complaint(`${name}: ${what}`, expected, got));
  };
  let entries: unknown;
  try {
    entries = parseJSON(readFileSync(place, "utf8"));
  } catch (error) {
    throw new DataError(`${name}: ${(error as Error).message}`);
  }
  if (!isRecord(entries)) return fail("the file", "an object with a title and a source", entries);
  const { title, source } = entries;
  if (typeof title !== "string") return fail("title", "a text", title);
  if (typeof source !== "string") return fail("source", "a text", source);
  return { entries, title, source, fail };
}

/** The list of different texts in an entry of a file. */
export function differentTexts({ entries, fail }: DatasetFile, name: string): string[] {
  const list = entries[name];
  if (!Array.isArray(list) || list.length === 0 || !list.every((item) => typeof item === "string")) {
    return fail(name, "texts", list);
  }
  if (new Set(list).size < list.length) return fail(name, "each of them once", list);
  return list;
}
