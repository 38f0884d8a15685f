// The cells of a lesson as HTML. The live cells (scripts/site/live) find them by these classes and data.
import { codeBlock } from "./code.js";
import type { SiteCell } from "./lesson.js";
import type { Markdown, PageState } from "./markdown.js";
import { type Complain, outputsHtml } from "./outputs.js";

/**
 * One cell: text, or `<section class="cell" data-cell data-kind>` with its code, which is the exact source, and its
 * outputs. `index`: its place in the notebook.
 */
export function cellHtml(cell: SiteCell, index: number, md: Markdown, page: PageState, complain: Complain): string {
  if (cell.kind === "markdown") return md.render(cell.text, page);
  const lines = cell.source.split("\n").length;
  const code = codeBlock(cell.source);
  const parts = [cell.folded ? folded(/^import\b/.test(cell.source) ? "Imports" : `Code, ${lines} lines`, code) : code];
  if (cell.answer !== undefined) parts.push(folded("An answer", codeBlock(cell.answer), "answer"));
  const outputs = outputsHtml(cell.outputs, complain);
  const said = cell.kind === "check" && outputs !== "" ? '<p class="facts">To the answer above it says:</p>\n' : "";
  parts.push(`<div class="outputs">${said}${outputs}</div>`);
  return `<section class="cell" data-cell="${index}" data-kind="${cell.kind}">${parts.join("\n")}</section>`;
}

const folded = (summary: string, content: string, kind = "code") =>
  `<details class="${kind}"><summary>${summary}</summary>${content}</details>`;
