import { type Exercise, notWrittenYet } from "../exercise.js";
import { nearest } from "../nearest.js";
import { type CellCode, translate } from "./cells.js";
import type { Cell } from "./notebook.js";

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
}

export interface Source {
  /** The cell that defines the exercise's functions, if there is one. */
  cell?: Cell;
  /** Cannot be graded, and why. */
  problem?: string;
  /** Gradable, but something was odd. */
  odd?: string;
}

/**
 * Decides which cells to run: imports, the exercises' cells, and what the learner added or changed. Demonstrations that are
 * still as they were handed out are not run, nor are check cells. When marks are lost, cells are found by the functions
 * that they define; of several definitions the last that is written counts.
 * @param handedOut the notebook as learners got it, if known
 */
export function planSubmission(
  cells: readonly Cell[],
  exercises: readonly Exercise[],
  handedOut: readonly Cell[],
): Plan {
  const steps = cells
    .filter((cell) => cell.type === "code" && cell.check === undefined && cell.source.trim() !== "")
    .map((cell): Step => ({ cell, code: translate(cell.source), run: "on demand" }));
  const plan: Plan = { steps, exercises: new Map() };
  const asHandedOut = new Set(handedOut.map((cell) => cell.source.trim()));
  for (const step of steps) {
    if (!asHandedOut.has(step.cell.source.trim())) step.run = "all";
    else if (step.cell.needed) step.run = "all";
    else if (step.code.imports) step.run = "imports";
  }
  for (const e of exercises) plan.exercises.set(e.id, locate(e, steps));
  return plan;
}

/** Finds the cells of an exercise and marks them to be run. */
function locate(e: Exercise, steps: Step[]): Source {
  const marked = steps.filter((s) => s.cell.exercise === e.id);
  const defining = steps.filter((s) => e.gives.some((name) => s.code.declares.includes(name)));
  for (const step of [...marked, ...defining]) step.run = "all";
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
  else if (!marked.includes(last))
    odd.push(`${e.gives[0]} is defined outside of the exercise's cell, in cell ${last.cell.number}`);
  if (written.length > 1 && e.gives.length === 1) {
    odd.push(`${e.gives[0]} is defined in ${written.length} cells; the last one, cell ${last.cell.number}, counts`);
  } else if (marked.length > 1) {
    odd.push(`the exercise's cell is there ${marked.length} times; cell ${last.cell.number} counts`);
  }
  if (broken !== undefined && broken !== last) {
    odd.push(`cell ${broken.cell.number} has a syntax error, ${broken.code.syntaxError}`);
  }
  return { cell: last.cell, odd: odd.length > 0 ? odd.join("; ") : undefined };
}
