// Reads one lesson for the site: the learner's text, the answers, and what the executed solution showed.
import { executedKey, readExecuted } from "../lessons/executed.js";
import { type Notebook, sourceOf } from "../master/build.js";
import { editionsOf } from "../master/course.js";
import { lessonRows } from "../master/lessonRows.js";
import type { Master } from "../master/parse.js";
import { type Part, partOf } from "./parts.js";

export type SiteCell =
  | { kind: "markdown"; text: string }
  | {
      kind: "code" | "exercise" | "check";
      source: string;
      /** The solved exercise. */
      answer?: string;
      /** The exercise that it poses or checks. */
      exercise?: string;
      /** Whether the notebook shows it folded: imports, and long code of a figure. */
      folded: boolean;
      outputs: Record<string, unknown>[];
    };

export interface Lesson {
  /** "01" */
  number: string;
  /** "01-what-does-a-comparison-tell-us", also its page's name. */
  name: string;
  title: string;
  /** What the README says of it: topics, minutes, and the lessons it builds on. */
  topics: string;
  minutes: number;
  needs: string;
  part: Part;
  cells: SiteCell[];
  /** The learner's notebook, to be downloaded. */
  notebook: string;
  /** Whether there are outputs, of just this text and this library. */
  executed: boolean;
}

export const hrefOf = ({ name }: Pick<Lesson, "name">) => `${name}.html`;

/** All Markdown of a lesson, in order. */
export const proseOf = ({ cells }: Pick<Lesson, "cells">) =>
  cells.flatMap((cell) => (cell.kind === "markdown" ? [cell.text] : [])).join("\n\n");

/** @param executedIn the folder of executed lessons, by default the project's */
export async function readLesson(master: Master, executedIn?: string): Promise<Lesson> {
  const [learner, solution] = await editionsOf(master);
  const executed = readExecuted(master.lesson, executedKey(master, solution.text), executedIn);
  const stubs = (JSON.parse(learner.text) as Notebook).cells;
  const solved = (executed ?? (JSON.parse(solution.text) as Notebook)).cells;
  const cells = stubs.map((stub, i): SiteCell => {
    const source = sourceOf(stub);
    if (stub.cell_type === "markdown") return { kind: "markdown", text: source };
    const { exercise, check } = stub.metadata.rlhf_lab ?? {};
    const kind = exercise !== undefined ? "exercise" : check !== undefined ? "check" : "code";
    return {
      kind,
      source,
      ...(kind === "exercise" ? { answer: sourceOf(solved[i]) } : {}),
      exercise: exercise ?? check,
      folded: stub.metadata.jupyter?.source_hidden === true,
      outputs: solved[i].outputs ?? [],
    };
  });
  const first = cells[0].kind === "markdown" ? cells[0].text : "";
  const title = /^# \d\d (.+)$/m.exec(first)?.[1] ?? master.name;
  return {
    number: master.lesson,
    name: master.name,
    title,
    ...inReadme(master.lesson),
    part: partOf(master.lesson),
    cells,
    notebook: learner.text,
    executed: executed !== undefined,
  };
}

/** The lesson's row of the README. */
function inReadme(lesson: string): Pick<Lesson, "topics" | "minutes" | "needs"> {
  const row = lessonRows().find((row) => row.lesson === lesson);
  if (row === undefined) throw new Error(`README.md has no row for lesson ${lesson} in its table of lessons.`);
  const { about, minutes, needs } = row;
  return { topics: about, minutes, needs };
}
