import { checkCount } from "../core/checks.js";
import type { Key } from "../random/index.js";
import { type Params, type Tree, tf } from "../tensor/index.js";

/**
 * Something that gives a number to every answer. Pure functions of tensors, so that a training step can be captured.
 */
export interface RewardModel<P extends Params = Params, X extends Tree = Tree, D extends Tree = Tree> {
  /** How many tokens it knows, if it reads tokens. */
  readonly vocabulary?: number;
  /** Fresh parameters. */
  init(key: Key): P;
  /**
   * One reward for each row of x, [B], in nats, up to a constant that comparisons leave open.
   * `dropout` in training only.
   */
  rewards(params: P, x: X, dropout?: D): tf.Tensor1D;
  /** Dropout masks for so many rows; left out by a model that drops nothing. */
  masks?(key: Key, rows: number): D;
}

/** Comparisons as a reward model reads them. */
export interface RewardPairs<X extends Tree> {
  readonly rows: number;
  /**
   * The model's input for these rows: 2 B rows, first the B chosen answers, then the B rejected ones in the same order.
   */
  inputs(rows: ArrayLike<number>): X;
  /** Where rows are tokens: refuses those beyond a model's vocabulary, in any row. @throws DomainError */
  checkTokens?(vocabulary: number): void;
}

/** The pairwise margins of an input of 2 B rows as `RewardPairs` makes them: chosen minus rejected, [B]. */
export function splitRewards(rewards: tf.Tensor1D): [chosen: tf.Tensor1D, rejected: tf.Tensor1D] {
  const half = rewards.shape[0] / 2;
  return [tf.slice1d(rewards, 0, half), tf.slice1d(rewards, half, half)];
}

/**
 * The margin of every pair, chosen minus rejected, [rows], in nats; without dropout, `batch` rows at a time.
 * @throws DomainError for a batch of none
 */
export function rewardMargins<P extends Params, X extends Tree>(
  model: RewardModel<P, X>,
  params: P,
  pairs: RewardPairs<X>,
  batch = 1024,
): Float64Array {
  checkCount("batch", batch);
  const out = new Float64Array(pairs.rows);
  for (let start = 0; start < pairs.rows; start += batch) {
    const rows = Int32Array.from({ length: Math.min(batch, pairs.rows - start) }, (_, i) => start + i);
    const margins = tf.tidy(() => {
      const [chosen, rejected] = splitRewards(model.rewards(params, pairs.inputs(rows)));
      return tf.sub(chosen, rejected).dataSync();
    });
    out.set(margins, start);
  }
  return out;
}
