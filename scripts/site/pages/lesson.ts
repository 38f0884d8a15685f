// The page of a lesson.
import { cellHtml } from "../cells.js";
import { hrefOf, type Lesson } from "../lesson.js";
import { type Heading, type Markdown, newPage } from "../markdown.js";
import type { Complain } from "../outputs.js";
import type { Page } from "../page.js";

interface Neighbours {
  before?: Lesson;
  after?: Lesson;
}

export function lessonPage(lesson: Lesson, { before, after }: Neighbours, md: Markdown, complain: Complain): Page {
  const page = newPage(lesson.number);
  const [first, ...rest] = lesson.cells.map((cell, i) => cellHtml(cell, i, md, page, complain));
  const opening = first.replace(/<h1 ([^>]*)>(\d\d) /, `<h1 $1><span class="number">$2</span> `);
  const exercises = lesson.cells.filter(({ kind }) => kind === "exercise").length;
  const facts = [
    `<a href="index.html#part-${lesson.part.number}">Part ${lesson.part.number}. ${lesson.part.title}</a>`,
    `${lesson.minutes} minutes`,
    `${exercises} exercises`,
    `<a href="cheat-sheet-${lesson.part.number}.html#lesson-${lesson.number}">cheat sheet</a>`,
    `<a href="notebooks/${lesson.name}.ipynb" download>notebook</a>`,
  ];
  const notice = lesson.executed
    ? ""
    : `<p class="notice">This lesson has not been run yet, so its tables and figures are missing: <code>npm run lessons -- ${lesson.number}</code>, then <code>npm run site</code>.</p>`;
  const link = (to: Lesson | undefined, rel: "prev" | "next", arrow: string) =>
    to === undefined
      ? ""
      : `<a rel="${rel}" href="${hrefOf(to)}"><small>${arrow}</small> ${to.number} ${md.inline(to.title)}</a>`;
  const body = `<p class="facts" data-pagefind-ignore>${facts.join(" · ")}</p>
${notice}
${opening}
${rest.join("\n")}
<nav class="neighbours" aria-label="Other lessons" data-pagefind-ignore>${link(before, "prev", "Before")}${link(after, "next", "Next")}</nav>`;
  return {
    file: hrefOf(lesson),
    title: `${lesson.number} ${lesson.title} - rlhf-lab`,
    description: `${lesson.title} (${lesson.topics})`,
    body,
    aside: contents(page.headings),
    lesson: lesson.number,
    kind: "lesson",
  };
}

/** The headings of level two, and below them the exercises. */
function contents(headings: readonly Heading[]): string {
  const entries = headings
    .filter(({ level }) => level === 2 || level === 3)
    .map(({ level, id, html }) => `<li class="level-${level}"><a href="#${id}">${html}</a></li>`);
  return `<nav class="contents" aria-label="Contents of this page"><details><summary>Contents</summary><ol>${entries.join("\n")}</ol></details></nav>`;
}
