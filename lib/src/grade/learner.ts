import { LabError, quote } from "../core/index.js";
import { isNotWrittenYet } from "./exercise.js";

/** The learner's function threw, did not return plain data, or could not be called. The message quotes it. */
export class LearnerError extends LabError {
  constructor(
    message: string,
    readonly kind: LearnerErrorKind,
  ) {
    super(message);
  }

  /** The stub is still there. */
  get notWritten(): boolean {
    return isNotWrittenYet(this.message);
  }
}

/**
 * `threw`: the function threw an error of its own, which a check may have asked for. `broken`: it cannot be called, failed
 * for want of a name, or returned what is not data. `fatal`: time is up, or its process is gone; no use in calling again.
 */
export type LearnerErrorKind = "threw" | "broken" | "fatal";

/**
 * Calls a learner's function as the grader would: with a copy of the arguments, and with a copy of the result as plain
 * data. Tensors and matrices become lists. So a function cannot change the check's numbers, and what passes in the
 * notebook passes in the grader.
 * @throws LearnerError that quotes what the function threw, or says what cannot be copied
 */
export async function callLearner(
  name: string,
  fn: (...args: unknown[]) => unknown,
  args: unknown[],
): Promise<unknown> {
  let value: unknown;
  try {
    value = await fn(...structuredClone(args));
  } catch (error) {
    throw new LearnerError(quoteThrown(name, error), kindOf(error));
  }
  try {
    return structuredClone(plain(value));
  } catch (error) {
    throw new LearnerError(notPlain(name, value, error), "broken");
  }
}

/** The words for what a learner's function threw. A stub's own words are left alone. */
export function quoteThrown(name: string, error: unknown): string {
  if (!(error instanceof Error)) return `${name} threw ${quote(error)}, which is not an Error`;
  const message = String(error.message);
  if (isNotWrittenYet(message)) return message;
  const kind = error.name === "Error" || error.name === "" ? "an error" : error.name;
  return `${name} threw ${kind}: ${message === "" ? "(no message)" : message}`;
}

/** A name that does not exist, or a recursion without end, is a slip; other errors may be meant. */
function kindOf(error: unknown): LearnerErrorKind {
  const slip = error instanceof ReferenceError || (error instanceof RangeError && /call stack/.test(error.message));
  return slip ? "broken" : "threw";
}

function notPlain(name: string, value: unknown, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  const hint = why.includes("#<Promise>") ? " There is a promise inside: is an `await`, or Promise.all, missing?" : "";
  return `${name} returned ${quote(value)}, which is not plain data (numbers, texts, lists, plain objects).${hint}`;
}

/** Tensors (arraySync) and ml-matrix matrices (to2DArray) as lists; lists and objects of them too. */
function plain(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || depth > 8) return value;
  const like = value as { arraySync?: () => unknown; to2DArray?: () => unknown };
  if (typeof like.arraySync === "function") return like.arraySync();
  if (typeof like.to2DArray === "function") return like.to2DArray();
  if (Array.isArray(value)) {
    return value.some((x) => typeof x === "object") ? value.map((x) => plain(x, depth + 1)) : value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v, depth + 1)]));
}
