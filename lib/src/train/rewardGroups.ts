import { complaint, DomainError, ShapeError } from "../core/index.js";
import type { ScalarModelParams } from "../models/index.js";
import { foldIn, type Key, permutation, split } from "../random/index.js";
import { checkWins } from "../rewards/index.js";
import { type CompletionRows, completionBatch, type RewardModel } from "../rewards/tensor.js";
import {
  capture,
  checkShapes,
  disposeTree,
  globalNorm,
  memoize,
  type Optimizer,
  type Params,
  type Tree,
  tf,
  valueAndGradients,
} from "../tensor/index.js";
import { checkCounts, checkRowsOfTokens } from "./checks.js";
import { freeUnused, type LoopOptions, type LoopResult, type LoopState } from "./loop.js";
import { type TrainStep, train } from "./train.js";

/** Several completions to one prompt, and which ones were preferred to which. */
export interface ComparisonGroup {
  readonly prompt: ArrayLike<number>;
  /** [K] */
  readonly completions: readonly ArrayLike<number>[];
  /** Pairs of places in `completions`, the chosen one first. */
  readonly wins: readonly (readonly [chosen: number, rejected: number])[];
  /** What another model says of each completion, [K], in nats; 0 if left out. Training learns what to add to it. */
  readonly baseRewards?: ArrayLike<number>;
}

/**
 * The pairwise loss of whole groups: mean over all comparisons of -log sigmoid(r_chosen - r_rejected), in nats. rewards
 * [B, K]; wins [B, K, K], wins[b, i, j] = how often i was preferred to j. Every completion is read once, however many
 * comparisons it is in: for K = 6 a fifth of the work of reading pairs (Ouyang et al. 2022, arXiv:2203.02155, eq. 1).
 * @throws ShapeError if the shapes do not fit
 */
export function groupPairwiseLoss(rewards: tf.Tensor, wins: tf.Tensor): tf.Scalar {
  checkShapes({ rewards: [rewards, ["B", "K"]], wins: [wins, ["B", "K", "K"]] });
  return tf.tidy(() => {
    const margins = tf.sub(rewards.expandDims(2), rewards.expandDims(1)); // [b, i, j]: r_i - r_j
    return tf.div(tf.sum(tf.mul(wins, tf.softplus(tf.neg(margins)))), tf.sum(wins)) as tf.Scalar;
  });
}

/** Groups as tensors: their rows [B K, T], group by group, wins [B, K, K], and their base rewards [B, K]. */
export type GroupRows = { rows: CompletionRows; wins: tf.Tensor3D; baseRewards: tf.Tensor2D };

/** The same in training, with dropout masks if the model drops. */
export type GroupBatch<D extends Tree> = (GroupRows & { dropout: D }) | GroupRows;

/** @throws ShapeError if groups differ in size; DomainError for a place that is none, or an item against itself */
export function groupBatch(groups: readonly ComparisonGroup[], length: number): GroupRows {
  const K = groups[0].completions.length;
  const wins = new Float32Array(groups.length * K * K);
  const baseRewards = new Float32Array(groups.length * K);
  groups.forEach(({ completions, wins: own, baseRewards: before }, b) => {
    if (completions.length !== K) throw new ShapeError(complaint(`group ${b}`, `${K} completions`, completions.length));
    if (before !== undefined && before.length !== K) {
      throw new ShapeError(complaint(`baseRewards of group ${b}`, `${K} rewards`, before.length));
    }
    baseRewards.set(before ?? [], b * K);
    checkWins(own, K, `wins of group ${b}`);
    for (const [i, j] of own) wins[(b * K + i) * K + j]++;
  });
  const rows = groups.flatMap(({ prompt, completions }) => completions.map((completion) => ({ prompt, completion })));
  return {
    rows: completionBatch(rows, length),
    wins: tf.tensor3d(wins, [groups.length, K, K]),
    baseRewards: tf.tensor2d(baseRewards, [groups.length, K]),
  };
}

export interface GroupRewardOptions<P extends Params, D extends Tree, O extends Tree>
  extends Pick<LoopOptions<LoopState>, "folder" | "checkpointEvery" | "resume" | "label" | "onRecord" | "until"> {
  model: RewardModel<P, CompletionRows, D>;
  /** What training begins with; fresh parameters of the model by default. */
  init?(key: Key): P;
  optimizer: Optimizer<O>;
  train: readonly ComparisonGroup[];
  validation?: readonly ComparisonGroup[];
  /** Columns of a batch. */
  length: number;
  /** Groups per step (16); each is read once before any is read again. */
  batch?: number;
  steps: number;
  evaluateEvery?: number;
}

/**
 * Fits a reward model to groups of comparisons by maximum likelihood. Records: loss and accuracy of each step's groups,
 * gradientNorm, and now and then validationLoss and validationAccuracy.
 * @throws DomainError with fewer groups than a batch, or for tokens and numbers that cannot be, before the first step
 */
export async function trainGroupReward<P extends Params, D extends Tree, O extends Tree>(
  key: Key,
  options: GroupRewardOptions<P, D, O>,
): Promise<LoopResult<{ params: P; optimizer: O }>> {
  const { model, optimizer, train: groups, validation = [], length, batch = 16, steps } = options;
  const { evaluateEvery = Math.max(1, Math.floor(steps / 6)) } = options;
  checkCounts({ batch, length, evaluateEvery });
  for (const [name, list] of Object.entries({ train: groups, validation })) checkGroups(name, list, model.vocabulary);
  if (groups.length < batch)
    throw new DomainError(complaint("train", `at least a batch, ${batch} groups`, groups.length));
  const [initKey, runKey, orderKey] = split(key, 3);
  const params = options.init?.(initKey) ?? model.init(initKey);
  const K = groups[0].completions.length;
  // One function of each kind for a model, so that a second fit finds the graphs of the first.
  const measure = memoize([model], `measure groups of ${K}`, () => groupMeasure(model, K));
  const step = memoize([model, optimizer], `group step, ${K}`, () => groupStep(measure, optimizer));
  const begin = { params, optimizer: optimizer.init(params) };
  const perPass = Math.floor(groups.length / batch);
  let pass: { number: number; order: Int32Array } = { number: -1, order: new Int32Array() };
  const result = await train<{ params: P; optimizer: O }, GroupBatch<D>>({
    ...options,
    key: runKey,
    state: begin,
    step,
    batch(stepKey, n) {
      const number = Math.floor(n / perPass);
      if (pass.number !== number) pass = { number, order: permutation(foldIn(orderKey, number), groups.length) };
      const first = (n % perPass) * batch;
      const picked = Array.from(pass.order.subarray(first, first + batch), (g) => groups[g]);
      const x = groupBatch(picked, length);
      return model.masks === undefined ? x : { ...x, dropout: model.masks(foldIn(stepKey, 1), batch * K) };
    },
    evaluate:
      validation.length < batch
        ? undefined
        : {
            every: evaluateEvery,
            run({ params: now }) {
              const parts = Math.floor(validation.length / batch);
              let [loss, accuracy] = [0, 0];
              for (let part = 0; part < parts; part++) {
                const x = groupBatch(validation.slice(part * batch, (part + 1) * batch), length);
                const said = capture(measure, [now, x])(now, x);
                loss += said.loss.dataSync()[0] / parts;
                accuracy += said.accuracy.dataSync()[0] / parts;
                disposeTree([x, said]);
              }
              return { validationLoss: loss, validationAccuracy: accuracy };
            },
          },
  });
  freeUnused([result.state], begin);
  return result;
}

type Measure<P extends Params, D extends Tree> = (
  params: P,
  x: GroupBatch<D>,
) => { loss: tf.Scalar; accuracy: tf.Scalar };

/** The loss on groups of K completions, and the share of comparisons that the rewards agree with. */
function groupMeasure<P extends Params, D extends Tree>(
  model: RewardModel<P, CompletionRows, D>,
  K: number,
): Measure<P, D> {
  return (params, x) => {
    const { rows, wins, baseRewards } = x;
    const rewards = tf.add(
      model.rewards(params, rows, "dropout" in x ? x.dropout : undefined).reshape([-1, K]),
      baseRewards,
    );
    const right = tf.greater(rewards.expandDims(2), rewards.expandDims(1)).toFloat();
    return {
      loss: groupPairwiseLoss(rewards, wins),
      accuracy: tf.div(tf.sum(tf.mul(wins, right)), tf.sum(wins)) as tf.Scalar,
    };
  };
}

function groupStep<P extends Params, D extends Tree, O extends Tree>(
  measure: Measure<P, D>,
  optimizer: Optimizer<O>,
): TrainStep<{ params: P; optimizer: O }, GroupBatch<D>> {
  return (state, x) => {
    const { loss, metrics, gradients } = valueAndGradients(state.params, (p) => measure(p, x));
    const next = optimizer.update(gradients, state.optimizer, state.params);
    return {
      state: { params: next.params, optimizer: next.state },
      metrics: { loss, accuracy: metrics.accuracy as tf.Scalar, gradientNorm: globalNorm(gradients) },
    };
  };
}

function checkGroups(name: string, groups: readonly ComparisonGroup[], vocabulary?: number): void {
  groups.forEach(({ prompt, completions }, g) => {
    const rows = completions.map((completion) => ({ prompt, completion }));
    checkRowsOfTokens(`${name}[${g}], completion`, rows, vocabulary);
  });
}

/** The rewards of completions, group by group, [groups][K], in nats; `batch` groups at a time, without dropout. */
export function groupRewards(
  model: RewardModel<ScalarModelParams, CompletionRows>,
  params: ScalarModelParams,
  groups: readonly ComparisonGroup[],
  { length, batch = 32 }: { length: number; batch?: number },
): number[][] {
  checkCounts({ batch });
  const K = groups[0]?.completions.length ?? 0;
  type Rewards = (params: ScalarModelParams, rows: CompletionRows) => tf.Tensor1D;
  const rewards = memoize<Rewards>([model], "rewards of groups", () => (p, rows) => model.rewards(p, rows));
  const out: number[][] = [];
  for (let begin = 0; begin < groups.length; begin += batch) {
    // The last part is filled up, so that all have one shape and one graph.
    const part = Array.from({ length: batch }, (_, i) => groups[begin + i] ?? groups[begin]);
    const x = groupBatch(part, length);
    const said = capture(rewards, [params, x.rows])(params, x.rows);
    const values = Array.from(said.dataSync());
    for (let g = 0; g < Math.min(batch, groups.length - begin); g++) out.push(values.slice(g * K, (g + 1) * K));
    disposeTree([x, said]);
  }
  return out;
}
