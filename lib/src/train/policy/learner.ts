import type { Transformer, TransformerParams } from "../../models/index.js";
import type { Key } from "../../random/index.js";
import type { Optimizer, Params, Tree, tf } from "../../tensor/index.js";
import type { LoopState } from "../loop.js";
import type { PolicyAlgorithm } from "./algorithm.js";
import type { Experience } from "./experience.js";

// Most algorithms are two functions, advantages and a loss (PolicyAlgorithm), and learn from each experience in the
// same way. Some learn otherwise: from remembered completions, or from the best ones only. Those bring a learner of
// their own. The rest of the trainer, that is writing, judging, metrics, checkpoints, is the same for all.

/** What a learner is made for. */
export interface LearnerSetup<O extends Tree> {
  /** The policy at its temperature (`tempered`). */
  readonly model: Transformer;
  readonly start: TransformerParams;
  readonly reference: TransformerParams;
  readonly optimizer: Optimizer<O>;
  /** Completions per iteration. */
  readonly batch: number;
  /** Where the coefficient of the reference KL begins, and the KL it is steered to by the trainer, if it is. */
  readonly beta: number;
  readonly targetKl?: number;
  /** Of an experience only so many last columns hold drawn tokens, and the learner may skip the others' predictions. */
  readonly onlyLast?: number;
  /** What the caller asked for, if anything. */
  readonly sharedCritic?: boolean;
}

/**
 * What changes over a run. `beta` is the coefficient of the reference KL. A learner keeps what else it
 * needs under names of its own.
 */
export type LearnerState = LoopState & { params: { policy: TransformerParams } & Params; beta: tf.Scalar };

/** Completions with their prompts, [B, T]. */
export type Written = { tokens: tf.Tensor2D; mask: tf.Tensor2D; starts?: tf.Tensor1D };

/** How a policy learns from what it did. */
export interface Learner<S extends LearnerState = LearnerState> {
  /** What there is before the first iteration, the policy being the setup's start itself: it stays the caller's. */
  begin(key: Key): S;
  /** What the critic expects just before each token, [B, T], 0 where the mask is 0. To be captured. */
  values?(params: S["params"], beta: tf.Scalar, reference: TransformerParams, written: Written): tf.Tensor2D;
  /** The state after an experience, and numbers to report. Leaves of the old state may be part of the new one. */
  learn(key: Key, state: S, experience: Experience): { state: S; metrics: Record<string, number> };
}

/** An algorithm that learns in a way of its own. */
export interface LearnerAlgorithm {
  readonly name: string;
  /** Completions to each prompt. */
  readonly group: number;
  learner<O extends Tree>(setup: LearnerSetup<O>): Learner;
}

/** Whatever `trainPolicy` can run. */
export type Algorithm = PolicyAlgorithm | LearnerAlgorithm;
