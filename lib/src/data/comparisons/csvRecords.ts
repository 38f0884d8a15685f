import { complaint, DataError } from "../../core/index.js";
import { whyNotLoaded } from "../../core/optionalPackage.js";
import type { Line } from "./lines.js";

/** What csv-parse hands out. */
interface Parsed {
  record: (string | null)[];
  info: { lines: number };
}

/** A record of a file and the line where it begins. */
export interface Numbered {
  line: number;
  /** The record's fields; undefined for one that cannot be read: see `reason`. */
  fields?: unknown;
  reason?: string;
}

/**
 * The records of CSV with a header line: commas, double quotes (doubled within a quoted field), line breaks (which
 * become LF) within quotes. An empty cell is null, as databases have it, and "" in quotes an empty text. A record with
 * another number of fields than the header, or that is the header once more, comes with the reason; where quotes are
 * wrong, what follows cannot be trusted.
 * @throws DataError with the line, for wrong quotes, a line that cannot be read, or a header that has a column twice
 *   or lacks one of `columns`
 */
export async function* csvRecords(
  lines: AsyncIterable<Line>,
  longest: number,
  columns: readonly string[],
): AsyncGenerator<Numbered> {
  const { parse } = await import("csv-parse").catch((error: unknown) => {
    throw whyNotLoaded(error, "csv-parse", "reading CSV");
  });
  const parser = parse({
    info: true,
    relax_column_count: true,
    max_record_size: longest,
    record_delimiter: ["\n"],
    cast: (cell, { quoting }) => (cell === "" && !quoting ? null : cell),
  });
  parser.on("error", () => {}); // it is thrown below, when the records before it have been handed out
  let header: string[] | undefined;
  let next = 1;
  const numbered = ({ record, info }: Parsed): Numbered | undefined => {
    const line = next;
    next = info.lines + 1;
    // An empty line: no record of two fields or more looks like this.
    if (record.length === 1 && record[0] === null) return undefined;
    const names = record.map((name) => (name ?? "").replace(/^\uFEFF/, "").trim());
    if (header === undefined) {
      checkHeader(names, columns);
      header = names;
      return undefined;
    }
    if (record.length !== header.length) {
      return { line, reason: complaint("the record", `${header.length} fields, as in the header`, record.length) };
    }
    if (names.every((name, c) => name === header?.[c])) {
      return { line, reason: "this is the header once more: were two files put together?" };
    }
    return { line, fields: Object.fromEntries(header.map((name, c) => [name, record[c]])) };
  };
  try {
    for await (const text of textOf(lines)) {
      parser.write(text); // parsed before this returns
      for (let one: Parsed | null = parser.read(); one !== null; one = parser.read()) {
        const found = numbered(one);
        if (found !== undefined) yield found;
      }
      if (parser.errored) break;
    }
    parser.end();
    for await (const one of parser as AsyncIterable<Parsed>) {
      const found = numbered(one);
      if (found !== undefined) yield found;
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code, message } = error as { code?: string; message: string };
    const why = code === "CSV_QUOTE_NOT_CLOSED" ? "a quote is opened and never closed" : message;
    throw new DataError(`line ${next} or after: ${why}. Within a quoted field, write a quote twice`);
  }
}

function checkHeader(header: string[], columns: readonly string[]): void {
  const what = "line 1: the header";
  const twice = header.find((name, c) => name !== "" && header.indexOf(name) < c);
  if (twice !== undefined) throw new DataError(complaint(what, `each column once (${twice} is there twice)`, header));
  if (columns.some((name) => !header.includes(name))) {
    const hint = "Separate them by commas; the option columns says what they are called in the file";
    throw new DataError(complaint(what, `columns ${columns.join(" and ")} (and perhaps prompt)`, header, hint));
  }
}

/** @throws DataError at a line without text, since a record may go over many lines */
async function* textOf(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  for await (const { number, text, reason } of lines) {
    if (text === undefined) throw new DataError(`line ${number}: ${reason}`);
    yield `${text}\n`;
  }
}
