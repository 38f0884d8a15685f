import { complaint, DomainError } from "rlhf-lab/core";
import type { Tools } from "./tools.js";

/** The learner's functions as a check sees them: they may live in another process, so each call is awaited. */
// biome-ignore lint/suspicious/noExplicitAny: a learner's function may take and return anything; the checks find out.
export type Given<Name extends string = string> = Record<Name, (...args: any[]) => Promise<any>>;

/** One gradable step of an exercise. It passes when `run` ends, and fails when `run` throws. */
export interface Part<Name extends string = string, Mistake extends string = string> {
  /** What holds when it passes, in the learner's words: "matches the sum over games". */
  name: string;
  points: number;
  /** Where to look when it fails: an equation, a cell, a docstring. Shown under the diagnosis. */
  look?: string;
  run(given: Given<Name>, t: Tools<Mistake>): Promise<void>;
}

/** An exercise of a lesson: what the learner writes, which mistakes it watches for, and how it is checked. */
export interface Exercise<Name extends string = string, Mistake extends string = string> {
  /** Lesson and name, "01/log-likelihood". */
  id: string;
  title: string;
  /** 1 (a line to copy from the text) to 5 (an afternoon). */
  difficulty: 1 | 2 | 3 | 4 | 5;
  /** Minutes that it takes a reader of the lesson. */
  minutes: number;
  /** The functions that the learner writes. */
  gives: readonly Name[];
  /** Named mistake (a mutant of mutants.ts beside the checks) -> what the learner reads when they made it. */
  watches: Record<Mistake, string>;
  parts: readonly Part<Name, Mistake>[];
  /** Set when the learner's functions need TensorFlow: the grader then lets them load native code. */
  engine?: boolean;
}

/**
 * Marks an exercise, with its place in the order of declaration: a module's exports come in the order of the alphabet.
 */
const PLACE = Symbol.for("rlhf-lab.exercise");
let declared = 0;

/**
 * Declares an exercise; a lesson's module exports one for each. See course/src/grade/README.md for an example.
 * @throws DomainError if the declaration cannot work: an id of another form, no parts, points that are not positive
 */
export function exercise<const Name extends string, const Mistake extends string>(
  spec: Exercise<Name, Mistake>,
): Exercise<Name, Mistake> {
  const bad = (what: string, expected: string, got: unknown): never => {
    throw new DomainError(complaint(`exercise ${spec.id}: ${what}`, expected, got));
  };
  if (!/^\d\d\/[a-z0-9]+(-[a-z0-9]+)*$/.test(spec.id))
    bad("id", 'lesson/name-in-lower-case, as in "01/my-task"', spec.id);
  if (spec.gives.length === 0) bad("gives", "the name of at least one function", spec.gives);
  if (spec.parts.length === 0) bad("parts", "at least one part", spec.parts);
  for (const part of spec.parts) {
    if (!(part.points > 0)) bad(`points of "${part.name}"`, "a positive number", part.points);
  }
  if (new Set(spec.parts.map((p) => p.name)).size < spec.parts.length) {
    bad(
      "parts",
      "a different name for each",
      spec.parts.map((p) => p.name),
    );
  }
  return Object.defineProperty({ ...spec }, PLACE, { value: declared++ });
}

/** Whether a module's export is an exercise. */
export function isExercise(value: unknown): value is Exercise {
  return typeof value === "object" && value !== null && PLACE in value;
}

/** Sorts exercises as their lesson declares them. */
export function byDeclaration(a: Exercise, b: Exercise): number {
  const place = (e: Exercise) => (e as unknown as { [PLACE]: number })[PLACE];
  return place(a) - place(b);
}

/** The points that an exercise is worth. */
export function pointsOf(e: Exercise): number {
  return e.parts.reduce((sum, part) => sum + part.points, 0);
}

/** What a stub throws until the learner has written it; the builder of notebooks uses the same words. */
export function notWrittenYet(id: string): string {
  return `Exercise ${id}: not written yet.`;
}

/** Whether an error's message is that of a stub. */
export function isNotWrittenYet(message: string): boolean {
  return /^Exercise \S+: not written yet\.$/.test(message);
}
