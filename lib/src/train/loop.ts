import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  complaint,
  DivergenceError,
  DomainError,
  InterruptError,
  type Metrics,
  type MetricsRecord,
  notebookHost,
} from "../core/index.js";
import { progress } from "../notebook/index.js";
import { foldIn, type Key } from "../random/index.js";
import { writeFileAtomically } from "../tensor/atomicFile.js";
import {
  assertFinite,
  leaves,
  loadCheckpoint,
  readSafetensors,
  saveCheckpoint,
  type Tree,
  type tf,
} from "../tensor/index.js";
import { checkCounts } from "./checks.js";

/** Everything that changes in a run, as named trees of tensors: parameters, optimiser state, coefficients. */
export type LoopState = { [name: string]: Tree };

export interface LoopOptions<S extends LoopState> {
  /** All randomness of the run comes from here. */
  key: Key;
  /** Where to begin. It stays the caller's; the states between are freed. */
  state: S;
  /**
   * One step, from the step's own key (step n sees the same key in a resumed run): new state, and numbers to report.
   * Leaves of the old state may be part of the new one; the loop frees the others.
   */
  advance(state: S, key: Key, step: number): { state: S; metrics: Metrics };
  /** How many steps in all, those of an earlier part of the run included. */
  steps: number;
  /** Measured every so often and at the end; its numbers join that step's record. */
  evaluate?: { every: number; run(state: S): Metrics };
  /**
   * A folder for `checkpoint.safetensors` and `metrics.jsonl`. The checkpoint is replaced in one step every
   * `checkpointEvery` steps (500 by default), at the end, and on an interrupt. A folder that holds a checkpoint already
   * is refused unless `resume` is true: a run that is made again must not cost the one that is finished.
   */
  folder?: string;
  checkpointEvery?: number;
  /**
   * Go on from the folder's checkpoint, if there is one: the same numbers, bit for bit, as a run that never stopped. In
   * a notebook this is what to write: run again, a cell whose run is finished gives back what it made.
   */
  resume?: boolean;
  /**
   * Asked after every record, with all records so far: true ends the run early, as early stopping does. A run
   * that ended so stays ended.
   */
  until?(record: MetricsRecord, history: readonly MetricsRecord[]): boolean;
  /** What the progress bar says; false for none. */
  label?: string | false;
  /** Called with every record, for a live figure. */
  onRecord?(record: MetricsRecord): void;
}

export interface LoopResult<S> {
  state: S;
  /** Every record of the run, from its first step on. */
  history: MetricsRecord[];
}

const CHECKPOINT = "checkpoint.safetensors";
const METRICS = "metrics.jsonl";

/**
 * Runs a step again and again: key in, metrics out. Every metric must be finite.
 * @throws DivergenceError naming the step and the metric that is NaN or infinite: the step's result is thrown away,
 *   the last checkpoint stays as it was. InterruptError when the learner interrupts, after a checkpoint is written.
 *   DomainError, before the first step, for numbers of steps that cannot be, a folder that cannot be one, and one that
 *   holds a run unless `resume` is true
 */
export async function iterate<S extends LoopState>(options: LoopOptions<S>): Promise<LoopResult<S>> {
  const { key, steps, evaluate, folder, checkpointEvery = 500, label = "training" } = options;
  checkCounts({ steps, checkpointEvery, "evaluate.every": evaluate?.every });
  const run = openRun(options);
  let { state, step } = run;
  const asksToEnd = () => run.history.length > 0 && options.until?.(run.history[run.history.length - 1], run.history);
  if (step >= steps || asksToEnd()) return { state, history: run.history };

  const bar = label === false ? undefined : progress(steps, { label });
  bar?.tick(step);
  const start = performance.now();
  let lastTurn = start;
  const save = () => {
    if (folder === undefined) return;
    assertFinite("state", state, step); // a NaN that no metric has shown yet must not replace a good checkpoint
    saveCheckpoint(join(folder, CHECKPOINT), { step, key, trees: state });
  };
  try {
    while (step < steps) {
      const { state: next, metrics } = options.advance(state, foldIn(key, step), step);
      try {
        for (const [name, value] of Object.entries(metrics)) assertFinite(name, value, step + 1);
      } catch (error) {
        freeUnused([options.state, state], next);
        throw error;
      }
      freeUnused([options.state, next], state);
      state = next;
      step++;
      const measured = evaluate && (step % evaluate.every === 0 || step === steps) ? evaluate.run(state) : {};
      for (const [name, value] of Object.entries(measured)) assertFinite(name, value, step);
      const record = { step, seconds: (performance.now() - start) / 1000, ...metrics, ...measured };
      run.add(record);
      options.onRecord?.(record);
      const ends = step === steps || asksToEnd() === true;
      if (folder !== undefined && (step % checkpointEvery === 0 || ends)) save();
      // Now and then the rest of the process gets its turn: an interrupt can only arrive then.
      if (performance.now() - lastTurn > 30) {
        await nextTurn();
        lastTurn = performance.now();
      }
      if (notebookHost()?.interrupt.aborted) throw new InterruptError(`Interrupted at step ${step}.`);
      bar?.tick(1, { ...metrics, ...measured });
      if (ends) break;
    }
    bar?.done();
  } catch (error) {
    bar?.done();
    if (error instanceof InterruptError) {
      save();
      throw new InterruptError(
        `${error.message}${folder === undefined ? "" : ` ${folder} holds step ${step}; resume: true goes on from there.`}`,
      );
    }
    if (error instanceof DivergenceError && folder !== undefined && existsSync(join(folder, CHECKPOINT))) {
      throw new DivergenceError(`${error.message} The last good checkpoint is intact: ${join(folder, CHECKPOINT)}`);
    }
    throw error;
  }
  return { state, history: run.history };
}

/** The state and history to begin with, and where records go. */
function openRun<S extends LoopState>(options: LoopOptions<S>) {
  const { folder, key } = options;
  const history: MetricsRecord[] = [];
  let { state } = options;
  let step = 0;
  if (folder === undefined) return { state, step, history, add: (record: MetricsRecord) => void history.push(record) };
  makeFolder(folder);
  const checkpoint = join(folder, CHECKPOINT);
  const file = join(folder, METRICS);
  if (existsSync(checkpoint)) {
    if (!options.resume) throw new DomainError(complaint("folder", "one without a run", folder, whatToDo(checkpoint)));
    const loaded = loadCheckpoint(checkpoint, options.state);
    if (loaded.key.join() !== key.join()) {
      const hint = "A run goes on with the key it began with";
      throw new DomainError(complaint("key", `the checkpoint's, [${loaded.key}]`, key, hint));
    }
    state = loaded.trees;
    step = loaded.step;
    for (const record of readHistory(file, step)) history.push(record);
  }
  // In one step: a process that is killed here must not lose the records of a checkpoint that stays.
  const lines = history.map((record) => `${JSON.stringify(record)}\n`).join("");
  writeFileAtomically(file, [new TextEncoder().encode(lines)]);
  const add = (record: MetricsRecord) => {
    history.push(record);
    appendFileSync(file, `${JSON.stringify(record)}\n`);
  };
  return { state, step, history, add };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new DomainError(complaint("folder", "one that is there or can be made", folder, (error as Error).message));
  }
}

/** What to do about a folder that holds a run. */
function whatToDo(checkpoint: string): string {
  const then = "goes on from there (a finished run is given back as it is); another folder begins anew";
  try {
    return `It holds step ${readSafetensors(checkpoint).metadata.step}: resume: true ${then}`;
  } catch {
    return "It holds a checkpoint that cannot be read: remove it, or take another folder";
  }
}

/**
 * The records up to a step. A process that was killed may have written more, and half a last line; both are left out.
 */
function readHistory(file: string, upTo: number): MetricsRecord[] {
  if (!existsSync(file)) return [];
  const records: MetricsRecord[] = [];
  for (const text of readFileSync(file, "utf8").split("\n")) {
    try {
      const record = JSON.parse(text) as MetricsRecord;
      if (record.step <= upTo) records.push(record);
    } catch {
      break;
    }
  }
  return records;
}

/** Frees the tensors of a state that no state in use shares. */
export function freeUnused(inUse: readonly Tree[], state: Tree): void {
  const alive = new Set<tf.Tensor>(inUse.flatMap(leaves));
  for (const leaf of leaves(state)) if (!alive.has(leaf)) leaf.dispose();
}
