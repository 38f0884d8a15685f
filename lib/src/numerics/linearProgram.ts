import type { HighsConstants, ModelData, ModelStatusCode } from "highs";
import { checkCount, checkFinite, checkLength, checkNonNegative } from "../core/checks.js";
import {
  ConvergenceError,
  complaint,
  DomainError,
  InfeasibleError,
  ShapeError,
  UnboundedError,
} from "../core/index.js";
import { highs } from "./highs.js";

/** Coefficients of the variables: all of them in order, or [variable, coefficient] for those that are not 0. */
export type LinearForm = ArrayLike<number> | readonly (readonly [variable: number, coefficient: number])[];

/** A linear constraint on the variables; `equals`, or one or both of the others. */
export interface LinearConstraint {
  form: LinearForm;
  atMost?: number;
  atLeast?: number;
  equals?: number;
}

export interface LinearProgram {
  /** How many variables there are. */
  variables: number;
  /** What to make as large, or as small, as it can be; one of the two. */
  maximise?: LinearForm;
  minimise?: LinearForm;
  subjectTo?: readonly LinearConstraint[];
  /**
   * Least and greatest value of each variable, or of all; 0 and Infinity by default. -Infinity leaves a variable free.
   */
  lower?: number | ArrayLike<number>;
  upper?: number | ArrayLike<number>;
  /** Which variables must be whole numbers: true for all, or their numbers. */
  integer?: true | readonly number[];
  /** How far below the best an integer program may stop, relative to it; 0 by default. */
  gap?: number;
  /** Seconds after which the solver gives up; 60 by default. */
  timeLimit?: number;
}

export interface LinearOptimum {
  /** The variables at the optimum; where several optima tie, one of them. */
  x: Float64Array;
  /** The objective there. */
  value: number;
  /**
   * The price of each constraint, [constraints]: by how much `value` changes per unit of its right side (the
   * derivative, where there is one). NaN for integer programs, which have none.
   */
  duals: Float64Array;
}

/**
 * Solves a linear or mixed-integer program, max or min c'x subject to linear constraints and bounds, by HiGHS (Huangfu
 * and Hall 2018, doi:10.1007/s12532-017-0130-5).
 * @example
 * const subjectTo = [{ form: [1, 1], atMost: 4 }];
 * (await linearProgram({ variables: 2, maximise: [3, 2], subjectTo, upper: [3, 9] })).value // 11
 * @throws InfeasibleError if nothing satisfies the constraints, UnboundedError if the objective has no bound;
 *   ShapeError, DomainError for a program that cannot be read; ConvergenceError if the time is over
 *   or the solver gives up
 */
export async function linearProgram(program: LinearProgram): Promise<LinearOptimum> {
  const { variables, subjectTo = [], integer, gap = 0, timeLimit = 60 } = program;
  checkCount("variables", variables);
  if ((program.maximise === undefined) === (program.minimise === undefined)) {
    throw new DomainError(complaint("objective", "one of maximise and minimise", Object.keys(program)));
  }
  const maximise = program.maximise !== undefined;
  const objective = terms(maximise ? "maximise" : "minimise", program.maximise ?? program.minimise ?? [], variables);
  const lower = bounds("lower", program.lower ?? 0, variables);
  const upper = bounds("upper", program.upper ?? Number.POSITIVE_INFINITY, variables);
  const whole = integer === true ? Array.from({ length: variables }, (_, j) => j) : (integer ?? []);
  whole.forEach((j, i) => {
    checkVariable(() => `integer[${i}]`, j, variables);
  });
  checkNonNegative("gap", gap);
  const { rowLower, rowUpper, starts, indices, values } = rowsOf(subjectTo, variables);
  // The solver's columns are the variables in the order in which the program names them. Which of several optima
  // it finds depends on an order; this is the one that a text in the LP format would have.
  const named = new Set([...objective.keys(), ...indices, ...Array.from({ length: variables }, (_, j) => j)]);
  const variable = Int32Array.from(named);
  const column = new Int32Array(variables);
  variable.forEach((j, k) => {
    column[j] = k;
  });
  const solver = await highs();
  const { constants } = solver;
  const integrality = new Int32Array(variables).fill(constants.variableType.continuous);
  for (const j of whole) integrality[column[j]] = constants.variableType.integer;
  const model: ModelData = {
    numCols: variables,
    numRows: subjectTo.length,
    sense: maximise ? constants.objectiveSense.maximize : constants.objectiveSense.minimize,
    colCost: Float64Array.from(variable, (j) => objective.get(j) ?? 0),
    colLower: Float64Array.from(variable, (j) => lower[j]),
    colUpper: Float64Array.from(variable, (j) => upper[j]),
    rowLower,
    rowUpper,
    matrix: {
      format: "csr",
      numRows: subjectTo.length,
      numCols: variables,
      starts,
      indices: Int32Array.from(indices, (j) => column[j]),
      values,
    },
    ...(whole.length > 0 ? { integrality } : {}),
  };
  // By default the solver is content within a ten-thousandth of an integer optimum.
  const options = {
    output_flag: false,
    mip_rel_gap: gap,
    mip_abs_gap: 0,
    time_limit: Math.min(timeLimit, Number.MAX_VALUE), // the solver takes finite numbers only
  };
  const solved = answerOf(() =>
    solver.withModel(model, (opened) => {
      opened.options.set(options);
      const { modelStatus } = opened.run();
      if (modelStatus !== constants.modelStatus.optimal) return refusal(modelStatus, constants);
      const { colValue, rowDual } = opened.getSolution();
      const duals = whole.length > 0 ? rowDual.fill(Number.NaN) : rowDual;
      return { x: Float64Array.from(column, (k) => colValue[k]), value: opened.getObjectiveValue(), duals };
    }),
  );
  if (solved instanceof Error) throw solved;
  return solved;
}

/** The constraints as a matrix by rows: row i has the coefficients starts[i] to starts[i + 1] - 1. */
function rowsOf(constraints: readonly LinearConstraint[], variables: number) {
  const [starts, indices, values] = [new Int32Array(constraints.length + 1), [] as number[], [] as number[]];
  const rowLower = new Float64Array(constraints.length);
  const rowUpper = new Float64Array(constraints.length);
  constraints.forEach(({ form, atMost, atLeast, equals }, i) => {
    const name = `subjectTo[${i}]`;
    const [low, high] = equals === undefined ? [atLeast, atMost] : [equals, equals];
    if (low === undefined && high === undefined) {
      throw new DomainError(complaint(name, "atMost, atLeast or equals", { atMost, atLeast, equals }));
    }
    if (equals !== undefined && (atMost !== undefined || atLeast !== undefined)) {
      throw new DomainError(complaint(name, "equals alone, or atMost and atLeast", { atMost, atLeast, equals }));
    }
    for (const side of [low, high]) {
      if (side !== undefined && Number.isNaN(side))
        throw new DomainError(complaint(name, "a number on the right", side));
    }
    rowLower[i] = low ?? Number.NEGATIVE_INFINITY;
    rowUpper[i] = high ?? Number.POSITIVE_INFINITY;
    for (const [j, coefficient] of terms(`${name}.form`, form, variables)) {
      indices.push(j);
      values.push(coefficient);
    }
    starts[i + 1] = indices.length;
    if (starts[i + 1] === starts[i] && (rowLower[i] > 0 || rowUpper[i] < 0)) {
      throw new InfeasibleError(`linearProgram: ${name} has no variable, and 0 is not within its bounds`);
    }
  });
  return { rowLower, rowUpper, starts, indices, values };
}

/** What the solver answers; where it stops with a number only, what that means. */
function answerOf<T>(solve: () => T): T {
  try {
    return solve();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new ConvergenceError(
      `linearProgram: the solver gave up (${said}). Coefficients of very different sizes are the usual reason: ` +
        "choose units in which they are alike, or take those that are next to 0 for 0",
    );
  }
}

/** Why there is no optimum. */
function refusal(status: ModelStatusCode, { modelStatus }: HighsConstants): Error {
  if (status === modelStatus.infeasible)
    return new InfeasibleError("linearProgram: no point satisfies all constraints");
  if (status === modelStatus.unbounded) return new UnboundedError("linearProgram: the objective has no bound");
  if (status === modelStatus.unboundedOrInfeasible) {
    return new InfeasibleError("linearProgram: no point satisfies all constraints, or the objective has no bound");
  }
  const name = Object.entries(modelStatus).find(([, code]) => code === status)?.[0] ?? status;
  return new ConvergenceError(`linearProgram: the solver ended as ${name}`);
}

/** The coefficients that are not 0, by variable; those of one variable added up. */
function terms(name: string, form: LinearForm, variables: number): Map<number, number> {
  const isSparse = form.length > 0 && typeof form[0] !== "number";
  if (!isSparse && form.length !== variables && form.length > 0) {
    throw new ShapeError(complaint(name, `${variables} coefficients, or pairs [variable, coefficient]`, form));
  }
  const sums = new Map<number, number>();
  for (let i = 0; i < form.length; i++) {
    const [j, coefficient] = isSparse ? (form[i] as readonly [number, number]) : [i, form[i] as number];
    const entry = () => `${name}[${i}]`;
    checkVariable(entry, j, variables);
    if (!Number.isFinite(coefficient)) checkFinite(entry(), coefficient);
    sums.set(j, (sums.get(j) ?? 0) + coefficient);
  }
  for (const [j, sum] of sums) if (sum === 0) sums.delete(j);
  return sums;
}

function checkVariable(name: () => string, j: number, variables: number): void {
  if (!(Number.isInteger(j) && j >= 0 && j < variables)) {
    throw new DomainError(complaint(name(), `a variable, 0 to ${variables - 1}`, j));
  }
}

function bounds(name: string, given: number | ArrayLike<number>, variables: number): Float64Array {
  if (typeof given === "number") return new Float64Array(variables).fill(checkBound(name, given));
  checkLength(name, given, variables);
  return Float64Array.from(given, (value, j) => checkBound(`${name}[${j}]`, value));
}

function checkBound(name: string, value: number): number {
  if (Number.isNaN(value)) throw new DomainError(complaint(name, "a number or an infinity", value));
  return value;
}
