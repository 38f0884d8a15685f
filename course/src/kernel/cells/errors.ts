import { inspect } from "node:util";
import type { CellError } from "../messages.js";
import { bold, cut, dim, plainLine, pointedLine, red } from "./excerpt.js";
import type { Place, Scripts } from "./scripts.js";

/** Marks errors of the kernel's own also where they were made by another copy of this file, in a snapshot. */
const SHOWN = Symbol.for("rlhf-lab.shown");

/** An error of the kernel's own that says how it wants to be shown. */
export abstract class ShownError extends Error {
  abstract readonly traceback: string[];
  readonly [SHOWN] = true;
}

/** Lines of a traceback; causes and their causes may have many. */
const MOST_LINES = 200;

/**
 * Any thrown value as Jupyter's error: name, message, and a traceback that begins at the learner's own line. Whatever
 * is asked of the value may be the learner's code (a getter, a proxy, an inspection of its own) and may throw; what
 * cannot be told is left out.
 */
export function describeError(error: unknown, scripts: Scripts): CellError {
  try {
    return describe(error, scripts);
  } catch (reason) {
    const why = attempt(() => `: ${cut(String((reason as Error).message))}`, "");
    const evalue = `an error that cannot be described${why}`;
    return { ename: "Error", evalue, traceback: [`Error: ${evalue}`] };
  }
}

function describe(error: unknown, scripts: Scripts): CellError {
  if (isShown(error)) return { ename: error.name, evalue: error.message, traceback: error.traceback };
  if (!isError(error)) {
    const text = shown(error);
    const traceback = [`${red("Thrown")}: ${text}`, dim("  (not an Error: no stack)")];
    return { ename: "Thrown", evalue: text, traceback };
  }
  const ename = nameOf(error);
  const evalue = messageOf(error);
  const lines = [`${red(ename)}: ${evalue}`, ...body(error, scripts)];
  return { ename, evalue, traceback: lines.slice(0, MOST_LINES) };
}

function body(error: Error, scripts: Scripts, depth = 0): string[] {
  const frames = stackOf(error);
  const place = frames.map((frame) => placeIn(frame, scripts)).find((found) => found !== undefined);
  const lines = [...(place === undefined ? [] : excerpt(place)), ...frames.map((frame) => dim(frame))];
  const own = ownProperties(error);
  if (own.length > 0 && own.length <= 20) lines.push(dim(`    ${shown(Object.fromEntries(own), { depth: 1 })}`));
  if (depth >= 4) return lines;
  const several = attempt(() => (error instanceof AggregateError ? [...error.errors.slice(0, 5)] : []), []);
  for (const inner of several) for (const line of nested("one of", inner)) lines.push(line);
  const cause = attempt(() => error.cause, undefined);
  if (cause !== undefined) for (const line of nested("caused by", cause)) lines.push(line);
  return lines;

  function nested(word: string, inner: unknown): string[] {
    if (!isError(inner)) return [`${word} ${shown(inner)}`];
    return [`${word} ${red(nameOf(inner))}: ${messageOf(inner)}`, ...body(inner, scripts, depth + 1)];
  }
}

function nameOf(error: Error): string {
  return attempt(() => String(error.name), "") || attempt(() => String(error.constructor.name), "") || "Error";
}

function messageOf(error: Error): string {
  return attempt(() => cut(String(error.message)), "(its message cannot be read)");
}

/** Properties beyond those that every error has; a getter that throws is passed over. */
function ownProperties(error: Error): [string, unknown][] {
  const keys = attempt(() => Object.keys(error), []).filter((key) => !USUAL.has(key));
  return keys
    .slice(0, 21)
    .flatMap((key) => attempt(() => [[key, error[key as keyof Error]]] as [string, unknown][], []));
}

const USUAL = new Set(["name", "message", "stack", "cause", "errors"]);

function shown(value: unknown, options?: { depth: number }): string {
  return attempt(() => cut(inspect(value, options)), "(a value that cannot be shown)");
}

/** The error's stack as text; empty if it has none, or none that can be read. */
export function stackText(error: unknown): string {
  return attempt(() => String((error as Error).stack ?? ""), "");
}

/** The frames of a stack, without the message before them; a message may itself hold lines that look like frames. */
function stackOf(error: Error): string[] {
  const stack = stackText(error);
  const head = attempt(() => `${error.name}: ${error.message}`, "");
  const tail = stack.startsWith(head) ? stack.slice(head.length) : stack;
  return tail.split("\n").filter((line) => /^\s+at /.test(line));
}

function placeIn(frame: string, scripts: Scripts): Place | undefined {
  const match = /(cell \d+):(\d+):(\d+)\)?$/.exec(frame);
  if (match === null) return undefined;
  const [, label = "", line, column] = match;
  const found = scripts.labelled(label);
  if (found === undefined) return undefined;
  return { label, line: Number(line), column: Number(column), source: found.text.source };
}

/** The learner's line, the line before it, and a caret. */
function excerpt(place: Place): string[] {
  const lines = place.source.split("\n");
  const before = lines[place.line - 2];
  return [
    `  ${bold(`${place.label}, line ${place.line}`)}`,
    ...(before === undefined || before.trim() === "" ? [] : [plainLine(before, place.line - 2)]),
    ...pointedLine(lines[place.line - 1] ?? "", place.line - 1, place.column - 1, 1),
  ];
}

function isShown(value: unknown): value is ShownError {
  return attempt(() => (value as ShownError)[SHOWN] === true, false);
}

function isError(value: unknown): value is Error {
  return attempt(() => value instanceof Error || Object.prototype.toString.call(value) === "[object Error]", false);
}

/** What is asked for, or something else if asking throws. */
function attempt<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch {
    return otherwise;
  }
}
