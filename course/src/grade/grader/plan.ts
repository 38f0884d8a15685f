import { type Exercise, notWrittenYet } from "../exercise.js";
import { nearest } from "../nearest.js";
import type { CellCode } from "./cells.js";
import type { Cell } from "./notebook.js";
import { translateAll } from "./translate.js";

/** What to run of a submission, in the notebook's order, and what was odd about it. */
export interface Plan {
  steps: Step[];
  /** Exercise id -> where its functions come from. */
  exercises: Map<string, Source>;
}

export interface Step {
  cell: Cell;
  code: CellCode;
  /** all of the cell; its imports only; or nothing unless somebody needs a name that it declares. */
  run: "all" | "imports" | "on demand";
  /** It is an exercise's cell, or defines one of its functions. */
  forExercise: boolean;
}

export interface Source {
  /** The cell that defines the exercise's functions, if there is one. */
  cell?: Cell;
  /** Cannot be graded, and why. */
  problem?: string;
  /** Gradable, but something was odd. */
  odd?: string;
}

/** A learner's own cells beyond these run only when somebody uses a name that they declare. A lesson has fifty. */
const MANY_CELLS = 1000;

/**
 * Decides which cells to run: imports, the exercises' cells, and what the learner added or changed. Demonstrations
 * and checks that are still as they were handed out are not run. When marks are lost, cells are found by the
 * functions that they define; of several definitions the last that is written counts. An answer may stand in a cell
 * that has become Markdown or raw.
 * @param handedOut the notebook as learners got it, if known
 */
export async function planSubmission(
  cells: readonly Cell[],
  exercises: readonly Exercise[],
  handedOut: readonly Cell[],
  compilerSeconds?: number,
): Promise<Plan> {
  const asHandedOut = new Set(handedOut.map((cell) => cell.source.trim()));
  const mentionsAnswer = new RegExp(`\\b(${exercises.flatMap((e) => e.gives).join("|")})\\b`);
  const forExercise = (cell: Cell) => cell.exercise !== undefined || mentionsAnswer.test(cell.source);
  const read = cells.filter((cell) => {
    const own = !asHandedOut.has(cell.source.trim());
    if (cell.source.trim() === "") return false;
    return cell.type === "code" ? cell.check === undefined || own : own && forExercise(cell);
  });
  // Those that matter are translated first, as there is a limit for all.
  const order = [...read.filter(forExercise), ...read.filter((cell) => !forExercise(cell))];
  const sources = order.map((cell) => cell.source);
  const codes = new Map((await translateAll(sources, compilerSeconds)).map((code, i) => [order[i], code]));
  const answers = (cell: Cell) =>
    exercises.some((e) => e.gives.some((name) => codes.get(cell)?.declares.includes(name)));
  const steps = read
    .filter((cell) => cell.type === "code" || answers(cell))
    .map((cell): Step => ({ cell, code: codes.get(cell) as CellCode, run: "on demand", forExercise: false }));
  let own = 0;
  for (const step of steps) {
    if (!asHandedOut.has(step.cell.source.trim())) {
      if (++own <= MANY_CELLS) step.run = "all";
    } else if (step.cell.needed) step.run = "all";
    else if (step.code.imports) step.run = "imports";
  }
  return { steps, exercises: new Map(exercises.map((e) => [e.id, locate(e, steps)])) };
}

/** Finds the cells of an exercise and marks them to be run. */
function locate(e: Exercise, steps: Step[]): Source {
  const marked = steps.filter((s) => s.cell.exercise === e.id);
  const defining = steps.filter((s) => e.gives.some((name) => s.code.declares.includes(name)));
  for (const step of [...marked, ...defining]) Object.assign(step, { run: "all", forExercise: true });
  const isStub = (s: Step) => s.cell.source.includes(notWrittenYet(e.id));
  const written = defining.filter((s) => !isStub(s));
  const last = written.at(-1) ?? defining.at(-1);
  // A stub after the answer must not replace it.
  if (last !== undefined && !isStub(last)) {
    for (const step of defining) if (isStub(step) && step.cell.number > last.cell.number) step.run = "on demand";
  }
  const broken = marked.find((s) => s.code.syntaxError !== undefined);
  if (last === undefined) {
    if (broken !== undefined) {
      return { cell: broken.cell, problem: `the cell has a syntax error, ${broken.code.syntaxError}` };
    }
    const wants = e.gives.join(" and ");
    if (marked.length === 0) return { problem: `no cell defines ${wants}: was the exercise's cell deleted?` };
    const declared = marked.flatMap((s) => s.code.declares);
    const renamed = nearest(e.gives[0], declared) ?? declared[0];
    const hint = renamed === undefined ? "" : `; it defines ${renamed}: was it renamed?`;
    return { cell: marked.at(-1)?.cell, problem: `the exercise's cell does not define ${wants}${hint}` };
  }
  const absent = e.gives.filter((name) => !defining.some((s) => s.code.declares.includes(name)));
  if (absent.length > 0)
    return { cell: last.cell, problem: `no cell defines ${absent.join(" and ")}: was it renamed?` };
  const odd: string[] = [];
  if (marked.length === 0) odd.push(`the exercise's mark is gone; found ${e.gives[0]} in cell ${last.cell.number}`);
  else if (last.cell.check !== undefined)
    odd.push(`${e.gives[0]} is defined in the cell of a check, cell ${last.cell.number}`);
  else if (!marked.includes(last))
    odd.push(`${e.gives[0]} is defined outside of the exercise's cell, in cell ${last.cell.number}`);
  if (written.length > 1 && e.gives.length === 1) {
    odd.push(`${e.gives[0]} is defined in ${written.length} cells; the last one, cell ${last.cell.number}, counts`);
  } else if (marked.length > 1) {
    odd.push(`the exercise's cell is there ${marked.length} times; cell ${last.cell.number} counts`);
  }
  if (last.cell.type !== "code") {
    odd.push(
      `cell ${last.cell.number} has become a ${last.cell.type === "raw" ? "raw" : "Markdown"} cell; it was read as code`,
    );
  }
  if (broken !== undefined && broken !== last) {
    odd.push(`cell ${broken.cell.number} has a syntax error, ${broken.code.syntaxError}`);
  }
  return { cell: last.cell, odd: odd.length > 0 ? odd.join("; ") : undefined };
}
