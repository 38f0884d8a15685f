import { checkCount } from "../../core/checks.js";
import { complaint, DataError, DomainError, InterruptError, notebookHost } from "../../core/index.js";
import { type ByteSource, bytesOf, sourceName } from "./bytes.js";
import { type Columns, checkColumns } from "./columns.js";
import { comparisonFromFields, type TextComparison } from "./layouts.js";
import { linesOf } from "./lines.js";
import { type RecordFormat, recordsOf } from "./records.js";
import { SeenComparisons } from "./seen.js";

export interface ReadOptions {
  /**
   * Default: CSV if the first line is a header of it, else what most of the first lines look like:
   * JSONL if they begin with "{".
   */
  format?: RecordFormat;
  /** What fields are called in the file, where they are called otherwise: { prompt: "question" }. */
  columns?: Columns;
  /**
   * What to do about records that cannot be used. "list" (the default): read on, and throw one error at the end that
   * lists them. "first": throw at the first. "keep": never throw; look them up in the report.
   */
  bad?: "list" | "first" | "keep";
  /** How many places of bad records and of identical pairs are remembered; all are counted. Default 100. */
  limit?: number;
  /**
   * Whether pairs whose two answers are equal, which teach nothing, are left out or not. They are reported
   * either way. Default "drop".
   */
  identical?: "drop" | "keep";
  /** Longer lines (in CSV: records) are bad. In bytes; default 16 MiB. */
  longest?: number;
}

/** What was found while reading; complete when the reading is. */
export interface ReadReport {
  /** Comparisons handed out. */
  comparisons: number;
  bad: { count: number; first: { line: number; reason: string }[] };
  /** Pairs of equal answers, and the lines of the first of them. */
  identical: { count: number; lines: number[] };
  /** Comparisons whose prompt, chosen and rejected were all seen before. They are handed out. */
  duplicates: number;
  /** Comparisons that were seen before with chosen and rejected swapped. They are handed out. */
  contradictions: number;
}

/** Hands out comparisons one at a time, and keeps a report. Can be gone through once. */
export interface ComparisonReader extends AsyncIterable<TextComparison> {
  readonly report: ReadReport;
}

/**
 * Reads comparisons from JSONL or CSV, plain or gzip, a file of any size in constant memory (but for 9 to 36 bytes a
 * comparison, to find duplicates). The layouts are those of `comparisonFromFields`. Empty lines are passed over.
 * @throws DataError with the file and the line, while going through it; DomainError for an option that is not one
 * @example for await (const { prompt, chosen, rejected } of readComparisons("train.jsonl.gz")) { ... }
 */
export function readComparisons(source: ByteSource, options: ReadOptions = {}): ComparisonReader {
  const { format, bad = "list", limit = 100, identical = "drop", longest = 2 ** 24, columns = {} } = options;
  checkColumns(columns);
  oneOf("format", format ?? "csv", ["jsonl", "csv"]);
  oneOf("bad", bad, ["list", "first", "keep"]);
  oneOf("identical", identical, ["drop", "keep"]);
  for (const [name, value] of Object.entries({ limit, longest })) {
    checkCount(name, value);
  }
  const report: ReadReport = {
    comparisons: 0,
    bad: { count: 0, first: [] },
    identical: { count: 0, lines: [] },
    duplicates: 0,
    contradictions: 0,
  };
  const name = sourceName(source);
  const seen = new SeenComparisons();

  async function* walk(): AsyncGenerator<TextComparison> {
    try {
      const needed = [columns.chosen ?? "chosen", columns.rejected ?? "rejected"];
      const records = recordsOf(linesOf(bytesOf(source), longest), format, longest, needed);
      for await (const { line, fields, reason } of records) {
        if (notebookHost()?.interrupt.aborted) throw new InterruptError("readComparisons: interrupted");
        const found = reason === undefined ? attempt(fields, columns) : reason;
        if (typeof found === "string") {
          if (bad === "first") throw new DataError(`line ${line}: ${found}`);
          if (++report.bad.count <= limit) report.bad.first.push({ line, reason: found });
          continue;
        }
        if (found.chosen === found.rejected) {
          if (++report.identical.count <= limit) report.identical.lines.push(line);
          if (identical === "drop") continue;
        }
        const { duplicate, contradiction } = seen.add(found);
        if (duplicate) report.duplicates++;
        if (contradiction) report.contradictions++;
        report.comparisons++;
        yield found;
      }
      if (bad === "list" && report.bad.count > 0) throw new DataError(listed(report));
    } catch (error) {
      if (error instanceof DataError) throw new DataError(`${name}: ${error.message}`);
      throw error;
    }
  }
  const walker = walk();
  return { report, [Symbol.asyncIterator]: () => walker };
}

/** All comparisons of a source at once, and the report. @throws as `readComparisons` */
export async function loadComparisons(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<{ comparisons: TextComparison[]; report: ReadReport }> {
  const reader = readComparisons(source, options);
  const comparisons: TextComparison[] = [];
  for await (const comparison of reader) comparisons.push(comparison);
  return { comparisons, report: reader.report };
}

function attempt(fields: unknown, columns: Columns): TextComparison | string {
  try {
    return comparisonFromFields(fields, columns);
  } catch (error) {
    if (error instanceof DataError) return error.message;
    throw error;
  }
}

function listed({ bad, comparisons }: ReadReport): string {
  const shown = bad.first.slice(0, 10).map(({ line, reason }) => `\n  line ${line}: ${reason}`);
  const more = bad.count > shown.length ? `\n  and ${bad.count - shown.length} more` : "";
  return (
    `${bad.count} of ${bad.count + comparisons} records cannot be used:${shown.join("")}${more}\n` +
    'Mend them, or pass { bad: "keep" } to go on without them'
  );
}

function oneOf(name: string, value: string, choices: string[]): void {
  if (!choices.includes(value)) throw new DomainError(complaint(name, choices.join(" or "), value));
}
