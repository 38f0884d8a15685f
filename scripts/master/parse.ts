// Reads a master of a lesson: percent format, with exercises, solutions and checks marked (see notebooks/README.md).
import { basename, dirname } from "node:path";

export type Cell = { line: number } & (
  | { kind: "markdown"; text: string }
  | { kind: "code"; source: string }
  | { kind: "check"; exercise: string; source: string }
  /** Where the solution was, the learner's text has a throw, or the lines with a mistake that #given gives. */
  | { kind: "exercise"; exercise: string; stub: string; solution: string }
);

export interface Master {
  /** The number, "01". */
  lesson: string;
  /** The name of its room, "01-bradley-terry". */
  name: string;
  cells: Cell[];
  /** The sentences that are held over keys (claims.ts beside it): id and line. The notebooks know nothing of them. */
  claims: { id: string; line: number }[];
}

/** What is wrong with a master: one line per fault, each "file:line: what". */
export class MasterError extends Error {
  override name = "MasterError";
}

interface Block {
  line: number;
  marker: string;
  lines: string[];
  /** Where each of them stands in the file. */
  at: number[];
}

/**
 * Parses the text of a master, course/lessons/NN-name/lesson.ts.
 * @throws MasterError with every fault of the file, not only the first
 */
export function parseMaster(text: string, file: string): Master {
  const name = basename(dirname(file));
  const lesson = /^(\d\d)-[a-z0-9-]+$/.exec(name)?.[1] ?? "";
  const faults: { line: number; what: string }[] = [];
  const fault = (line: number, what: string) => void faults.push({ line, what });
  if (lesson === "") fault(1, `a lesson's folder is named NN-name in lower case, got ${name}`);

  const claims: Master["claims"] = [];
  const cells: Cell[] = [];
  for (const block of blocksOf(text, fault, claims)) {
    const cell = parseCell(block, lesson, fault);
    if (cell !== undefined) cells.push(cell);
  }
  const first = cells[0];
  if (first === undefined) fault(1, "no cells: a cell starts with a line // %%");
  else if (first.kind !== "markdown" || !first.text.startsWith("# ")) {
    fault(first.line, "the first cell must be [markdown] and start with the lesson's title, // # NN title");
  }
  pairExercisesWithChecks(cells, fault);
  checkClaims(claims, lesson, fault);

  if (faults.length > 0) {
    faults.sort((a, b) => a.line - b.line);
    throw new MasterError(faults.map(({ line, what }) => `${file}:${line}: ${what}`).join("\n"));
  }
  return { lesson, name, cells, claims };
}

type Fault = (line: number, what: string) => void;

/** The id of an exercise or a claim: "01/my-task". */
const ID = /^\d\d\/[a-z0-9]+(-[a-z0-9]+)*$/;

/** Cuts the file at its markers, and drops what only our tools read. */
function blocksOf(text: string, fault: Fault, claims: Master["claims"]): Block[] {
  const blocks: Block[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const content = raw.trimEnd();
    const marker = /^\/\/ %%(?: (.*))?$/.exec(content);
    const claim = /^\s*\/\/ ?#claim\b *(.*)$/.exec(content);
    if (claim !== null) claims.push(...claim[1].split(/[ ,]+/).map((id) => ({ id, line })));
    else if (marker !== null) blocks.push({ line, marker: marker[1] ?? "", lines: [], at: [] });
    else if (/^\s*\/\/\s*%%/.test(content)) {
      fault(line, `a marker is written "// %%", "// %% [markdown]", ... at the start of its line; got "${content}"`);
    } else if (blocks.length > 0) {
      blocks.at(-1)!.lines.push(content);
      blocks.at(-1)!.at.push(line);
    } else if (content !== "" && !content.startsWith("//")) {
      fault(line, "code before the first cell: only comments may stand above the first // %%");
    }
  }
  return blocks;
}

function parseCell(block: Block, lesson: string, fault: Fault): Cell | undefined {
  const { line } = block;
  const [, kind = "", id = ""] = /^(?:\[(\w+)\])?\s*(.*)$/.exec(block.marker) ?? [];
  const named = kind === "exercise" || kind === "check";
  if (!["", "markdown", "exercise", "check"].includes(kind) || (!named && id !== "")) {
    const known = "// %%, // %% [markdown], // %% [exercise] NN/name, // %% [check] NN/name";
    fault(line, `unknown marker "// %% ${block.marker}"; there are ${known}`);
    return undefined;
  }
  if (named && !ID.test(id)) {
    fault(line, `[${kind}] needs an id such as "${lesson || "01"}/my-task", got "${id}"`);
    return undefined;
  }
  if (named && id.slice(0, 2) !== lesson) fault(line, `the id ${id} is not of this lesson, ${lesson}`);
  if (block.lines.every((content) => content === "")) {
    fault(line, "an empty cell");
    return undefined;
  }
  if (kind === "markdown") return { kind, line, text: markdownOf(block, fault) };
  if (kind === "exercise") return { kind, line, exercise: id, ...solutionOf(block, id, fault) };
  for (const [index, content] of block.lines.entries()) {
    const fence = /^\s*\/\/\s*#(solution|given|end)\b/.exec(content);
    if (fence !== null) fault(block.at[index], `#${fence[1]} outside of an [exercise] cell`);
  }
  const source = codeOf(block.lines);
  if (kind === "check") {
    if (!source.includes(`check("${id}"`)) fault(line, `a [check] cell of ${id} must call check("${id}", { ... })`);
    return { kind, line, exercise: id, source };
  }
  return { kind: "code", line, source };
}

function markdownOf(block: Block, fault: Fault): string {
  const lines = block.lines.map((content, index) => {
    if (content === "" || content === "//") return "";
    if (content.startsWith("// ")) return content.slice(3);
    fault(block.at[index], `a line of [markdown] starts with "// ", got "${content.slice(0, 40)}"`);
    return content;
  });
  return trimBlank(lines).join("\n");
}

function solutionOf(block: Block, id: string, fault: Fault): { stub: string; solution: string } {
  const stub: string[] = [];
  const solution: string[] = [];
  let open: { line: number; at: number; given?: boolean } | undefined;
  let fences = 0;
  for (const [index, content] of block.lines.entries()) {
    const line = block.at[index];
    const [, indent = "", fence] = /^(\s*)\/\/\s*#(solution|given|end)\s*$/.exec(content) ?? [];
    if (fence === undefined) {
      if (/^\s*\/\/\s*#(solution|given|end)\b/.test(content)) {
        fault(line, `nothing may follow #solution, #given or #end on its line`);
      }
      if (open?.given) stub.push(givenLine(content, line, fault));
      else {
        if (open === undefined) stub.push(content);
        solution.push(content);
      }
    } else if (fence === "solution") {
      if (open !== undefined) fault(line, `#solution inside the #solution of line ${open.line}: is an #end missing?`);
      if (indent === "")
        fault(line, "#solution must stand inside a function: its stub throws, and would stop the cell");
      open = { line, at: solution.length };
      fences++;
      stub.push(`${indent}throw new Error("Exercise ${id}: not written yet.");`);
    } else {
      if (open === undefined) fault(line, `#${fence} without #solution`);
      else if (!open.given && solution.slice(open.at).every((l) => l === "" || l.trimStart().startsWith("//"))) {
        fault(open.line, "an empty solution");
      }
      if (fence === "end" || open === undefined) open = undefined;
      else if (open.given) fault(line, "a second #given: is an #end missing?");
      else {
        open.given = true;
        stub.pop(); // the learner gets the lines that follow, not a throw
      }
    }
  }
  if (open !== undefined) fault(open.line, "#solution is never closed by #end");
  if (fences === 0) fault(block.line, `exercise ${id} has no // #solution ... // #end`);
  return { stub: codeOf(stub), solution: codeOf(solution) };
}

/** A line of code that the learner is given, with a mistake in it: the master has it as a comment. */
function givenLine(content: string, line: number, fault: Fault): string {
  if (content === "") return content;
  const [, indent, code] = /^(\s*)\/\/ ?(.*)$/.exec(content) ?? [];
  if (code === undefined) fault(line, `between #given and #end every line is a comment, got "${content.slice(0, 40)}"`);
  return `${indent ?? ""}${code ?? ""}`;
}

function pairExercisesWithChecks(cells: Cell[], fault: Fault): void {
  const exercises = new Map<string, number>();
  const checks = new Map<string, number>();
  for (const cell of cells) {
    if (cell.kind !== "exercise" && cell.kind !== "check") continue;
    const { kind, exercise: id, line } = cell;
    const seen = kind === "exercise" ? exercises : checks;
    const before = seen.get(id);
    if (before !== undefined) fault(line, `a second [${kind}] ${id}; the first is in line ${before}`);
    else if (kind === "check" && !exercises.has(id)) fault(line, `[check] ${id} without an [exercise] ${id} above it`);
    seen.set(id, before ?? line);
  }
  for (const [id, line] of exercises) {
    if (!checks.has(id)) fault(line, `exercise ${id} has no [check] cell`);
  }
}

function checkClaims(claims: Master["claims"], lesson: string, fault: Fault): void {
  const seen = new Map<string, number>();
  for (const { id, line } of claims) {
    const before = seen.get(id);
    if (!ID.test(id)) fault(line, `#claim needs an id such as "${lesson || "01"}/what-holds", got "${id}"`);
    else if (id.slice(0, 2) !== lesson) fault(line, `the claim ${id} is not of this lesson, ${lesson}`);
    else if (before !== undefined) fault(line, `a second #claim ${id}; the first is in line ${before}`);
    seen.set(id, before ?? line);
  }
}

/** Code as the notebook shows it: without blank ends, and without comments to our linter. */
function codeOf(lines: readonly string[]): string {
  return trimBlank(lines.filter((content) => !/^\s*\/\/ biome-ignore\b/.test(content))).join("\n");
}

function trimBlank(lines: readonly string[]): readonly string[] {
  let start = 0;
  let end = lines.length;
  while (start < end && lines[start] === "") start++;
  while (end > start && lines[end - 1] === "") end--;
  return lines.slice(start, end);
}
