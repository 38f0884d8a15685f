// What an executed notebook must show: no errors, every figure, and checks that say what they should.
import { stripVTControlCharacters } from "node:util";
import { type Edition, type Notebook, type NotebookCell, sourceOf } from "../master/build.js";

const figureMime = "application/vnd.plotly.v1+json";

export interface Problem {
  /** Index in the notebook. */
  cell: number;
  message: string;
  /** The line of the cell's source where it happened, from 1, if the error says so. */
  line?: number;
}

export interface Verdict {
  figures: number;
  checks: number;
  /** Checks that gave all their points. */
  passed: number;
  problems: Problem[];
}

/**
 * Judges the outputs. In the solution every check must pass; in the learner's notebook every check must say "not
 * written yet", or refuse the code with a mistake that was given, and nothing else may go wrong. `ran`: how many cells
 * were reached, when it ended early.
 */
export function judge(notebook: Notebook, edition: Edition, ran: ReadonlySet<number>): Verdict {
  const verdict: Verdict = { figures: 0, checks: 0, passed: 0, problems: [] };
  const given = exercisesWithCode(notebook);
  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== "code") continue;
    const check = cell.metadata.rlhf_lab?.check;
    if (check !== undefined) verdict.checks++;
    if (!ran.has(index)) continue;
    const problem = (message: string, line?: number) => verdict.problems.push({ cell: index, message, line });
    const outputs = cell.outputs ?? [];
    const errors = outputs.filter((output) => output.output_type === "error");
    for (const error of errors) problem(`${error.ename}: ${error.evalue}`, errorLine(error.traceback, cell));
    const figures = outputs.map(figureOf).filter((figure) => figure !== undefined);
    verdict.figures += figures.length;
    if (errors.length > 0) continue;
    if (figures.some((figure) => !figure.data?.length)) problem("a figure without any trace");
    const asked = showCalls(cell);
    if (edition === "solution" && figures.length < asked) {
      problem(
        `a figure is missing: the cell calls show() ${asked} time${asked > 1 ? "s" : ""}, ${figures.length} came`,
      );
    }
    if (check === undefined) continue;
    const report = reportOf(outputs, check);
    if (report === undefined) problem(`the check of ${check} reported nothing`);
    else if (report.points === report.outOf) verdict.passed++;
    if (report === undefined) continue;
    if (edition === "solution" && report.points < report.outOf) {
      problem(`the check of ${check} rejects the solution: ${report.text}`);
    }
    if (edition === "learner" && given.has(check) && report.points === report.outOf) {
      problem(`the check of ${check} accepts the code with the mistake that the learner is to find`);
    }
    if (edition === "learner" && !given.has(check) && !/not written yet/i.test(report.text)) {
      problem(`the check of ${check} should find the exercise unwritten, but says: ${report.text}`);
    }
  }
  return verdict;
}

/** The exercises whose learners get code with a mistake in it, not a throw. */
function exercisesWithCode(notebook: Notebook): Set<string> {
  const cells = notebook.cells.filter((cell) => !/not written yet/.test(sourceOf(cell)));
  return new Set(cells.flatMap(({ metadata }) => metadata.rlhf_lab?.exercise ?? []));
}

/** What check() printed below its cell: "01/x Title: 2 of 3 points". */
function reportOf(outputs: Record<string, unknown>[], id: string) {
  for (const output of outputs) {
    const text = plainText(output);
    const [, points, outOf] = text.startsWith(id) ? (/: (\S+) of (\S+) points/.exec(text) ?? []) : [];
    if (outOf !== undefined) return { points: Number(points), outOf: Number(outOf), text };
  }
  return undefined;
}

/** How many figures a cell owes: its top-level lines that call show(), or one if a deeper line does. */
export function showCalls(cell: NotebookCell): number {
  const lines = sourceOf(cell)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .map((line) => line.replace(/(^|\s)\/\/.*$/, ""));
  const calling = lines.filter((line) => /(^|[^.\w])show\(/.test(line) && !/function show\(/.test(line));
  return Math.max(calling.filter((line) => /^\S/.test(line)).length, Math.min(calling.length, 1));
}

function figureOf(output: Record<string, unknown>): { data?: unknown[] } | undefined {
  const data = output.data as Record<string, unknown> | undefined;
  return data?.[figureMime] as { data?: unknown[] } | undefined;
}

function plainText(output: Record<string, unknown>): string {
  const data = output.data as Record<string, string | string[]> | undefined;
  return [data?.["text/plain"] ?? (output.text as string | string[] | undefined) ?? ""].flat().join("");
}

/** Where a traceback passes through its own cell ("cell 5, line 2", "cell 5:2:1"; other cells may stand above it). */
function errorLine(traceback: unknown, cell: NotebookCell): number | undefined {
  const text = stripVTControlCharacters([traceback].flat().join("\n"));
  for (const [, count, line] of text.matchAll(/\bcell (?:In\[)?(\d+)\]?(?:, line |:)(\d+)/gi)) {
    if (Number(count) === cell.execution_count) return Number(line);
  }
  return undefined;
}
