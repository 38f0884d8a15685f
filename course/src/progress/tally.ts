import type { KeptCheck } from "rlhf-lab/core";

/** What a learner has reached in one exercise. */
export interface Reached {
  exercise: string;
  /** The best that a check has found, and of how many. */
  points: number;
  outOf: number;
  /** How often it was checked. */
  checks: number;
  /** When all points were reached for the first time; undefined: not yet. */
  solved?: string;
}

/**
 * Exercise -> what was reached in it, from its checks in the order of their time; the exercise that was checked last
 * comes last. What was solved once stays solved.
 */
export function tally(checks: readonly KeptCheck[]): Map<string, Reached> {
  const reached = new Map<string, Reached>();
  for (const { exercise, points, outOf, when } of checks) {
    const before = reached.get(exercise);
    const better = before === undefined || points / outOf >= before.points / before.outOf;
    const best = better ? { points, outOf } : { points: before.points, outOf: before.outOf };
    const solved = before?.solved ?? (points === outOf ? when : undefined);
    reached.delete(exercise);
    reached.set(exercise, { exercise, ...best, checks: (before?.checks ?? 0) + 1, ...(solved && { solved }) });
  }
  return reached;
}
