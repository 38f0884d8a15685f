import type { Metrics } from "../core/index.js";
import type { Key } from "../random/index.js";
import { type Captured, capture, disposeTree, type Tree, type tf } from "../tensor/index.js";
import { iterate, type LoopOptions, type LoopResult, type LoopState } from "./loop.js";

/**
 * One step as a pure function of tensors, to be captured: (state, batch) -> the next state, and scalars to report.
 * The state holds everything that changes: parameters, optimiser state.
 */
export type TrainStep<S extends LoopState, B extends Tree> = (
  state: S,
  batch: B,
) => { state: S; metrics: { [name: string]: tf.Scalar } };

export interface TrainOptions<S extends LoopState, B extends Tree> extends Omit<LoopOptions<S>, "advance"> {
  step: TrainStep<S, B>;
  /** The batch of one step, from that step's own key: step n sees the same batch in a resumed run. Freed after use. */
  batch(key: Key, step: number): B;
}

/**
 * Runs a captured step on batch after batch: `iterate` for everything that learns from given data.
 * @throws DivergenceError, InterruptError as `iterate` does
 */
export async function train<S extends LoopState, B extends Tree>(options: TrainOptions<S, B>): Promise<LoopResult<S>> {
  let fast: Captured<[S, B], ReturnType<TrainStep<S, B>>> | undefined;
  return iterate({
    ...options,
    advance(state, key, step) {
      const batch = options.batch(key, step);
      try {
        fast ??= capture(options.step, [state, batch]);
        return runStep(fast, state, batch);
      } finally {
        disposeTree(batch);
      }
    },
  });
}

/** One call of a captured step, its scalars read as numbers. */
export function runStep<S extends LoopState, B extends Tree>(
  fast: Captured<[S, B], { state: S; metrics: { [name: string]: tf.Scalar } }>,
  state: S,
  batch: B,
): { state: S; metrics: Metrics } {
  const { state: next, metrics: scalars } = fast(state, batch);
  const metrics: Record<string, number> = {};
  for (const [name, scalar] of Object.entries(scalars)) metrics[name] = scalar.dataSync()[0];
  disposeTree(scalars);
  return { state: next, metrics };
}
