import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { Diagnostic } from "tslab/dist/converter.js";
import type { CellError } from "../messages.js";
import type { Place, Scripts } from "./scripts.js";

const red = (text: string) => `\x1b[31m${text}\x1b[39m`;
const dim = (text: string) => `\x1b[2m${text}\x1b[22m`;
const bold = (text: string) => `\x1b[1m${text}\x1b[22m`;

/** A message longer than this is cut: it is read by a person. */
const LONGEST = 20_000;

/** What the compiler says against a cell: line and column counted from 1, the message, the line with a caret. */
export class TypeScriptError extends Error {
  override name = "TypeScriptError";
  readonly traceback: string[];

  constructor(diagnostics: readonly Diagnostic[], source: string, label: string) {
    super(diagnostics.map(sentence).join("\n"));
    const lines = source.split("\n");
    this.traceback = diagnostics.flatMap((diagnostic) => {
      const { start, end, fileName } = diagnostic;
      const where = `${fileName ?? label}, line ${start.line + 1}, column ${start.character + 1}`;
      const text = fileName === undefined ? lines[start.line] : undefined;
      const width = end.line === start.line ? Math.max(1, end.character - start.character) : 1;
      const frame =
        text === undefined ? [] : [`  ${gutter(start.line + 1)}${text}`, `  ${pointer(start.character, width)}`];
      return [`${red(`TypeScript ${diagnostic.code}`)}: ${diagnostic.messageText}`, dim(`  ${where}`), ...frame];
    });
  }
}

function sentence({ start, messageText, code, fileName }: Diagnostic): string {
  return `${fileName === undefined ? "" : `${fileName}:`}${start.line + 1}:${start.character + 1} - ${messageText} (TS${code})`;
}

/** Any thrown value as Jupyter's error: name, message, and a traceback that begins at the learner's own line. */
export function describeError(error: unknown, scripts: Scripts): CellError {
  if (error instanceof TypeScriptError) return { ename: error.name, evalue: error.message, traceback: error.traceback };
  if (!isError(error)) {
    const text = cut(inspect(error));
    return {
      ename: "Thrown",
      evalue: text,
      traceback: [`${red("Thrown")}: ${text}`, dim("  (not an Error: no stack)")],
    };
  }
  const ename = String(error.name || error.constructor?.name || "Error");
  const evalue = cut(String(error.message));
  return { ename, evalue, traceback: [`${red(ename)}: ${evalue}`, ...body(error, scripts)] };
}

function body(error: Error, scripts: Scripts, depth = 0): string[] {
  const frames = stackOf(error);
  const place = frames.map((frame) => placeIn(frame, scripts)).find((found) => found !== undefined);
  const lines = [...(place === undefined ? [] : excerpt(place)), ...frames.map((frame) => dim(frame))];
  const own = Object.entries(error).filter(([key]) => !["name", "message", "stack", "cause", "errors"].includes(key));
  if (own.length > 0 && own.length <= 20) lines.push(dim(`    ${cut(inspect(Object.fromEntries(own), { depth: 1 }))}`));
  if (depth < 4) {
    for (const inner of error instanceof AggregateError ? error.errors.slice(0, 5) : [])
      lines.push(...nested("one of", inner));
    if (error.cause !== undefined) lines.push(...nested("caused by", error.cause));
  }
  return lines;

  function nested(word: string, inner: unknown): string[] {
    if (!isError(inner)) return [`${word} ${cut(inspect(inner))}`];
    return [`${word} ${red(inner.name)}: ${cut(inner.message)}`, ...body(inner, scripts, depth + 1)];
  }
}

/** The frames of a stack, without the message before them; a message may itself hold lines that look like frames. */
function stackOf(error: Error): string[] {
  const stack = typeof error.stack === "string" ? error.stack : "";
  const head = `${error.name}: ${error.message}`;
  const tail = stack.startsWith(head) ? stack.slice(head.length) : stack;
  return tail.split("\n").filter((line) => /^\s+at /.test(line));
}

function placeIn(frame: string, scripts: Scripts): Place | undefined {
  const match = /(cell \d+):(\d+):(\d+)\)?$/.exec(frame);
  if (match === null) return undefined;
  const [, label = "", line, column] = match;
  const found = scripts.labelled(label);
  if (found === undefined) return undefined;
  return { label, line: Number(line), column: Number(column), source: found.source };
}

/** The learner's line, the line before it, and a caret. */
function excerpt(place: Place): string[] {
  const lines = place.source.split("\n");
  const before = lines[place.line - 2];
  return [
    `  ${bold(`${place.label}, line ${place.line}`)}`,
    ...(before === undefined || before.trim() === "" ? [] : [`  ${dim(gutter(place.line - 1) + before)}`]),
    `  ${gutter(place.line)}${lines[place.line - 1] ?? ""}`,
    `  ${pointer(place.column - 1, 1)}`,
  ];
}

const gutter = (line: number) => `${String(line).padStart(4)} | `;
const pointer = (column: number, width: number) =>
  `     | ${" ".repeat(column)}${red("^".repeat(Math.min(width, 80)))}`;
const cut = (text: string) =>
  text.length > LONGEST ? `${text.slice(0, LONGEST)} ... (${text.length} characters in all)` : text;

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/**
 * Makes every stack of this process speak of cells and of lib's TypeScript, also one that a learner prints, and leaves out
 * what only the kernel's authors would read.
 */
export function installStacks(scripts: Scripts, root: string): void {
  const maps = new Map<string, SourceMap | undefined>();
  Error.prepareStackTrace = (error, sites) => {
    const lines: string[] = [];
    for (const site of sites) {
      const file = site.getScriptNameOrSourceURL() ?? "";
      const at = { line: site.getLineNumber() ?? 0, column: site.getColumnNumber() ?? 0 };
      const place = scripts.locate(file, at.line, at.column);
      if (place === undefined && (hidden(file) || scripts.has(file))) continue;
      const name = functionName(site);
      const where = place === undefined ? inFile(file, at) : `${place.label}:${place.line}:${place.column}`;
      lines.push(
        name === "" || (place !== undefined && isCellItself(site)) ? `    at ${where}` : `    at ${name} (${where})`,
      );
    }
    let head = "Error";
    try {
      head = `${error}`;
    } catch {
      // An error whose toString throws still has its frames.
    }
    return [head, ...lines].join("\n");
  };

  function inFile(file: string, at: { line: number; column: number }): string {
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    const original = path.startsWith(root) && !path.includes("node_modules") ? inSource(path, at) : undefined;
    return original ?? `${path.startsWith(root) ? relative(root, path) : path}:${at.line}:${at.column}`;
  }

  function inSource(path: string, at: { line: number; column: number }): string | undefined {
    if (!maps.has(path)) {
      try {
        maps.set(path, new SourceMap(JSON.parse(readFileSync(`${path}.map`, "utf8"))));
      } catch {
        maps.set(path, undefined);
      }
    }
    const entry = maps.get(path)?.findEntry(at.line - 1, at.column - 1) as
      | { originalSource?: string; originalLine?: number; originalColumn?: number }
      | undefined;
    if (entry?.originalSource === undefined || entry.originalLine === undefined) return undefined;
    const source = new URL(entry.originalSource, `file://${path}`);
    return `${relative(root, fileURLToPath(source))}:${entry.originalLine + 1}:${(entry.originalColumn ?? 0) + 1}`;
  }
}

const hidden = (file: string) =>
  file === "" ||
  file.startsWith("node:") ||
  file.startsWith("evalmachine") ||
  /[\\/](tslab|kernel)[\\/](dist|cells)[\\/]/.test(file);

const isCellItself = (site: NodeJS.CallSite) => site.getFunctionName() === null && !site.isEval();

function functionName(site: NodeJS.CallSite): string {
  const name = site.getFunctionName() ?? "";
  const type = site.getTypeName();
  const plain = site.isToplevel() || type === null || type === "Object" || name === "" || name.includes(".");
  return `${site.isAsync() ? "async " : ""}${site.isConstructor() ? "new " : ""}${plain ? name : `${type}.${name}`}`.trim();
}
