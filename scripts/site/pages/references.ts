// What to read: the ends of the lessons in one place, and the papers that several of them lead to.
import { hrefOf, type Lesson, proseOf } from "../lesson.js";
import type { Markdown } from "../markdown.js";
import type { Page } from "../page.js";
import { section } from "../tables.js";

/** The section of a lesson that says where to read on. */
export const readingOf = (lesson: Lesson): string => {
  const prose = proseOf(lesson);
  return section(prose, "Read on") || section(prose, "Where to read on");
};

export function referencesPage(lessons: readonly Lesson[], md: Markdown): Page {
  const papers = new Map<string, Set<Lesson>>();
  for (const lesson of lessons) {
    for (const [, paper] of readingOf(lesson).matchAll(/arXiv:(\d{4}\.\d{4,5}|[a-z-]+\/\d{7})/g)) {
      papers.set(paper, (papers.get(paper) ?? new Set()).add(lesson));
    }
  }
  const shared = [...papers].filter(([, where]) => where.size > 1).sort(([, a], [, b]) => b.size - a.size);
  const link = (lesson: Lesson) => `<a href="${hrefOf(lesson)}">${lesson.number}</a>`;
  const rows = shared.map(
    ([paper, where]) => `<li>${md.inline(`arXiv:${paper}`)}: lessons ${[...where].map(link).join(", ")}</li>`,
  );
  const own = lessons
    .filter((lesson) => readingOf(lesson) !== "")
    .map(
      (lesson) =>
        `<h2 id="lesson-${lesson.number}"><a href="${hrefOf(lesson)}">${lesson.number} ${md.inline(lesson.title)}</a></h2>
${md.render(readingOf(lesson))}`,
    );
  const body = `<h1>References</h1>
<p class="lead">What each lesson stands on, and where to read on: ${papers.size} papers by their arXiv numbers, and what is older than arXiv.</p>
${own.join("\n")}
${rows.length > 0 ? `<h2 id="shared">Papers that several lessons lead to</h2>\n<ul>${rows.join("\n")}</ul>` : ""}`;
  return { file: "references.html", title: "References - rlhf-lab", body };
}
