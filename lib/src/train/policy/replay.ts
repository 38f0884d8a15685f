import { complaint, DomainError } from "../../core/index.js";
import { tf } from "../../tensor/index.js";
import { checkFits } from "./credit.js";
import type { Experience } from "./experience.js";

/**
 * The newest completions with their prompts and rewards, the oldest first: C rows of W columns, each beginning in
 * column 0. `filled` rows at the end have been written; the others are empty. Tensors, so that a checkpoint holds them.
 */
export type Replay = {
  /** [C, W] int32. */
  tokens: tf.Tensor2D;
  /** 1 on the tokens that were drawn, [C, W]. */
  mask: tf.Tensor2D;
  /** [C]. */
  reward: tf.Tensor1D;
  filled: tf.Scalar;
};

/** A replay that holds nothing yet. */
export function emptyReplay(capacity: number, columns: number): Replay {
  return {
    tokens: tf.zeros([capacity, columns], "int32") as tf.Tensor2D,
    mask: tf.zeros([capacity, columns]) as tf.Tensor2D,
    reward: tf.zeros([capacity]) as tf.Tensor1D,
    filled: tf.scalar(0, "int32"),
  };
}

/**
 * The replay after an experience: its rows come last, and the oldest fall out.
 * @throws DomainError if a row, or the whole experience, is larger than the replay
 */
export function remembered(replay: Replay, experience: Experience): Replay {
  const [capacity, columns] = replay.tokens.shape;
  const { rows, reward } = experience;
  if (rows > capacity) throw new DomainError(complaint("capacity", `at least a batch, ${rows} completions`, capacity));
  const { tokens, mask } = fromColumnZero(experience, columns);
  const rewards = Float32Array.from(reward);
  checkFits({ rewards }, experience);
  return tf.tidy(() => ({
    tokens: tf.concat([replay.tokens.slice([rows, 0]), tf.tensor2d(tokens, [rows, columns], "int32")]),
    mask: tf.concat([replay.mask.slice([rows, 0]), tf.tensor2d(mask, [rows, columns])]),
    reward: tf.concat([replay.reward.slice([rows]), tf.tensor1d(rewards)]),
    filled: tf.scalar(Math.min(replay.filled.dataSync()[0] + rows, capacity), "int32"),
  })) as Replay;
}

/** Prompts and completions without their padding on the left. */
function fromColumnZero({ rows, columns: wide, tokens, mask, starts }: Experience, columns: number) {
  const out = { tokens: new Int32Array(rows * columns), mask: new Float32Array(rows * columns) };
  for (let b = 0; b < rows; b++) {
    const [first, end] = [
      b * wide + (starts?.[b] ?? 0),
      b * wide + mask.subarray(b * wide, (b + 1) * wide).lastIndexOf(1) + 1,
    ];
    if (end - first > columns) {
      throw new DomainError(complaint("length", "that of the longest prompt with its completion", columns));
    }
    out.tokens.set(tokens.subarray(first, end), b * columns);
    out.mask.set(mask.subarray(first, end), b * columns);
  }
  return out;
}
