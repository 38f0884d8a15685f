import { LabError, quote } from "rlhf-lab/core";
import { isNotWrittenYet } from "./exercise.js";
import { fromBytes, NotPlain, roomFor, toBytes } from "./plain.js";

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
 * `threw`: the function threw an error of its own, which a check may have asked for. `broken`: it cannot be
 * called, failed for want of a name, or returned what is not data. `fatal`: time is up, or its process is gone;
 * no use in calling again.
 */
export type LearnerErrorKind = "threw" | "broken" | "fatal";

/**
 * Calls a learner's function as the grader would: with a copy of the arguments, and with a copy of the result as plain
 * data. Typed arrays, tensors and matrices become lists. So a function cannot change the check's numbers, and what
 * passes in the notebook passes in the grader.
 * @throws LearnerError that quotes what the function threw, or says what is not plain, or too large
 */
export async function callLearner(
  name: string,
  fn: (...args: unknown[]) => unknown,
  args: unknown[],
): Promise<unknown> {
  const room = roomFor(args);
  return unpack(name, await callToBytes(name, fn, args, room), room);
}

/** The same, with the result as bytes, for the way between two processes. */
export async function callToBytes(
  name: string,
  fn: (...args: unknown[]) => unknown,
  args: unknown[],
  room: number,
): Promise<Buffer> {
  let value: unknown;
  try {
    value = await fn(...structuredClone(args));
  } catch (error) {
    throw new LearnerError(quoteThrown(name, error), kindOf(error));
  }
  try {
    return toBytes(value, room);
  } catch (error) {
    throw new LearnerError(notPlain(name, error), "broken");
  }
}

/**
 * The answer that the bytes hold.
 * @throws LearnerError if it is not plain data, or too large
 */
export function unpack(name: string, bytes: Buffer, room: number): unknown {
  try {
    return fromBytes(bytes, room);
  } catch (error) {
    throw new LearnerError(notPlain(name, error), "broken");
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

function notPlain(name: string, error: unknown): string {
  if (error instanceof NotPlain) return `${name} returned ${error.message}`;
  return `${name} returned a value that cannot be read: ${quoteThrown("it", error)}`;
}
