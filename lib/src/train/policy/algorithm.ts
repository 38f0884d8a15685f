import type { tf } from "../../tensor/index.js";
import type { Experience } from "./experience.js";

/** What an algorithm makes of an experience. */
export interface Advantages {
  /**
   * How much better it turned out than expected: for each token, row-major [B, T] and 0 where the mask is
   * 0, or for each row, [B].
   */
  readonly advantages: Float32Array;
  /** What the critic should have said before each token, [B, T]. Needed with a critic. */
  readonly returns?: Float32Array;
  /** Which rows to learn from, when not all: 1 or 0 per row, [B] (dynamic sampling). */
  readonly keep?: Float32Array;
}

/** What a loss is made of: tensors [B, T] aligned with the tokens. */
export interface LossInputs {
  readonly logpNew: tf.Tensor2D;
  readonly logpOld: tf.Tensor2D;
  readonly logpRef: tf.Tensor2D;
  /** As the algorithm made them: [B, T] or [B]. */
  readonly advantages: tf.Tensor;
  readonly mask: tf.Tensor2D;
  /** Entropy of the policy's next-token distribution where each token was drawn. Costs nothing unless used. */
  entropy(): tf.Tensor2D;
  /** What the critic says now before each token, what it said then, and what it should have said. */
  readonly values?: tf.Tensor2D;
  readonly oldValues?: tf.Tensor2D;
  readonly returns?: tf.Tensor2D;
  /** The coefficient of the reference KL, a scalar. */
  readonly beta: tf.Scalar;
}

/** An RL algorithm for completions, in two pure functions and a few numbers. `trainPolicy` does the rest. */
export interface PolicyAlgorithm {
  readonly name: string;
  /** Whether it needs a critic. */
  readonly critic: boolean;
  /** Completions to each prompt; 1 when it compares with a critic or the whole batch. */
  readonly group: number;
  /**
   * Epochs over each experience, and minibatches of an epoch. More than one update makes it off-policy: that is what
   * clipping is for.
   */
  readonly epochs: number;
  readonly minibatches: number;
  /**
   * No further update from an experience once KL(old || new) exceeds it: k3's estimate on the whole experience, nats
   * per token, asked before each update but the first (`shouldStop` with a slack of 1, as in `ppoEpochs`). The update
   * that went too far has been made.
   */
  readonly targetKl?: number;
  /** Where the reference KL enters: as a part of the reward, or of the loss. */
  readonly klIn: "reward" | "loss";
  /** Plain numbers in and out. `beta` is the coefficient of the reference KL (for klIn "reward"). */
  advantages(experience: Experience, beta: number): Advantages;
  /** To be minimised; with metrics beside it. */
  loss(inputs: LossInputs): { loss: tf.Scalar } & { readonly [metric: string]: tf.Scalar };
}
