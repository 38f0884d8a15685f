import { clipVectors } from "./clip.js";
import { flatten } from "./flat.js";
import { constantSchedule, type Schedule } from "./schedules.js";
import type { tf } from "./tf.js";
import type { Params, Tree } from "./tree.js";

/**
 * A rule that improves parameters, as two pure functions. The state is a tree of tensors: it can be saved and captured.
 */
export interface Optimizer<S extends Tree> {
  /** The state before the first update. */
  init(params: Params): S;
  /** New parameters and new state; the arguments stay as they are. */
  update<P extends Params>(gradients: P, state: S, params: P): { params: P; state: S };
}

/** What every optimiser takes. */
export interface OptimizerOptions {
  /** The learning rate: a number, or a schedule. */
  rate: number | Schedule;
  /** Scale gradients down to this global norm before use; never when left out. */
  maxNorm?: number;
}

export function scheduleOf(rate: number | Schedule): Schedule {
  return typeof rate === "number" ? constantSchedule(rate) : rate;
}

/** The gradients as vectors, see `flatten`, clipped if asked. */
export function gradientVectors(gradients: Tree, maxNorm: number | undefined): tf.Tensor1D[] {
  const vectors = flatten(gradients);
  return maxNorm === undefined ? vectors : clipVectors(vectors, maxNorm);
}
