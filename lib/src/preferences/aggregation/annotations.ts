import { checkCount, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/**
 * What many people said about many things, in columns: row k says that labeler[k] gave task[k] the class label[k].
 * A comparison is a task with two classes (0: the second is better, 1: the first is). People may skip tasks, and one
 * may answer the same task twice. Made and checked by the functions below; never changed in place.
 */
export interface Annotations {
  readonly tasks: number;
  readonly labelers: number;
  readonly classes: number;
  readonly task: Int32Array;
  readonly labeler: Int32Array;
  readonly label: Int32Array;
  readonly taskNames?: readonly string[];
  readonly labelerNames?: readonly string[];
  readonly classNames?: readonly string[];
}

/** What a method makes of annotations: for every task how probable each class is, and the most probable one. */
export interface Consensus {
  readonly classes: number;
  /** [tasks * classes], row by row; each row sums to 1. A task that nobody answered has the prior. */
  readonly posterior: Float64Array;
  /** [tasks] the most probable class, the lowest index among equals. */
  readonly label: Int32Array;
}

/** The log-likelihood along an EM run: what every method of this folder reports. */
export interface EmReport {
  /** The log-likelihood of the annotations (plus the log prior, where there is one), in nats, after each iteration. */
  readonly logLikelihoods: readonly number[];
  readonly converged: boolean;
}

export interface EmOptions {
  /** At most so many iterations. Default 200. */
  iterations?: number;
  /**
   * Stop when the log-likelihood rises by less than this per annotation, in nats. Default 1e-8; 0 runs all iterations.
   */
  tolerance?: number;
}

/** @throws ShapeError for columns of unequal length; DomainError for an index out of range */
export function annotationsFromColumns(
  task: ArrayLike<number>,
  labeler: ArrayLike<number>,
  label: ArrayLike<number>,
  sizes: { tasks?: number; labelers?: number; classes?: number } = {},
): Annotations {
  if (labeler.length !== task.length || label.length !== task.length) {
    const got = [task.length, labeler.length, label.length];
    throw new ShapeError(complaint("lengths of task, labeler and label", "the same length three times", got));
  }
  const count = (what: string, column: ArrayLike<number>, given?: number) => {
    if (given !== undefined && !(Number.isInteger(given) && given >= 0)) {
      throw new DomainError(
        complaint(`number of ${what === "class" ? "classes" : `${what}s`}`, "a whole number of at least 0", given),
      );
    }
    let size = given ?? 0;
    for (let k = 0; k < column.length; k++) {
      const index = column[k];
      if (!Number.isInteger(index) || index < 0 || (given !== undefined && index >= given)) {
        const range = given === undefined ? "a whole number of at least 0" : `a whole number from 0 to ${given - 1}`;
        throw new DomainError(complaint(`${what === "class" ? "label" : what} of annotation ${k}`, range, index));
      }
      if (index >= size) size = index + 1;
    }
    return size;
  };
  return {
    tasks: count("task", task, sizes.tasks),
    labelers: count("labeler", labeler, sizes.labelers),
    classes: Math.max(2, count("class", label, sizes.classes)),
    task: Int32Array.from(task),
    labeler: Int32Array.from(labeler),
    label: Int32Array.from(label),
  };
}

/**
 * From rows of names, in the order in which they first appear; `classNames` fixes the order (and number) of classes.
 * @throws DomainError for a label that is not among `classNames`
 */
export function annotationsFromRows(
  rows: ReadonlyArray<{ task: string; labeler: string; label: string }>,
  classNames?: readonly string[],
): Annotations {
  const tasks = new Map<string, number>();
  const labelers = new Map<string, number>();
  const classes = new Map<string, number>((classNames ?? []).map((name, c) => [name, c]));
  const index = (names: Map<string, number>, name: string) => {
    const found = names.get(name);
    if (found !== undefined) return found;
    names.set(name, names.size);
    return names.size - 1;
  };
  const label = rows.map((row, k) => {
    if (classNames !== undefined && !classes.has(row.label)) {
      throw new DomainError(complaint(`label of row ${k}`, `one of ${classNames.join(", ")}`, row.label));
    }
    return index(classes, row.label);
  });
  const made = annotationsFromColumns(
    rows.map((row) => index(tasks, row.task)),
    rows.map((row) => index(labelers, row.labeler)),
    label,
    { classes: Math.max(2, classes.size) },
  );
  return { ...made, taskNames: [...tasks.keys()], labelerNames: [...labelers.keys()], classNames: [...classes.keys()] };
}

/** How often each class was given to each task, [tasks * classes]. */
export function labelCounts(data: Annotations): Float64Array {
  const counts = new Float64Array(data.tasks * data.classes);
  for (let k = 0; k < data.task.length; k++) counts[data.task[k] * data.classes + data.label[k]]++;
  return counts;
}

/** The most probable class of each task from [tasks * classes] probabilities, the lowest index among equals. */
export function consensus(posterior: Float64Array, classes: number): Consensus {
  const label = new Int32Array(posterior.length / classes);
  for (let i = 0; i < label.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (posterior[i * classes + c] > posterior[i * classes + best]) best = c;
    label[i] = best;
  }
  return { classes, posterior, label };
}

/**
 * Turns rows of log-weights [rows * classes] into probabilities, in place, and returns the sum of the rows' logSumExp:
 * the E-step of every mixture, and its log-likelihood.
 */
export function normaliseLogRows(log: Float64Array, classes: number): number {
  let total = 0;
  for (let at = 0; at < log.length; at += classes) {
    let most = log[at];
    for (let c = 1; c < classes; c++) if (log[at + c] > most) most = log[at + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      log[at + c] = Math.exp(log[at + c] - most);
      sum += log[at + c];
    }
    for (let c = 0; c < classes; c++) log[at + c] /= sum;
    total += most + Math.log(sum);
  }
  return total;
}

/** What differs by no more than this, for its size, differs by the rounding of sums. */
const ROUNDING = 1e-10;

/**
 * Makes equal, in place, the log-weights of a row [rows * classes] that differ by rounding only. Where answers stand so
 * that nothing speaks for one class against another, the E-step adds up the same numbers in another order for each, and
 * EM would make a landslide of their last bits: such a point is a saddle of the likelihood, and has to stay one.
 */
export function keepTies(log: Float64Array, classes: number): void {
  for (let at = 0; at < log.length; at += classes) {
    for (let c = 1; c < classes; c++) {
      const own = log[at + c];
      for (let s = 0; s < c; s++) {
        if (Math.abs(log[at + s] - own) > ROUNDING * (1 + Math.abs(own))) continue;
        log[at + c] = log[at + s];
        break;
      }
    }
  }
}

/**
 * Groups of two classes or more that have equal probabilities in every task, for a posterior of
 * `keepTies`. Usually none.
 */
export function classesAlike(posterior: Float64Array, classes: number): number[][] {
  const alike: number[][] = [];
  for (let s = 0; s < classes; s++) {
    if (alike.some((group) => group.includes(s))) continue;
    const group = [s];
    for (let t = s + 1; t < classes; t++) if (equalInAll(posterior, classes, s, t)) group.push(t);
    if (group.length > 1) alike.push(group);
  }
  return alike;
}

function equalInAll(posterior: Float64Array, classes: number, s: number, t: number): boolean {
  for (let at = 0; at < posterior.length; at += classes) if (posterior[at + s] !== posterior[at + t]) return false;
  return true;
}

/**
 * Runs an EM: `step` does an M-step, then an E-step, and returns the log-likelihood of the
 * parameters that the M-step found.
 * @throws DomainError without data
 */
export function runEm(data: Annotations, options: EmOptions, step: () => number): EmReport {
  const { iterations = 200, tolerance = 1e-8 } = options;
  checkCount("iterations", iterations);
  checkNonNegative("tolerance", tolerance);
  if (data.task.length === 0) throw new DomainError(complaint("annotations", "at least one", data.task));
  const logLikelihoods: number[] = [];
  let converged = false;
  for (let n = 0; n < iterations && !converged; n++) {
    const now = step();
    const before = logLikelihoods.at(-1);
    logLikelihoods.push(now);
    converged = tolerance > 0 && before !== undefined && now - before < tolerance * data.task.length;
  }
  return { logLikelihoods, converged };
}
