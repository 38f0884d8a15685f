import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";

/** A notebook's cell, as far as grading needs it. */
export interface Cell {
  /** 1 for the first, as people count. */
  number: number;
  id: string;
  type: string;
  source: string;
  /** Marks of the course's builder. */
  exercise?: string;
  check?: string;
  needed?: boolean;
}

/** A submission that cannot be graded, in a sentence for the learner. */
export class UnreadableNotebook extends Error {}

/** Larger files are not read. A lesson is some 100 kB; the outputs of a cell, which are not looked at, may be 8 MB. */
export const MAX_NOTEBOOK = 64 * 2 ** 20;

/**
 * Reads a notebook that may be anything. Symbolic links are not followed.
 * @throws UnreadableNotebook with what is wrong
 */
export function readNotebook(path: string): Cell[] {
  return parseNotebook(readBounded(path));
}

function readBounded(path: string): string {
  let fd: number;
  try {
    const kind = lstatSync(path);
    if (kind.isSymbolicLink()) throw new UnreadableNotebook("it is a symbolic link; submit the notebook itself");
    if (!kind.isFile()) throw new UnreadableNotebook("it is not a regular file");
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof UnreadableNotebook) throw error;
    throw new UnreadableNotebook(`it cannot be opened (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
  try {
    const size = fstatSync(fd).size;
    if (size === 0) throw new UnreadableNotebook("the file is empty");
    if (size > MAX_NOTEBOOK) {
      const mb = (n: number) => `${Math.round(n / 2 ** 20)} MB`;
      const help = "clear the outputs (Edit > Clear Outputs of All Cells), save, and submit again";
      throw new UnreadableNotebook(`the file has ${mb(size)}, more than ${mb(MAX_NOTEBOOK)}: ${help}`);
    }
    const buffer = Buffer.alloc(size);
    let filled = 0;
    for (let n = 1; n > 0 && filled < size; filled += n) n = readSync(fd, buffer, filled, size - filled, filled);
    return buffer
      .subarray(0, filled)
      .toString("utf8")
      .replace(/^\uFEFF/, "");
  } catch (error) {
    if (error instanceof UnreadableNotebook) throw error;
    throw new UnreadableNotebook(`it cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  } finally {
    closeSync(fd);
  }
}

/** @throws UnreadableNotebook */
export function parseNotebook(text: string): Cell[] {
  if (text.trim() === "") throw new UnreadableNotebook("the file is empty");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UnreadableNotebook(`it is not valid JSON, so not a notebook: ${(error as Error).message}`);
  }
  if (isObject(json) && json.cells === undefined && Array.isArray(json.worksheets)) {
    const help = "open it in JupyterLab, save it, and submit that";
    throw new UnreadableNotebook(`it is a notebook of an old form (nbformat ${quoteNumber(json.nbformat)}): ${help}`);
  }
  const cells = isObject(json) ? json.cells : undefined;
  if (!Array.isArray(cells)) throw new UnreadableNotebook("it is JSON, but not a notebook: it has no list of cells");
  return cells.filter(isObject).map((cell, i) => {
    const metadata = isObject(cell.metadata) ? cell.metadata : {};
    const ours = isObject(metadata.rlhf_lab) ? metadata.rlhf_lab : {};
    return {
      number: i + 1,
      id: textOf(cell.id) ?? "",
      type: textOf(cell.cell_type) ?? "",
      source: Array.isArray(cell.source)
        ? cell.source.filter((s) => typeof s === "string").join("")
        : (textOf(cell.source) ?? ""),
      exercise: textOf(ours.exercise),
      check: textOf(ours.check),
      needed: ours.needed === true,
    };
  });
}

function quoteNumber(value: unknown): string {
  return typeof value === "number" ? String(value) : "3 or older";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
