import { checkNonNegative } from "../core/checks.js";
import { complaint, DomainError, type MetricsRecord } from "../core/index.js";
import { foldIn, type Key, randint, split } from "../random/index.js";
import { marginLoss, preferenceAccuracy } from "../rewards/index.js";
import { pairwiseLoss, type RewardModel, type RewardPairs, rewardMargins, splitRewards } from "../rewards/tensor.js";
import {
  capture,
  disposeTree,
  globalNorm,
  leaves,
  mapTree,
  type Optimizer,
  type Params,
  type Tree,
  tf,
  valueAndGradients,
} from "../tensor/index.js";
import { checkCounts } from "./checks.js";
import { iterate, type LoopOptions, type LoopState } from "./loop.js";
import { runStep, type TrainStep } from "./train.js";

/** What changes while a reward model learns. */
export type RewardModelState<P extends Params, O extends Tree> = { params: P; optimizer: O };

/** Answers of 2 B rows, the chosen first, and dropout masks if the model drops. */
export type RewardModelBatch<X extends Tree, D extends Tree> = { x: X; dropout: D } | { x: X };

/**
 * One step of penalised maximum likelihood: pairwise loss + (l2 / 2) times the sum of squared weights
 * (parameters of two or more axes, no biases). Reports the loss without the penalty, the accuracy on the batch,
 * and the gradient's norm.
 */
export function rewardModelStep<P extends Params, X extends Tree, D extends Tree, O extends Tree>(
  model: RewardModel<P, X, D>,
  optimizer: Optimizer<O>,
  { l2 = 0 }: { l2?: number } = {},
): TrainStep<RewardModelState<P, O>, RewardModelBatch<X, D>> {
  checkNonNegative("l2", l2);
  return (state, batch) => {
    const { metrics, gradients } = valueAndGradients(state.params, (params) => {
      const dropout = "dropout" in batch ? batch.dropout : undefined;
      const [chosen, rejected] = splitRewards(model.rewards(params, batch.x, dropout));
      const loss = pairwiseLoss(chosen, rejected);
      const accuracy = tf.mean(tf.greater(chosen, rejected).toFloat());
      return {
        loss: l2 === 0 ? loss : (tf.add(loss, tf.mul(l2 / 2, squaredWeights(params))) as tf.Scalar),
        data: loss,
        accuracy,
      };
    });
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return {
      state: { params: next.params, optimizer: next.state },
      metrics: {
        loss: metrics.data as tf.Scalar,
        accuracy: metrics.accuracy as tf.Scalar,
        gradientNorm: globalNorm(gradients),
      },
    };
  };
}

export interface RewardModelOptions<P extends Params, X extends Tree, D extends Tree, O extends Tree>
  extends Pick<LoopOptions<LoopState>, "folder" | "checkpointEvery" | "resume" | "label" | "onRecord"> {
  model: RewardModel<P, X, D>;
  optimizer: Optimizer<O>;
  train: RewardPairs<X>;
  validation?: RewardPairs<X>;
  steps: number;
  /** Pairs per step, drawn with replacement; 32 by default. "all": every pair in every step. */
  batch?: number | "all";
  /** lambda of the penalty (lambda / 2) ||weights||^2; 0 by default. */
  l2?: number;
  /** Measure on the validation pairs every so many steps; 20 by default. */
  evaluateEvery?: number;
  /** Early stopping: end after so many measurements without a lower validation loss. Without it all steps are made. */
  patience?: number;
}

export interface RewardModelResult<P> {
  /** After the last step; with `patience`, those of the lowest validation loss. The caller disposes of them. */
  params: P;
  /** The step that `params` are from. */
  step: number;
  /** loss and accuracy of each step's batch, gradientNorm, and now and then validationLoss and validationAccuracy. */
  history: MetricsRecord[];
}

/**
 * Trains a reward model on comparisons. The key decides everything: parameters, batches, dropout.
 * @throws DivergenceError naming the step if a loss or a gradient is not finite; DomainError, before the first step, if
 *   patience is asked for without validation, and for tokens and numbers that cannot be
 */
export async function trainRewardModel<P extends Params, X extends Tree, D extends Tree, O extends Tree>(
  key: Key,
  options: RewardModelOptions<P, X, D, O>,
): Promise<RewardModelResult<P>> {
  const { model, optimizer, train: pairs, validation, batch = 32, patience, evaluateEvery = 20 } = options;
  if (patience !== undefined && validation === undefined) {
    throw new DomainError(complaint("validation", "pairs to measure on, since patience was given", validation));
  }
  checkCounts({ batch: batch === "all" ? undefined : batch, patience, evaluateEvery });
  for (const [name, given] of Object.entries({ train: pairs, validation })) {
    if (given === undefined) continue;
    if (given.rows < 1) throw new DomainError(complaint(name, "at least one pair", given.rows));
    if (model.vocabulary !== undefined) given.checkTokens?.(model.vocabulary);
  }
  const [initKey, runKey] = split(key);
  const initial = model.init(initKey);
  type S = RewardModelState<P, O> & { best?: Best<P> };
  const begin: S = {
    params: initial,
    optimizer: optimizer.init(initial),
    ...(patience !== undefined && {
      best: { params: mapTree(initial, (leaf) => leaf.clone()), loss: tf.scalar(0), step: tf.scalar(0, "int32") },
    }),
  };
  const size = batch === "all" ? pairs.rows : batch;
  const every = Int32Array.from({ length: pairs.rows }, (_, k) => k);
  const step = rewardModelStep(model, optimizer, options);
  const batchOf = (stepKey: Key): RewardModelBatch<X, D> => {
    const x = pairs.inputs(batch === "all" ? every : randint(foldIn(stepKey, 0), size, 0, pairs.rows));
    return model.masks === undefined ? { x } : { x, dropout: model.masks(foldIn(stepKey, 1), 2 * size) };
  };
  const { state, history } = await iterate<S>({
    ...options,
    key: runKey,
    state: begin,
    advance({ best, ...before }, stepKey, done) {
      const rows = batchOf(stepKey);
      const learned = runStep(capture(step, [before, rows]), before, rows);
      disposeTree(rows);
      const now = done + 1;
      if (validation === undefined || (now % evaluateEvery !== 0 && now !== options.steps)) {
        return { ...learned, state: { ...learned.state, ...(best && { best }) } };
      }
      const margins = rewardMargins(model, learned.state.params, validation);
      const validationLoss = marginLoss(margins);
      const better = best && improved(best, learned.state.params, validationLoss, now);
      return {
        state: { ...learned.state, ...(best && { best: better ?? best }) },
        metrics: { ...learned.metrics, validationLoss, validationAccuracy: preferenceAccuracy(margins) },
      };
    },
    until(record, all) {
      return patience !== undefined && record.validationLoss !== undefined && measuredSinceBest(all) >= patience;
    },
  });
  const { best } = state;
  const from = best ?? { params: state.params, step: undefined };
  const result = {
    params: mapTree(from.params, (leaf) => leaf.clone()),
    step: from.step?.dataSync()[0] ?? history.at(-1)?.step ?? 0,
    history,
  };
  for (const leaf of [...leaves(begin), ...leaves(state)]) if (!leaf.isDisposed) leaf.dispose();
  return result;
}

/** The best parameters by validation loss so far, that loss, and their step; step 0 before anything was measured. */
type Best<P extends Params> = { params: P; loss: tf.Scalar; step: tf.Scalar };

/** The new best, if it is one. Losses are compared as the checkpoint holds them, in float32. */
function improved<P extends Params>(best: Best<P>, params: P, loss: number, step: number): Best<P> | undefined {
  if (best.step.dataSync()[0] > 0 && !(Math.fround(loss) < best.loss.dataSync()[0])) return undefined;
  return { params: mapTree(params, (leaf) => leaf.clone()), loss: tf.scalar(loss), step: tf.scalar(step, "int32") };
}

/** How many measurements there were since the lowest validation loss. */
function measuredSinceBest(history: readonly MetricsRecord[]): number {
  const losses = history.flatMap(({ validationLoss }) => (validationLoss === undefined ? [] : [validationLoss]));
  if (losses.length === 0) return 0;
  const rounded = losses.map(Math.fround);
  return losses.length - 1 - rounded.indexOf(rounded.reduce((a, b) => Math.min(a, b)));
}

function squaredWeights(params: Params): tf.Scalar {
  const sums = leaves(params)
    .filter((leaf) => leaf.rank >= 2)
    .map((leaf) => tf.sum(tf.square(leaf)) as tf.Scalar);
  return tf.addN(sums) as tf.Scalar;
}
