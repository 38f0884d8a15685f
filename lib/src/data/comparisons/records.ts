import { DataError } from "../../core/index.js";
import { parseJSON } from "../../core/json.js";
import { csvRecords, type Numbered } from "./csvRecords.js";
import type { Line } from "./lines.js";

export type RecordFormat = "jsonl" | "csv";

/** How far to look ahead for the format: so many lines, so many that are not empty, so many characters. */
const AHEAD = { lines: 4096, written: 32, characters: 2 ** 20 };

/**
 * The records of JSONL or CSV, numbered by line. Without a format it is what most of the first lines look like, so that
 * one bad line does not make CSV of JSONL. `columns` are those that a header of CSV must have.
 * @throws DataError for what is neither: nothing at all, one JSON array, records that go over several lines
 */
export async function* recordsOf(
  lines: AsyncGenerator<Line>,
  format: RecordFormat | undefined,
  longest: number,
  columns: readonly string[],
): AsyncGenerator<Numbered> {
  const ahead = await lookAhead(lines);
  const texts = ahead.flatMap(({ text }) => text?.trim() || []);
  const readable = ahead.every(({ reason }) => reason === undefined);
  if (texts.length === 0 && readable) throw new DataError("there is nothing in it, or nothing at the beginning");
  const guess = format ?? guessFormat(texts, columns);
  if (guess === "jsonl") refuseOthers(texts);
  const all = rejoin(ahead, lines);
  if (guess === "csv") yield* csvRecords(all, longest, columns);
  else yield* jsonRecords(all);
}

async function lookAhead(lines: AsyncGenerator<Line>): Promise<Line[]> {
  const ahead: Line[] = [];
  let written = 0;
  let characters = 0;
  while (ahead.length < AHEAD.lines && written < AHEAD.written && characters < AHEAD.characters) {
    const { value, done } = await lines.next();
    if (done) break;
    ahead.push(value);
    if (value.text?.trim() !== "") written++;
    characters += value.text?.length ?? 0;
  }
  return ahead;
}

function guessFormat(texts: readonly string[], columns: readonly string[]): RecordFormat {
  const [first = "{", second = ""] = texts;
  const header = first.split(",").map((name) => name.replace(/^[\s"]+|[\s"]+$/g, ""));
  if (columns.length > 0 && columns.every((name) => header.includes(name))) return "csv";
  // An array, or one record over many lines.
  if (first.startsWith("[") || (first.startsWith("{") && /^"[^"]*"\s*:/.test(second))) return "jsonl";
  const objects = texts.filter((text) => text.startsWith("{")).length;
  const others = texts.length - objects;
  if (objects === others) return first.startsWith("{") ? "jsonl" : "csv";
  return objects > others ? "jsonl" : "csv";
}

function refuseOthers(texts: readonly string[]): void {
  const [first = "{}"] = texts;
  if (first.startsWith("[")) {
    throw new DataError("this is one JSON array. In JSONL each line is an object of its own; write one a line");
  }
  if (!first.startsWith("{") || isJSON(first)) return;
  for (let count = 2; count <= texts.length; count++) {
    if (first !== "{" && !(texts[count - 1].endsWith("}") && isJSON(texts.slice(0, count).join("\n")))) continue;
    throw new DataError(
      "a record goes over several lines. In JSONL each line is an object of its own: write it without indent (json.dumps(record))",
    );
  }
}

function isJSON(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function* rejoin(ahead: Line[], lines: AsyncGenerator<Line>): AsyncGenerator<Line> {
  yield* ahead;
  yield* lines;
}

async function* jsonRecords(lines: AsyncIterable<Line>): AsyncGenerator<Numbered> {
  for await (const { number: line, text, reason } of lines) {
    if (text === undefined) yield { line, reason };
    else if (text.trim() !== "") yield jsonRecord(line, text);
  }
}

function jsonRecord(line: number, text: string): Numbered {
  try {
    // Also past a byte-order mark, which `cat` of two files puts in the middle.
    return { line, fields: parseJSON(text) };
  } catch (error) {
    const { message } = error as DataError;
    return { line, reason: message.startsWith("not JSON") ? `the line is ${message}` : message };
  }
}
