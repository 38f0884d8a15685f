/**
 * Every error the library throws on purpose derives from this one, so that a caller can tell a wrong call from a bug.
 */
export class LabError extends Error {
  override name = this.constructor.name;
}

/** An array or tensor of another shape than the formula needs. */
export class ShapeError extends LabError {}

/** A value outside the domain of the formula: a negative variance, an index out of range, an empty list. */
export class DomainError extends LabError {}

/** An iteration that cannot, or did not, reach its answer; the message says why and what would help. */
export class ConvergenceError extends LabError {}

/** Constraints that contradict each other: nothing satisfies all of them. */
export class InfeasibleError extends LabError {}

/** An objective that can be made as good as one likes. */
export class UnboundedError extends LabError {}

/** A NaN or an Infinity appeared in a loss or a gradient; the message names the step. */
export class DivergenceError extends LabError {}

/** A file that is not what its format promises. The message gives the place in the file. */
export class DataError extends LabError {}

/** A checkpoint that is truncated, oversized or malformed. Nothing has been loaded from it. */
export class CheckpointError extends LabError {}

/** A package that only part of the library needs is not installed; the message says how to get it. */
export class MissingPackageError extends LabError {}

/** The learner pressed "interrupt"; long loops throw this and stop for good. */
export class InterruptError extends LabError {}

/**
 * The one form of a complaint: what arrived, what was expected, what to do.
 * @example complaint("scores", "at least two numbers", [1]) // 'scores: expected at least two numbers, got [1]'
 */
export function complaint(what: string, expected: string, got: unknown, hint = ""): string {
  const tail = hint === "" ? "" : `. ${hint}`;
  return `${what}: expected ${expected}, got ${quote(got)}${tail}`;
}

/** A short, readable form of any value, for error messages. */
export function quote(value: unknown): string {
  return quoteTo(value, 3);
}

/** `depth` bounds the nesting, so that a value that holds itself has a form too. */
function quoteTo(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return `a function ${value.name}`.trimEnd();
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const length = (value as ArrayLike<unknown>).length;
    if (depth === 0 && length > 0) return "[...]";
    const items = Array.prototype.slice.call(value, 0, 6).map((item) => quoteTo(item, depth - 1));
    return length > 6 ? `[${items.join(", ")}, ... ${length} in all]` : `[${items.join(", ")}]`;
  }
  const name = (value as object).constructor?.name ?? "Object";
  const keys = Object.keys(value as object);
  return `${name === "Object" ? "" : `${name} `}{${keys.slice(0, 6).join(", ")}${keys.length > 6 ? ", ..." : ""}}`;
}
