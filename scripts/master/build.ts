// From a master to the two notebooks: the learner's (stubs) and the solution's.
import { createHash } from "node:crypto";
import { cellIds, checkCellId, exerciseCellId } from "./cellIds.js";
import { type Cell, type Master, MasterError } from "./parse.js";

/** What is built: the learner gets stubs, the solution notebook runs through. */
export type Edition = "learner" | "solution";

/** The parts of Jupyter's format (nbformat 4.5) that our notebooks use. */
export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

export interface NotebookCell {
  cell_type: "markdown" | "code";
  id: string;
  metadata: {
    /**
     * `given`: the fingerprint of code with a mistake in it that the learner was handed, to tell
     * whether it was worked on.
     */
    rlhf_lab?: { exercise?: string; check?: string; given?: string };
    nbgrader?: Record<string, unknown>;
    /** JupyterLab shows a hidden source as three dots, to be opened by a click. */
    jupyter?: { source_hidden: true };
  };
  source: string | string[];
  execution_count?: number | null;
  outputs?: Record<string, unknown>[];
}

const metadata = {
  kernelspec: { name: "rlhf-lab", display_name: "TypeScript (rlhf-lab)", language: "typescript" },
  language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" },
};

/**
 * Builds one edition. `points`: exercise -> what it is worth (its check cell tells nbgrader).
 * @throws MasterError for an exercise without points, that is one that its checks.ts does not know
 */
export function buildNotebook(master: Master, edition: Edition, points: ReadonlyMap<string, number>): Notebook {
  const ids = cellIds(master.lesson, master.cells);
  const cells = master.cells.map((cell, index) => notebookCell(cell, ids[index], edition, points));
  return { cells, metadata, nbformat: 4, nbformat_minor: 5 };

  function notebookCell(cell: Cell, id: string, edition: Edition, points: ReadonlyMap<string, number>): NotebookCell {
    if (cell.kind === "markdown") return { cell_type: "markdown", id, metadata: {}, source: sourceLines(cell.text) };
    const code = (source: string, metadata: NotebookCell["metadata"]): NotebookCell => ({
      cell_type: "code",
      execution_count: null,
      id,
      metadata,
      outputs: [],
      source: sourceLines(source),
    });
    if (cell.kind === "code")
      return code(cell.source, startsFolded(cell.source) ? { jupyter: { source_hidden: true } } : {});
    const { exercise } = cell;
    if (cell.kind === "exercise") {
      const nbgrader = { ...graded, grade_id: exerciseCellId(exercise), solution: true };
      if (edition === "solution") return code(cell.solution, { nbgrader, rlhf_lab: { exercise } });
      const given = cell.stub.includes(unwritten(exercise)) ? {} : { given: fingerprint(cell.stub) };
      return code(cell.stub, { nbgrader, rlhf_lab: { exercise, ...given } });
    }
    const worth = points.get(exercise);
    if (worth === undefined) {
      const file = `course/lessons/${master.name}/lesson.ts`;
      throw new MasterError(`${file}:${cell.line}: checks.ts beside it exports no exercise ${exercise}`);
    }
    const nbgrader = { ...graded, grade_id: checkCellId(exercise), grade: true, locked: true, points: worth };
    return code(cell.source, { nbgrader, rlhf_lab: { check: exercise } });
  }
}

/** Lines from which on the code of a figure is folded away: the figure is what one came to see. */
const LONG_FIGURE = 40;

function startsFolded(source: string): boolean {
  const rest = source.replace(/^import\b[^;]*;\n?/gm, "").trim();
  return rest === "" || (/\bshow\(/.test(source) && source.split("\n").length > LONG_FIGURE);
}

/** What an exercise that nobody has written throws. */
export const unwritten = (exercise: string) => `Exercise ${exercise}: not written yet.`;

/** Whether nobody has worked in an exercise's cell since it was handed out with a stub, or with a mistake in it. */
export function isAsHandedOut(cell: NotebookCell): boolean {
  const { exercise = "", given } = cell.metadata.rlhf_lab ?? {};
  return given === undefined ? sourceOf(cell).includes(unwritten(exercise)) : fingerprint(sourceOf(cell)) === given;
}

export const fingerprint = (source: string) => createHash("sha256").update(source).digest("hex").slice(0, 16);

/** nbgrader's fields, all off. */
const graded = { grade: false, locked: false, schema_version: 3, solution: false, task: false };

/** The file's text, byte for byte as Jupyter itself writes it: sorted keys, one space, a final newline. */
export function notebookText(notebook: Notebook): string {
  return `${JSON.stringify(sorted(notebook), null, 1)}\n`;
}

/** A cell's source as one string, whichever of the two forms the file has. */
export function sourceOf(cell: NotebookCell): string {
  return typeof cell.source === "string" ? cell.source : cell.source.join("");
}

/** Jupyter stores a source as lines with their newlines, which makes diffs readable. */
function sourceLines(source: string): string[] {
  return source.split(/(?<=\n)/);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
