import { DataError } from "../../core/index.js";
import { csvRecords, type Numbered } from "./csvRecords.js";
import type { Line } from "./lines.js";

export type RecordFormat = "jsonl" | "csv";

/** The records of JSONL or CSV, numbered by line. Without a format it looks at the first line that is not empty, and goes on in its format. */
export async function* recordsOf(
  lines: AsyncGenerator<Line>,
  format: RecordFormat | undefined,
  longest: number,
): AsyncGenerator<Numbered> {
  const ahead: Line[] = [];
  for (;;) {
    const { value, done } = await lines.next();
    if (done) break;
    ahead.push(value);
    if (value.text?.trim() !== "") break;
  }
  const begin = ahead.at(-1)?.text?.trimStart() ?? "";
  if (ahead.length === 0 || begin === "") {
    if (ahead.at(-1)?.reason === undefined) throw new DataError("there is nothing in it");
  }
  if (begin.startsWith("[") && format !== "csv") {
    throw new DataError("this is one JSON array. In JSONL each line is an object of its own; write one a line");
  }
  const guess = begin.startsWith("{") || begin === "" ? "jsonl" : "csv";
  const all = rejoin(ahead, lines);
  if ((format ?? guess) === "csv") yield* csvRecords(all, longest);
  else yield* jsonRecords(all);
}

async function* rejoin(ahead: Line[], lines: AsyncGenerator<Line>): AsyncGenerator<Line> {
  yield* ahead;
  yield* lines;
}

async function* jsonRecords(lines: AsyncIterable<Line>): AsyncGenerator<Numbered> {
  for await (const { number: line, text, reason } of lines) {
    if (text === undefined) yield { line, reason };
    else if (text.trim() !== "") {
      let record: Numbered;
      try {
        record = { line, fields: JSON.parse(text) };
      } catch (error) {
        record = { line, reason: `the line is not JSON: ${(error as Error).message}` };
      }
      yield record;
    }
  }
}
