// The lines and the table of npm run lessons.
import { MultiBar, type SingleBar } from "cli-progress";
import Table from "cli-table3";
import { type Edition, sourceOf } from "../master/build.js";
import type { Master } from "../master/parse.js";
import type { Execution } from "./execute.js";
import type { Verdict } from "./judge.js";
import { limitsOf } from "./limits.js";

/** One notebook, run and judged. */
export interface Run {
  master: Master;
  edition: Edition;
  execution: Execution;
  verdict: Verdict;
}

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

export const titleOf = ({ master, edition }: Pick<Run, "master" | "edition">) =>
  edition === "solution" ? master.name : `${master.name} (learner's)`;

/** Whether it took more than its limit. */
export const isLong = ({ master, execution }: Run) => execution.total > limitsOf(master.lesson).lesson;

/** A notebook passes when it ran to its end and nothing is wrong with what it shows. */
export const hasPassed = ({ execution, verdict }: Run) =>
  execution.fatal === undefined && verdict.problems.length === 0;

/** Progress as bars on a terminal, and as a line per quarter in a log. */
export class Progress {
  readonly #bars?: MultiBar;
  readonly #known = new Map<string, SingleBar | number>();

  constructor(terminal = process.stderr.isTTY === true) {
    const format = "{bar} {value}/{total} cells  {title}";
    if (terminal) this.#bars = new MultiBar({ format, hideCursor: true, stream: process.stderr, barsize: 24 });
  }

  update(title: string, done: number, cells: number): void {
    const known = this.#known.get(title);
    if (this.#bars !== undefined) {
      const bar = (known as SingleBar | undefined) ?? this.#bars.create(cells, 0, { title });
      this.#known.set(title, bar);
      bar.update(done);
      return;
    }
    const quarter = cells === 0 ? 4 : Math.floor((4 * done) / cells);
    if (known === quarter) return;
    this.#known.set(title, quarter);
    console.error(`${title}: ${done}/${cells} cells`);
  }

  stop(): void {
    this.#bars?.stop();
  }
}

export function summaryTable(runs: readonly Run[]): string {
  const table = new Table({
    head: ["lesson", "cells", "figures", "checks passed", "slowest cell", "seconds", "of processors", ""],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const run of runs) {
    const { execution, verdict } = run;
    const cells = run.master.cells.filter((cell) => cell.kind !== "markdown").length;
    const slowest = [...execution.seconds].reduce((a, b) => (b[1] > a[1] ? b : a), [-1, 0] as [number, number]);
    table.push([
      titleOf(run),
      execution.seconds.size === cells ? cells : `${execution.seconds.size}/${cells}`,
      verdict.figures,
      run.edition === "solution" ? `${verdict.passed}/${verdict.checks}` : `${verdict.checks} unwritten`,
      slowest[0] < 0 ? "" : `${slowest[1].toFixed(1)} s (line ${run.master.cells[slowest[0]].line})`,
      execution.total.toFixed(1),
      sum(execution.processor.values()).toFixed(1),
      hasPassed(run) ? (isLong(run) ? "took long" : "") : "failed",
    ]);
  }
  return table.toString();
}

/** The cells that took most of the processors, longest first, and what all of them took. */
export function longestCells(runs: readonly Run[], count = 20): string {
  const cells = runs.flatMap((run) => {
    return [...run.execution.processor].map(([cell, processor]) => ({ run, cell, processor }));
  });
  const table = new Table({
    head: ["of processors", "seconds", "cell", ""],
    colAligns: ["right", "right", "left", "left"],
    style: { head: [], border: [] },
  });
  for (const { run, cell, processor } of cells.sort((a, b) => b.processor - a.processor).slice(0, count)) {
    const seconds = run.execution.seconds.get(cell)!;
    const place = `${titleOf(run)}, line ${run.master.cells[cell].line}`;
    const opening = sourceOf(run.execution.notebook!.cells[cell]).split("\n")[0];
    table.push([processor.toFixed(1), seconds.toFixed(1), place, opening.slice(0, 50)]);
  }
  const total = sum(cells.map(({ processor }) => processor));
  return `${table}
All cells took ${total.toFixed(0)} s of processors.`;
}

/** Everything that is wrong with one run, with the place in the master and the cell's line. */
export function problemLines(run: Run): string[] {
  const { master, execution, verdict } = run;
  const lines: string[] = [];
  const place = (cell: number) => `course/lessons/${master.name}/lesson.ts:${master.cells[cell].line}`;
  for (const { cell, message, line } of verdict.problems) {
    lines.push(`${titleOf(run)}, cell at ${place(cell)}`);
    const source = sourceOf(execution.notebook!.cells[cell]).split("\n");
    const shown = line === undefined ? undefined : source[line - 1];
    lines.push(shown === undefined ? `    ${source[0]}` : `    line ${line}: ${shown.trim()}`);
    lines.push(...message.split("\n").map((text) => `    ${text}`));
  }
  if (execution.fatal !== undefined) {
    const { cell, message } = execution.fatal;
    lines.push(
      cell === undefined ? `${titleOf(run)}: ${message}` : `${titleOf(run)}, cell at ${place(cell)}: ${message}`,
    );
    if (cell !== undefined) lines.push(`    ${sourceOf(execution.notebook!.cells[cell]).split("\n")[0]}`);
  }
  return lines;
}
