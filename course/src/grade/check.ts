import { complaint, DomainError, InterruptError, LabError, notebookHost } from "rlhf-lab/core";
import { type Exercise, isNotWrittenYet } from "./exercise.js";
import { callLearner, LearnerError } from "./learner.js";
import { allExercises, exercisesOf } from "./lessons.js";
import { nearest } from "./nearest.js";
import { reportHtml, reportText } from "./report.js";
import { diagnosis, type PartResult, runPart } from "./run.js";

/**
 * What `check` found. Under nbgrader it prints as the bare number of points, where nbgrader reads partial credit from.
 */
export class CheckResult {
  constructor(
    readonly id: string,
    readonly title: string,
    readonly parts: readonly PartResult[],
    /** Said once for the whole exercise, when no part could run. */
    readonly problem = "",
  ) {}
  get points(): number {
    return this.parts.reduce((sum, p) => sum + p.points, 0);
  }
  get outOf(): number {
    return this.parts.reduce((sum, p) => sum + p.outOf, 0);
  }
  get passed(): boolean {
    return this.parts.length > 0 && this.parts.every((p) => p.passed);
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return underNbgrader() ? String(this.points) : `${this.points} of ${this.outOf} points`;
  }
  /** As a cell's last value it shows nothing: the report above it has said it all. nbgrader reads the number. */
  toMimeBundle(): Record<string, string> {
    return underNbgrader() ? { "text/plain": String(this.points) } : {};
  }
}

/** Thrown by `check` where a failed check has to be an error: under nbgrader, or when RLHF_LAB_STRICT_CHECKS is set. */
export class CheckError extends LabError {}

/**
 * Checks an exercise and shows the report under the cell: points for each part, what is wrong, and where to look.
 * An exercise that is not written yet, or wrong, is no error; nothing is thrown, so that "Run All" goes on. (Under
 * nbgrader, which reads points from errors, an exercise with no points at all throws CheckError after its report.)
 * @param id lesson and name, "01/log-likelihood"
 * @param functions the functions that the exercise asks for, by name
 * @param options `seconds`: time limit for the whole exercise, 20 unless told; it stops what
 *   awaits, not a synchronous loop
 * @throws DomainError if there is no such exercise; InterruptError when the learner interrupts
 */
export async function check(
  id: string,
  functions: Record<string, unknown>,
  options: { seconds?: number } = {},
): Promise<CheckResult> {
  const e = await findExercise(id);
  const result = await run(e, functions ?? {}, options.seconds ?? 20);
  const host = notebookHost();
  // First, so that what the learner has seen is written down.
  const trouble = result.problem === "" ? keep(result) : undefined;
  if (host !== undefined) host.display({ "text/html": reportHtml(result), "text/plain": reportText(result) });
  else console.log(reportText(result));
  if (trouble !== undefined) console.warn(trouble);
  if (underNbgrader() && result.points === 0) throw new CheckError(`${e.id}: 0 of ${result.outOf} points`);
  return result;
}

/** Writes the result down where there is somebody who keeps it. Returns what to say if that failed. */
function keep({ id, points, outOf }: CheckResult): string | undefined {
  return notebookHost()?.keep?.({ exercise: id, points, outOf });
}

/** nbgrader sets NBGRADER_EXECUTION ("autograde" or "validate") while it runs a notebook. */
function underNbgrader(): boolean {
  return Boolean(process.env.NBGRADER_EXECUTION || process.env.RLHF_LAB_STRICT_CHECKS);
}

async function findExercise(id: string): Promise<Exercise> {
  const lesson = String(id).slice(0, 2);
  const found = (await exercisesOf(lesson)).find((e) => e.id === id);
  if (found !== undefined) return found;
  const ids = (await allExercises()).map((e) => e.id);
  const close = nearest(String(id), ids);
  const hint = close === undefined ? "" : `Did you mean "${close}"?`;
  throw new DomainError(complaint("check", "the id of an exercise", id, hint));
}

async function run(e: Exercise, functions: Record<string, unknown>, seconds: number): Promise<CheckResult> {
  const failed = (problem: string) =>
    new CheckResult(
      e.id,
      e.title,
      e.parts.map((p) => ({ ...blank(p), message: problem })),
      problem,
    );
  const problem = missing(e, functions) ?? outlived(e, functions);
  if (problem !== undefined) return failed(problem);
  const call = (name: string, args: unknown[]) =>
    callLearner(name, functions[name] as (...args: unknown[]) => unknown, args);
  const deadline = new Deadline(seconds, e.gives.join(", "));
  const parts: PartResult[] = [];
  try {
    for (const part of e.parts) {
      const result = { ...blank(part), message: deadline.message };
      parts.push(result);
      if (deadline.message !== "") continue;
      try {
        await deadline.within(runPart(e, part, call));
        Object.assign(result, { passed: true, points: part.points });
      } catch (error) {
        if (error instanceof InterruptError) throw error;
        result.message = diagnosis(error);
      }
    }
  } finally {
    deadline.end();
  }
  // A stub says the same thing in every part: once is enough.
  if (parts.every((p) => isNotWrittenYet(p.message))) {
    return failed(
      `Not written yet. Fill in ${e.gives.join(" and ")} in the cell above, run it, then run this one again.`,
    );
  }
  return new CheckResult(e.id, e.title, parts);
}

function blank(part: Exercise["parts"][number]): PartResult {
  return { name: part.name, points: 0, outOf: part.points, passed: false, message: "", look: part.look };
}

/** What is wrong with the functions that came, or undefined. */
function missing(e: Exercise, functions: Record<string, unknown>): string | undefined {
  const came = Object.keys(functions);
  for (const name of e.gives) {
    if (typeof functions[name] === "function") continue;
    const wants = `check("${e.id}", { ${e.gives.join(", ")} })`;
    if (came.includes(name)) {
      const what = functions[name] === undefined ? "undefined" : `a ${typeof functions[name]}`;
      return `${name} is ${what}, not a function. Run the cell that defines it, then this one: ${wants}.`;
    }
    const others = came.filter((c) => !e.gives.includes(c));
    const renamed = others.length > 0 ? ` Got ${others.join(", ")} instead: was it renamed?` : "";
    return `There is no ${name}: this exercise is checked with ${wants}.${renamed}`;
  }
  return undefined;
}

/** That the notebook still holds an older function than the one that the learner means, or undefined. */
function outlived(e: Exercise, functions: Record<string, unknown>): string | undefined {
  for (const name of e.gives) {
    const cell = notebookHost()?.replacementThatFailed?.(functions[name]);
    if (cell === undefined) continue;
    return (
      `This ${name} is the older one, so it was not checked: ${cell}, the last cell that writes ${name}, was refused by the ` +
      `compiler or ended with an error before it. Mend that cell (what is wrong stands under it), run it, then this one again.`
    );
  }
  return undefined;
}

/** One time limit for all parts, and the learner's interrupt. */
class Deadline {
  private timer: NodeJS.Timeout | undefined;
  private stop: () => void = () => {};
  /** Set when time is up. */
  message = "";
  private readonly over: Promise<never>;
  constructor(seconds: number, who: string) {
    this.over = new Promise((_, reject) => {
      this.timer = setTimeout(() => {
        this.message = `${who} took longer than ${seconds} seconds: does a loop, or an await, never end?`;
        reject(new LearnerError(this.message, "fatal"));
      }, seconds * 1000);
      const signal = notebookHost()?.interrupt;
      const onAbort = () => reject(new InterruptError("check: interrupted"));
      if (signal?.aborted) onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      this.stop = () => signal?.removeEventListener("abort", onAbort);
    });
    this.over.catch(() => {});
  }
  within(work: Promise<void>): Promise<void> {
    work.catch(() => {}); // late, when time was up first
    return Promise.race([this.over, work]);
  }
  end(): void {
    clearTimeout(this.timer);
    this.stop();
  }
}
