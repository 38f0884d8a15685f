// The page that JupyterLab opens on: what this is, the map of the lessons, how to work, what is solved so far.
import type { Reached } from "../../course/src/progress/tally.js";
import type { Lesson } from "./lessonMap.js";

/** @param reached exercise -> what the learner has reached in it */
export function welcomePage(
  lessons: readonly Lesson[],
  reached: ReadonlyMap<string, Reached>,
  said: readonly string[] = [],
) {
  const states = lessons.map((lesson) => ({ lesson, ...stateOf(lesson, reached) }));
  const solved = states.reduce((sum, state) => sum + state.solved, 0);
  const all = states.reduce((sum, { lesson }) => sum + lesson.exercises.size, 0);
  const next = nextLesson(states, reached);
  const minutes = lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
  return `# Welcome to rlhf-lab

How do preferences become behaviour, and where does that go wrong? ${lessons.length} lessons on reinforcement learning for generative
models, alignment and safety. Each is a notebook: a question, the equations with their names in code, an experiment that you
can change, figures, and exercises that tell you what went wrong. In every world of the course the true utility is known, so you
see the distance between what people want, what they say, what we learn from it, and what optimising it does.

## Where you are

${said.map((sentence) => `${sentence}\n\n`).join("")}You have solved **${solved} of ${all}** exercises. ${next}

## The lessons

| | question | minutes | needs | solved |
| --- | --- | --- | --- | --- |
${states.map(rowOf).join("\n")}

Minutes are for a reader who runs every cell and does every exercise, ${Math.round(minutes / 60)} hours in all; long lessons say where to stop for the day. A way through
lessons 05 to 10 that meets each idea before it is used: 05, the first half of 06, 07, the rest of 06, sections 1 to 3 of 09, 08,
the rest of 09, 10. [Every symbol in one table](Symbols.md). The same lessons with every exercise solved are in the folder \`solutions\`.

## How to work with a lesson

- **Run a cell** with Shift+Enter, from the top down: a cell uses what those above it have made. *Run > Run All Cells* runs them all.
- **Change something, run it again.** A cell says what is worth trying; figures redraw. If variables are in a muddle, *Kernel > Restart Kernel and Run
  Up to Selected Cell*.
- **Stop** a cell that takes too long with the square button. Variables stay.
- **Exercises** are cells that say *not written yet*. Write, run, then run the check below: it gives points, and says in words what is wrong.
- **Your answers are yours**: this folder is a copy for you. When the course has a new version, \`npm start\` takes it over and puts your work into it (on a
  JupyterHub the start of your server does); how a notebook was before lies in \`earlier\`. To begin a lesson afresh, delete or rename your copy and start again.
- **What you solve** is written down on this machine and sent nowhere. \`solved("07")\` at a lesson's end shows it, \`npm run progress\` prints it all.

This page is made anew when something is solved (on a JupyterHub, when your server starts): reload it in the browser to see.
`;
}

function stateOf({ exercises }: Lesson, reached: ReadonlyMap<string, Reached>) {
  const ids = [...exercises.keys()];
  return {
    solved: ids.filter((id) => reached.get(id)?.solved !== undefined).length,
    begun: ids.some((id) => reached.has(id)),
  };
}

type State = ReturnType<typeof stateOf> & { lesson: Lesson };

function rowOf({ lesson: { lesson, file, question, about, minutes, needs, exercises }, solved, begun }: State): string {
  const done =
    solved === exercises.size
      ? `✓ all ${solved}`
      : begun
        ? `${solved} of ${exercises.size}`
        : `${exercises.size} exercises`;
  return `| ${lesson} | [${question}](${file}) ${about} | ${minutes} | ${needs} | ${done} |`;
}

/** Where to go on: the lesson that was worked on last, else the first, of those in which something is left. */
function nextLesson(states: readonly State[], reached: ReadonlyMap<string, Reached>): string {
  const open = states.filter(({ lesson, solved }) => solved < lesson.exercises.size);
  if (open.length === 0) return "That is all of them.";
  const last = [...reached.keys()].at(-1)?.slice(0, 2);
  const next = open.find(({ lesson }) => lesson.lesson === last) ?? open[0];
  const { lesson, file, question } = next.lesson;
  return `${reached.size === 0 ? "Begin" : "Go on"} with [${lesson} ${question}](${file}).`;
}
