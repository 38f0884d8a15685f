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
    checkVariable(`integer[${i}]`, j, variables);
  });
  const rows: string[] = [];
  const places = subjectTo.map(({ form, atMost, atLeast, equals }, i) => {
    const name = `subjectTo[${i}]`;
    const left = terms(`${name}.form`, form, variables);
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
    if (left === "") {
      // A sum of nothing is 0, and the format has no such row.
      if ((low ?? 0) > 0 || (high ?? 0) < 0) {
        throw new InfeasibleError(`linearProgram: ${name} has no variable, and 0 is not within its bounds`);
      }
      return [];
    }
    const own: number[] = [];
    const add = (relation: string, side: number) => {
      own.push(rows.length);
      rows.push(` c${rows.length}: ${left}\n  ${relation} ${side}`);
    };
    if (low !== undefined && low === high) add("=", low);
    else {
      if (low !== undefined && low > Number.NEGATIVE_INFINITY) add(">=", low);
      if (high !== undefined && high < Number.POSITIVE_INFINITY) add("<=", high);
    }
    return own;
  });
  const text = [
    maximise ? "Maximize" : "Minimize",
    ` obj: ${objective === "" ? "0 x0" : objective}`,
    "Subject To",
    // Without a row the solver would have no program; this one says nothing.
    ...(rows.length > 0 ? rows : [" c: 0 x0\n  <= 1"]),
    "Bounds",
    ...Array.from(lower, (low, j) => ` ${bound(low)} <= x${j} <= ${bound(upper[j])}`),
    ...(whole.length > 0 ? ["General", ...whole.map((j) => ` x${j}`)] : []),
    "End",
  ].join("\n");
  checkNonNegative("gap", gap);
  // By default the solver is content within a ten-thousandth of an integer optimum.
  const solver = await highs();
  const solution = answerOf(() => solver.solve(text, { mip_rel_gap: gap, mip_abs_gap: 0, time_limit: timeLimit }));
  refuse(solution.Status);
  const x = Float64Array.from({ length: variables }, (_, j) => {
    const column = solution.Columns[`x${j}`] as { Primal: number };
    return column.Primal;
  });
  const price = (r: number) => {
    const row = solution.Rows[r];
    return "Dual" in row ? row.Dual : Number.NaN;
  };
  const duals = Float64Array.from(places, (own) =>
    own.reduce((sum, r) => sum + price(r), whole.length > 0 ? Number.NaN : 0),
  );
  return { x, value: solution.ObjectiveValue, duals };
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

function refuse(status: string): void {
  if (status === "Optimal") return;
  if (status === "Infeasible") throw new InfeasibleError("linearProgram: no point satisfies all constraints");
  if (status === "Unbounded") throw new UnboundedError("linearProgram: the objective has no bound");
  if (status === "Primal infeasible or unbounded") {
    throw new InfeasibleError("linearProgram: no point satisfies all constraints, or the objective has no bound");
  }
  throw new ConvergenceError(`linearProgram: the solver ended as ${status}`);
}

/** "+ 2 x0 - 1 x3", a few terms on a line; "" where all coefficients are 0. */
function terms(name: string, form: LinearForm, variables: number): string {
  const sums = new Map<number, number>();
  const isSparse = form.length > 0 && typeof form[0] !== "number";
  if (!isSparse && form.length !== variables && form.length > 0) {
    throw new ShapeError(complaint(name, `${variables} coefficients, or pairs [variable, coefficient]`, form));
  }
  for (let i = 0; i < form.length; i++) {
    const [j, coefficient] = isSparse ? (form[i] as readonly [number, number]) : [i, form[i] as number];
    checkVariable(`${name}[${i}]`, j, variables);
    checkFinite(`${name}[${i}]`, coefficient);
    sums.set(j, (sums.get(j) ?? 0) + coefficient);
  }
  const signed = [...sums].flatMap(([j, c]) => (c === 0 ? [] : [`${c < 0 ? "-" : "+"} ${Math.abs(c)} x${j}`]));
  const lines: string[] = [];
  for (let i = 0; i < signed.length; i += 8) lines.push(signed.slice(i, i + 8).join(" "));
  return lines.join("\n  ");
}

function checkVariable(name: string, j: number, variables: number): void {
  if (!(Number.isInteger(j) && j >= 0 && j < variables)) {
    throw new DomainError(complaint(name, `a variable, 0 to ${variables - 1}`, j));
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

function bound(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+inf";
  return value === Number.NEGATIVE_INFINITY ? "-inf" : String(value);
}
