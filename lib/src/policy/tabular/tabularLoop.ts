import { checkCount } from "../../core/checks.js";
import { InterruptError, notebookHost } from "../../core/index.js";

/**
 * How a run on a table is watched. Records have the names of the tensor trainers' metrics; `step` counts from 0,
 * before anything is learned.
 */
export interface TabularWatch<R> {
  /** Measure every so many steps, and at the beginning and the end; 10 by default. */
  every?: number;
  /** Called with every record, for a live figure. */
  onRecord?(record: R): void;
  /** Asked after every record, with all records so far: true ends the run early. */
  until?(record: R, history: readonly R[]): boolean;
}

/**
 * The loop of all trainers on tables: the float64 counterpart of `iterate`, with its interrupt and its records. It has
 * no folder: a checkpoint holds float32, and these runs are the oracles whose every bit counts; they take seconds, and
 * the key brings back the same bits in hardly more time than reading them. It is synchronous: what learns is a plain
 * function, so a notebook stops it from outside.
 * @throws DomainError unless steps and every are whole numbers of at least 1; InterruptError
 *   when the learner interrupts
 */
export function tabularLoop<R>(
  { steps, every = 10, onRecord, until }: TabularWatch<R> & { steps: number },
  { advance, measure }: { advance(step: number): void; measure(step: number): R },
): R[] {
  for (const [name, count] of Object.entries({ steps, every })) {
    checkCount(name, count);
  }
  const history: R[] = [];
  for (let step = 0; step <= steps; step++) {
    if (step > 0) advance(step);
    if (step % every === 0 || step === steps) {
      const record = measure(step);
      history.push(record);
      onRecord?.(record);
      if (until?.(record, history)) break;
    }
    if (notebookHost()?.interrupt.aborted) throw new InterruptError(`Interrupted at step ${step}.`);
  }
  return history;
}
