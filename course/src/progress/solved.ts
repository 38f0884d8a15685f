import { complaint, DomainError, notebookHost } from "rlhf-lab/core";
import { pointsOf } from "../grade/exercise.js";
import { exercisesOf, lessonNumbers } from "../grade/lessons.js";
import { escapeHtml } from "../grade/report.js";
import { tally } from "./tally.js";

/**
 * Shows what you have solved of a lesson so far: every check that you run is written down on this machine, and sent
 * nowhere. `npm run progress` shows all lessons.
 * @param lesson its number, "07"
 * @throws DomainError if there is no such lesson
 */
export async function solved(lesson: string): Promise<void> {
  const exercises = await exercisesOf(lesson);
  if (exercises.length === 0) {
    const numbers = lessonNumbers();
    throw new DomainError(complaint("solved", `a lesson, "${numbers[0]}" to "${numbers.at(-1)}"`, lesson));
  }
  const host = notebookHost();
  const kept = host?.kept?.();
  if (kept === undefined) {
    const nothing = `Lesson ${lesson} has ${exercises.length} exercises. What you solve is written down where you run it in JupyterLab or VS Code.`;
    if (host === undefined) console.log(nothing);
    else host.display({ "text/plain": nothing, "text/html": `<p>${nothing}</p>` });
    return;
  }
  const reached = tally(kept.checks);
  const rows = exercises.map((e) => {
    const { points = 0, solved = undefined } = reached.get(e.id) ?? {};
    return { id: e.id, title: e.title, points, outOf: pointsOf(e), solved: solved !== undefined };
  });
  const done = rows.filter((row) => row.solved).length;
  const all = [...reached.values()].filter((each) => each.solved !== undefined).length;
  const headline = `Lesson ${lesson}: ${done} of ${rows.length} exercises solved. In all lessons: ${all}.`;
  const text = [
    ...kept.said,
    headline,
    ...rows.map((row) => `  ${mark(row)} ${row.id} ${row.title} (${pointsIn(row)})`),
  ];
  const html = [
    ...kept.said.map((sentence) => `<p>${escapeHtml(sentence)}</p>`),
    `<strong>${headline}</strong><ul style="list-style:none;margin:4px 0 0;padding:0">`,
    ...rows.map(
      (row) => `<li>${mark(row)} ${escapeHtml(row.title)} <span style="opacity:.7">(${pointsIn(row)})</span></li>`,
    ),
    "</ul>",
  ];
  if (host === undefined) console.log(text.join("\n"));
  else host.display({ "text/plain": text.join("\n"), "text/html": html.join("") });
}

const mark = (row: { solved: boolean }) => (row.solved ? "✓" : "·");
const pointsIn = ({ points, outOf }: { points: number; outOf: number }) => `${points} of ${outOf} points`;
