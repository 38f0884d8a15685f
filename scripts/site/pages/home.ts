// The first page: what this is, and the lessons by part.
import { hrefOf, type Lesson } from "../lesson.js";
import type { Markdown } from "../markdown.js";
import type { Page } from "../page.js";
import { parts } from "../parts.js";

export function homePage(lessons: readonly Lesson[], md: Markdown): Page {
  const entry = (lesson: Lesson) => `<li>
<a class="question" href="${hrefOf(lesson)}"><span class="number">${lesson.number}</span> ${md.inline(lesson.title)}</a>
<p>${md.inline(lesson.topics)}</p>
<p class="facts">${lesson.minutes} minutes · needs ${md.inline(lesson.needs.replace(/\b\d\d\b/, (n) => `lesson ${n}`))}${lesson.executed ? "" : " · not run yet"}</p>
</li>`;
  const shown = parts
    .map((part) => ({ part, own: lessons.filter((lesson) => lesson.part === part) }))
    .filter(({ own }) => own.length > 0)
    .map(
      ({ part, own }) => `<section>
<h2 id="part-${part.number}">Part ${part.number}. ${part.title}</h2>
<ol class="lessons">${own.map(entry).join("\n")}</ol>
<p class="facts"><a href="cheat-sheet-${part.number}.html">Cheat sheet of part ${part.number}</a>, to print</p>
</section>`,
    );
  const body = `<h1>What people want, what they say, and what we optimise</h1>
<p class="lead">A course you can run on reinforcement learning for generative models, alignment and safety. Every lesson is a
question, the equations with their names in code, experiments you can change, figures, and exercises that tell you what went wrong.</p>
<p>In every world of the course the true utility is known. So each lesson can show the distance between what people want, what they
say, what we learn from it, and what optimising it does. These pages show the lessons as they ran; answers are folded away under each
exercise. A cell with a button <b>Run</b> runs here, in your browser: change a number, or write an answer and have it checked. For the cells
that need tensors, get the project and say <code>npm start</code>: it opens the same lessons as notebooks, offline, on a laptop.</p>
${shown.join("\n")}`;
  return {
    file: "index.html",
    title: "rlhf-lab: a course you can run",
    body,
    kind: "home",
    description:
      "A course on reinforcement learning from human feedback, alignment and safety, in notebooks with graded exercises.",
  };
}
