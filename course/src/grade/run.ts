import { InterruptError } from "rlhf-lab/core";
import type { Key } from "rlhf-lab/random";
import type { Exercise, Given, Part } from "./exercise.js";
import { LearnerError } from "./learner.js";
import { quoteShortly } from "./near.js";
import { CheckFailure, makeTools } from "./tools.js";

/** How one part went. */
export interface PartResult {
  name: string;
  points: number;
  outOf: number;
  passed: boolean;
  /** The diagnosis, for the learner; empty when it passed. */
  message: string;
  /** Where to look, if the part says so. */
  look?: string;
}

/** Calls one of the learner's functions by name, wherever it lives. Rejects with LearnerError. */
export type Caller = (name: string, args: unknown[]) => Promise<unknown>;

/**
 * Runs one part against the learner's functions. Resolves when it passes. Learners get fresh numbers each time; tests
 * give a key.
 * @throws CheckFailure, chai's AssertionError, or LearnerError when it does not; anything else is a fault of the check
 */
export async function runPart(e: Exercise, part: Part, call: Caller, key?: Key): Promise<void> {
  const answers: { name: string; value: unknown }[] = [];
  let calls = 0;
  const given: Given = Object.fromEntries(
    e.gives.map((name) => [
      name,
      async (...args: unknown[]) => {
        calls++;
        const value = await call(name, args);
        answers.push({ name, value });
        return value;
      },
    ]),
  );
  try {
    await part.run(given, await makeTools(e.watches, key));
  } catch (error) {
    if (isVerdict(error) || answers.length === 0) throw error;
    // Checks pass with the solution; one that stumbles does so over what it was given, usually over what is missing.
    const { name, value } =
      answers.find((a) => a.value === undefined || a.value === null) ?? answers[answers.length - 1];
    throw new CheckFailure(unusable(name, value, error));
  }
  if (calls === 0) throw new Error(`"${part.name}" passed without calling ${e.gives.join(" or ")}`);
}

function isVerdict(error: unknown): boolean {
  const ours = error instanceof CheckFailure || error instanceof LearnerError || error instanceof InterruptError;
  return ours || (error as { name?: unknown } | null)?.name === "AssertionError";
}

function unusable(name: string, value: unknown, error: unknown): string {
  if (value === undefined) return `${name} returned nothing: is a \`return\` missing?`;
  return `${name} returned ${quoteShortly(value)}, which the check cannot work with (${(error as Error)?.message ?? error})`;
}

/** The words for what a part threw. */
export function diagnosis(error: unknown): string {
  if (error instanceof CheckFailure || error instanceof LearnerError) return error.message;
  const { name, message } = error as { name?: unknown; message?: unknown };
  if (name === "AssertionError") return String(message);
  return `the check itself failed, which is not your fault; please report it: ${String(message ?? error)}`;
}
