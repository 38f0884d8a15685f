import { pipeline, Readable } from "node:stream";
import { complain, DataError } from "../../core/index.js";
import type { Line } from "./lines.js";

/** A record of a file and the line where it begins. */
export interface Numbered {
  line: number;
  /** The record's fields; undefined for one that cannot be read: see `reason`. */
  fields?: unknown;
  reason?: string;
}

/**
 * The records of CSV with a header line: commas, double quotes (doubled within a quoted field), line breaks (which become LF) within quotes.
 * A record with another number of fields than the header comes with the reason; where quotes are wrong, what follows cannot be trusted.
 * @throws DataError with the line, for wrong quotes, a line that cannot be read, or a header without chosen and rejected
 */
export async function* csvRecords(lines: AsyncIterable<Line>, longest: number): AsyncGenerator<Numbered> {
  const { parse } = await import("csv-parse");
  const parser = parse({
    info: true,
    relax_column_count: true,
    max_record_size: longest,
    record_delimiter: ["\n"],
  });
  pipeline(Readable.from(textOf(lines)), parser, () => {});
  let header: string[] | undefined;
  let next = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const line = next;
      next = info.lines + 1;
      // An empty line: no record of two fields or more looks like this.
      if (record.length === 1 && record[0] === "") continue;
      if (header === undefined) {
        header = record.map((name) => name.trim());
        if (!header.includes("chosen") || !header.includes("rejected")) {
          throw new DataError(
            complain("line 1: the header", "columns chosen and rejected (and perhaps prompt)", header),
          );
        }
      } else if (record.length !== header.length) {
        yield { line, reason: complain("the record", `${header.length} fields, as in the header`, record.length) };
      } else {
        yield { line, fields: Object.fromEntries(header.map((name, c) => [name, record[c]])) };
      }
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code, message } = error as { code?: string; message: string };
    const why = code === "CSV_QUOTE_NOT_CLOSED" ? "a quote is opened and never closed" : message;
    throw new DataError(`line ${next} or after: ${why}. Within a quoted field, write a quote twice`);
  }
}

/** @throws DataError at a line without text, since a record may go over many lines */
async function* textOf(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  for await (const { number, text, reason } of lines) {
    if (text === undefined) throw new DataError(`line ${number}: ${reason}`);
    yield `${text}\n`;
  }
}
