import { writeSync } from "node:fs";
import { LONGEST_REPORT, type Report } from "../messages.js";

/*
 * Reports are made with functions taken before any cell ran: a cell may replace JSON.stringify, give every object a
 * toJSON, or change what Buffer.from does.
 */
const { stringify } = JSON;
const { isArray } = Array;
const { create, defineProperty, keys, prototype: OBJECT } = Object;
const ARRAY = Array.prototype;
const bytesOf = Buffer.from;
const { wait } = Atomics;
const write = writeSync;

const shared = new Int32Array(new SharedArrayBuffer(4));

/**
 * A function that sends reports up a pipe, one JSON text per line. It returns when the bytes are in the pipe. Each
 * begins a line of its own, whatever else has been written there.
 */
export function reporter(fd: number): (report: Report) => void {
  return (report) => {
    writeAll(fd, `\n${withinLimit(report)}\n`);
  };
}

/** Writes it all, waiting while the pipe is full. A pipe that nobody reads any more swallows it. */
export function writeAll(fd: number, text: string): void {
  const bytes = bytesOf(text);
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += write(fd, bytes, sent);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EAGAIN") return;
      wait(shared, 0, 0, 1);
    }
  }
}

/** Text that is too long is not even made into JSON, which would take as much memory once more. */
function withinLimit(report: Report): string {
  const length = longest(report);
  if (length > LONGEST_REPORT) return jsonOf(dropped(report, length));
  const text = jsonOf(report);
  return text.length > LONGEST_REPORT ? jsonOf(dropped(report, text.length)) : text;
}

/** The length of the longest text in a mime bundle. */
function longest(report: Report): number {
  if (report.type !== "display" && report.type !== "result") return 0;
  let most = 0;
  const types = keys(report.bundle);
  for (let index = 0; index < types.length; index++) {
    const content = report.bundle[types[index]!];
    if (typeof content === "string" && content.length > most) most = content.length;
  }
  return most;
}

/** JSON text, in which a toJSON that somebody has given to all objects or arrays does not count. */
export function jsonOf(value: unknown): string {
  return stringify("toJSON" in OBJECT || "toJSON" in ARRAY ? bare(value) : value);
}

/** A copy whose objects inherit nothing. Dates and the like still say themselves how they look. */
function bare(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  const everybodys =
    toJSON === (OBJECT as typeof value & { toJSON?: unknown }).toJSON ||
    toJSON === (ARRAY as { toJSON?: unknown }).toJSON;
  if (typeof toJSON === "function" && !everybodys) return bare((value as { toJSON(): unknown }).toJSON());
  const copy = isArray(value) ? [] : create(null);
  // Arrays stay arrays, so what they inherit is hidden.
  if (isArray(value)) defineProperty(copy, "toJSON", { __proto__: null, value: undefined } as PropertyDescriptor);
  const names = keys(value);
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    copy[name] = bare((value as Record<string, unknown>)[name]);
  }
  return copy;
}

/** What goes up instead of a report that is too long for anybody to look at. */
function dropped(report: Report, length: number): Report {
  const note = `[Output dropped: it has ${length} characters. Write it to a file instead.]`;
  switch (report.type) {
    case "done": {
      const error = { ename: "OutputError", evalue: note, traceback: [note] };
      return { type: "done", cell: report.cell, outcome: { error, expressions: {} } };
    }
    case "answer":
      return { type: "answer", id: report.id, value: undefined };
    case "input":
      return { ...report, question: note };
    default:
      return { type: "stream", cell: "cell" in report ? report.cell : 0, name: "stderr", text: `${note}\n` };
  }
}
