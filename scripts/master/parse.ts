// Reads a master of a lesson: percent format, with exercises, solutions and checks marked (see notebooks/README.md).
import { basename } from "node:path";

export type Cell = { line: number } & (
  | { kind: "markdown"; text: string }
  | { kind: "code"; source: string }
  | { kind: "check"; exercise: string; source: string }
  /** The learner's text has a throw where the solution was. */
  | { kind: "exercise"; exercise: string; stub: string; solution: string }
);

export interface Master {
  /** The number, "01". */
  lesson: string;
  /** The file's name without extension, "01-bradley-terry". */
  name: string;
  cells: Cell[];
}

/** What is wrong with a master: one line per fault, each "file:line: what". */
export class MasterError extends Error {
  override name = "MasterError";
}

interface Block {
  line: number;
  marker: string;
  lines: string[];
}

/**
 * Parses the text of a master.
 * @throws MasterError with every fault of the file, not only the first
 */
export function parseMaster(text: string, file: string): Master {
  const name = basename(file, ".ts");
  const lesson = /^(\d\d)-[a-z0-9-]+$/.exec(name)?.[1] ?? "";
  const faults: { line: number; what: string }[] = [];
  const fault = (line: number, what: string) => void faults.push({ line, what });
  if (lesson === "") fault(1, `a master is named NN-name.ts in lower case, got ${basename(file)}`);

  const cells: Cell[] = [];
  for (const block of blocksOf(text, fault)) {
    const cell = parseCell(block, lesson, fault);
    if (cell !== undefined) cells.push(cell);
  }
  const first = cells[0];
  if (first === undefined) fault(1, "no cells: a cell starts with a line // %%");
  else if (first.kind !== "markdown" || !first.text.startsWith("# ")) {
    fault(first.line, "the first cell must be [markdown] and start with the lesson's title, // # NN title");
  }
  pairExercisesWithChecks(cells, fault);

  if (faults.length > 0) {
    faults.sort((a, b) => a.line - b.line);
    throw new MasterError(faults.map(({ line, what }) => `${file}:${line}: ${what}`).join("\n"));
  }
  return { lesson, name, cells };
}

type Fault = (line: number, what: string) => void;

/** Cuts the file at its markers, and drops what only our tools read. */
function blocksOf(text: string, fault: Fault): Block[] {
  const blocks: Block[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const content = raw.trimEnd();
    const marker = /^\/\/ %%(?: (.*))?$/.exec(content);
    if (marker !== null) blocks.push({ line, marker: marker[1] ?? "", lines: [] });
    else if (/^\s*\/\/\s*%%/.test(content)) {
      fault(line, `a marker is written "// %%", "// %% [markdown]", ... at the start of its line; got "${content}"`);
    } else if (blocks.length > 0) blocks.at(-1)!.lines.push(content);
    else if (content !== "" && !content.startsWith("//")) {
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
  if (named && !/^\d\d\/[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) {
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
    const fence = /^\s*\/\/\s*#(solution|end)\b/.exec(content);
    if (fence !== null) fault(line + 1 + index, `#${fence[1]} outside of an [exercise] cell`);
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
    fault(block.line + 1 + index, `a line of [markdown] starts with "// ", got "${content.slice(0, 40)}"`);
    return content;
  });
  return trimBlank(lines).join("\n");
}

function solutionOf(block: Block, id: string, fault: Fault): { stub: string; solution: string } {
  const stub: string[] = [];
  const solution: string[] = [];
  let open: { line: number; at: number } | undefined;
  let fences = 0;
  for (const [index, content] of block.lines.entries()) {
    const line = block.line + 1 + index;
    const [, indent = "", fence] = /^(\s*)\/\/\s*#(solution|end)\s*$/.exec(content) ?? [];
    if (fence === undefined) {
      if (/^\s*\/\/\s*#(solution|end)\b/.test(content)) fault(line, `nothing may follow #solution or #end on its line`);
      if (open === undefined) stub.push(content);
      solution.push(content);
    } else if (fence === "solution") {
      if (open !== undefined) fault(line, `#solution inside the #solution of line ${open.line}: is an #end missing?`);
      if (indent === "")
        fault(line, "#solution must stand inside a function: its stub throws, and would stop the cell");
      open = { line, at: solution.length };
      fences++;
      stub.push(`${indent}throw new Error("Exercise ${id}: not written yet.");`);
    } else {
      if (open === undefined) fault(line, "#end without #solution");
      else if (solution.slice(open.at).every((l) => l === "" || l.trimStart().startsWith("//"))) {
        fault(open.line, "an empty solution");
      }
      open = undefined;
    }
  }
  if (open !== undefined) fault(open.line, "#solution is never closed by #end");
  if (fences === 0) fault(block.line, `exercise ${id} has no // #solution ... // #end`);
  return { stub: codeOf(stub), solution: codeOf(solution) };
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
