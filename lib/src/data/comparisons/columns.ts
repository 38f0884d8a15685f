import { complaint, DataError, DomainError } from "../../core/index.js";

/** The fields that readers ask for. */
export type FieldName = "prompt" | "chosen" | "rejected" | "completion" | "label" | "messages";

/** What fields are called in a file that calls them otherwise: { prompt: "question" }. */
export type Columns = { readonly [name in FieldName]?: string };

export type Fields = Record<string, unknown>;

const NAMES: readonly string[] = ["prompt", "chosen", "rejected", "completion", "label", "messages"];

/** @throws DomainError for a field that no reader asks for, or a column that is no name */
export function checkColumns(columns: Columns): void {
  for (const [name, column] of Object.entries(columns)) {
    if (!NAMES.includes(name)) throw new DomainError(complaint("columns", `names among ${NAMES.join(", ")}`, name));
    if (column !== undefined && typeof column !== "string")
      throw new DomainError(complaint(`columns.${name}`, "the name of a column", column));
  }
}

/**
 * A record's fields under our names. A column that holds another field under one of our names is left out.
 * @throws DataError if the record is no object, or has no column of a name that was given
 */
export function renamed(record: unknown, columns: Columns = {}): Fields {
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    throw new DataError(complaint("the record", "an object", record));
  }
  const given = Object.entries(columns).filter(([, column]) => column !== undefined) as [FieldName, string][];
  if (given.length === 0) return record as Fields;
  const fields: Fields = { ...record };
  for (const [, column] of given) delete fields[column];
  for (const [name, column] of given) {
    if (!Object.hasOwn(record, column)) throw missing(column, record as Fields);
    fields[name] = (record as Fields)[column];
  }
  return fields;
}

/** The error for a field that is not there: it says what is. */
export function missing(name: string, fields: Fields): DataError {
  return new DataError(
    `${name} is missing (there is: ${Object.keys(fields).join(", ") || "nothing"}). The option columns says what it is called`,
  );
}

const PROMPTS = new Set(
  (
    "ask asks context conversation conversations dialog dialogs dialogue dialogues document goal history human input inputs " +
    "message messages passage post problem query request system task text title topic turns user utterance"
  ).split(" "),
);
const PARTS = /prompt|question|instruction|query|inputtext|usermessage/;
const ABOUT =
  /(id|ids|hash|sha|length|len|count|tokens|type|kind|source|category|lang|language|score|index|name|version|date|time|url)$/;

/**
 * The columns of a record without a prompt that look as if the prompt stood there: a text or a list, under a name
 * that people give to prompts.
 */
export function likelyPrompts(fields: Fields): string[] {
  return Object.entries(fields)
    .filter(([name, value]) => {
      const plain = name.toLowerCase().replace(/[^a-z]/g, "");
      if (plain === "prompt" && name === "prompt") return false;
      const filled = (typeof value === "string" && value !== "") || (Array.isArray(value) && value.length > 0);
      return filled && (PROMPTS.has(plain) || (PARTS.test(plain) && !ABOUT.test(plain)));
    })
    .map(([name]) => name);
}
