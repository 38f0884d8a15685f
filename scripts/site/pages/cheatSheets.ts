// One cheat sheet for each part, to print: the equations of its lessons with their functions, and the mistakes that the
// exercises watch for. All of it is read from the lessons' last tables and from their checks.
import { exercisesOf } from "../../../course/src/grade/lessons.js";
import { escapeHtml } from "../../../lib/src/notebook/html.js";
import { hrefOf, type Lesson, proseOf } from "../lesson.js";
import type { Markdown } from "../markdown.js";
import type { Page } from "../page.js";
import { parts } from "../parts.js";
import { section, tableRows } from "../tables.js";

export async function cheatSheetPages(lessons: readonly Lesson[], md: Markdown): Promise<Page[]> {
  const sheets: Page[] = [];
  for (const part of parts) {
    const own = lessons.filter((lesson) => lesson.part === part);
    if (own.length === 0) continue;
    const title = `Cheat sheet of part ${part.number}: ${part.title}`;
    const body = `<h1>${title}</h1>
<p class="facts">Equations and their functions; then, function by function, the mistakes that the exercises watch for.</p>
${(await Promise.all(own.map((lesson) => sheetOf(lesson, md)))).join("\n")}`;
    const file = `cheat-sheet-${part.number}.html`;
    sheets.push({ file, title: `${title} - rlhf-lab`, body, kind: "cheat", searchable: false });
  }
  const list = sheets.map(({ file, title }) => `<li><a href="${file}">${title.replace(" - rlhf-lab", "")}</a></li>`);
  const body = `<h1>Cheat sheets</h1>
<p class="lead">One for each part, for the wall: what the lessons say on their last page, with the mistakes that are easily made.</p>
<ul>${list.join("\n")}</ul>`;
  return [{ file: "cheat-sheets.html", title: "Cheat sheets - rlhf-lab", body, searchable: false }, ...sheets];
}

async function sheetOf(lesson: Lesson, md: Markdown): Promise<string> {
  const rows = tableRows(section(proseOf(lesson), "On one page"), (cells) => cells.length === 3);
  if (rows.length === 0) throw new Error(`${lesson.name} has no table of three columns under "## On one page".`);
  const table = ["| | Equation | In code |", "| --- | --- | --- |", ...rows.map((row) => `| ${row.join(" | ")} |`)];
  const mistakes = (await exercisesOf(lesson.number)).map(({ gives, title, watches }) => {
    const [[, first = ""] = [], ...others] = Object.entries<string>(watches);
    const also = others.map(([name]) => name.replaceAll("-", " ")).join(", ");
    return `<li><code>${gives.join("</code>, <code>")}</code> <span class="facts">${escapeHtml(title)}</span><br>
${escapeHtml(firstSentence(first))}${also === "" ? "" : ` <span class="facts">Also: ${escapeHtml(also)}.</span>`}</li>`;
  });
  return `<section class="sheet-of" id="lesson-${lesson.number}">
<h2><a href="${hrefOf(lesson)}"><span class="number">${lesson.number}</span> ${md.inline(lesson.title)}</a></h2>
${md.render(table.join("\n"))}
<ul class="mistakes">${mistakes.join("\n")}</ul>
</section>`;
}

const firstSentence = (text: string): string => /^.+?[.?!](?=\s+[A-Z"(]|$)/s.exec(text)?.[0] ?? text;
