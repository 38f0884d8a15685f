import { checkCount, checkPositive } from "../../core/checks.js";
import { exactKL } from "../../numerics/index.js";
import { foldIn, type Key } from "../../random/index.js";
import {
  nextTokenLogProbs,
  sequenceLogProbsOf,
  type TreeBatch,
  type TreePolicy,
  tokenLogitGradient,
  treeTokenLogProbs,
} from "../../trees/index.js";
import { type ClipOptions, clipRange } from "./clip.js";
import { approxKlEstimates, shouldStop } from "./earlyStop.js";
import { ppoLossAndGradient, ppoSequenceLossAndGradient } from "./loss.js";
import { minibatches } from "./minibatches.js";

/** A loss on some sequences of a batch, and its slope in every logpNew. `which` are their numbers in the batch. */
export type BatchLoss = (
  logpNew: readonly Float64Array[],
  logpOld: readonly Float64Array[],
  which: Int32Array,
) => { loss: number; gradient: readonly ArrayLike<number>[] };

/** `ppoLoss` for `ppoEpochs`: one ratio per token. Advantages: for each sequence of the batch one number per token. */
export function tokenPpo(advantages: readonly ArrayLike<number>[], options: ClipOptions = {}): BatchLoss {
  return (logpNew, logpOld, which) => {
    const flat = (lists: readonly ArrayLike<number>[]) => lists.flatMap((list) => Array.from(list));
    const news = flat(logpNew);
    const ones = news.map(() => 1);
    const { loss, gradient } = ppoLossAndGradient(
      news,
      flat(logpOld),
      flat(Array.from(which, (b) => advantages[b])),
      ones,
      options,
    );
    let to = 0;
    const own = logpNew.map(({ length }) => {
      to += length;
      return gradient.subarray(to - length, to);
    });
    return { loss, gradient: own };
  };
}

/** `ppoSequenceLoss` for `ppoEpochs`: one ratio per sequence. Advantages: one number for each sequence of the batch. */
export function sequencePpo(advantages: ArrayLike<number>, options: ClipOptions = {}): BatchLoss {
  return (logpNew, logpOld, which) =>
    ppoSequenceLossAndGradient(
      logpNew,
      logpOld,
      Float64Array.from(which, (b) => advantages[b]),
      logpNew.map((list) => list.map(() => 1)),
      options,
    );
}

export interface PpoEpochsOptions {
  /** What is minimised: `tokenPpo(...)`, `sequencePpo(...)`, or your own. */
  readonly loss: BatchLoss;
  /** Passes over the batch; default 4. */
  readonly epochs?: number;
  /** Sequences per minibatch; default all. */
  readonly minibatchSize?: number;
  /** Step length: logits -= rate * gradient. */
  readonly rate: number;
  /**
   * Stop once KL(old || new) per token, estimated by k3 on the whole batch, is above slack * target. Asked before each
   * update (see `shouldStop`).
   */
  readonly stop?: { readonly target: number; readonly slack?: number };
}

/** What came of a batch. */
export interface PpoEpochs {
  readonly policy: TreePolicy;
  /** The policy after each update, with the epoch that it belongs to. */
  readonly updates: readonly { readonly epoch: number; readonly loss: number; readonly policy: TreePolicy }[];
  /** Whether the early stop ended it. */
  readonly stopped: boolean;
}

/**
 * PPO's inner loop on a policy that can be enumerated: several epochs of plain gradient descent over minibatches of
 * one batch, drawn by the policy as it was. All in float64, so that what happens can be compared with the exact KL
 * and the exact value. (Plain steps, not Adam's: with Adam a step does not even shrink when the clip takes most
 * tokens out of the gradient.)
 * @throws DomainError unless epochs is a count and rate positive; what the loss throws
 */
export function ppoEpochs(key: Key, old: TreePolicy, batch: TreeBatch, options: PpoEpochsOptions): PpoEpochs {
  const { loss, epochs = 4, minibatchSize = batch.sequences.length, rate, stop } = options;
  checkCount("epochs", epochs);
  checkPositive("rate", rate);
  let policy = old;
  const updates: PpoEpochs["updates"][number][] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const which of minibatches(foldIn(key, epoch), batch.sequences.length, minibatchSize)) {
      if (stop && shouldStop(estimatedKlOldNew(policy, batch), stop)) return { policy, updates, stopped: true };
      const tokenIndices = Array.from(which, (b) => batch.tokenIndices[b]);
      const logpOld = Array.from(which, (b) => batch.logpOld[b]);
      const step = loss(treeTokenLogProbs(nextTokenLogProbs(policy), tokenIndices), logpOld, which);
      const slope = tokenLogitGradient(policy, tokenIndices, step.gradient);
      policy = { ...policy, logits: policy.logits.map((z, i) => z - rate * slope[i]) };
      updates.push({ epoch, loss: step.loss, policy });
    }
  }
  return { policy, updates, stopped: false };
}

function estimatedKlOldNew(policy: TreePolicy, batch: TreeBatch): number {
  return ratioDiagnostics(policy, batch).k3;
}

/** How far a policy has gone from the one that drew the batch, as the batch sees it. */
export interface RatioDiagnostics {
  /** log ratio of every token, sequence by sequence. */
  readonly tokenLogRatios: Float64Array;
  /** log ratio of every sequence: the sum over its tokens. */
  readonly sequenceLogRatios: Float64Array;
  /** The share of tokens, and of sequences, whose ratio is out of the clip's range. */
  readonly tokensOutside: number;
  readonly sequencesOutside: number;
  /** Estimates of KL(old || new) per token. */
  readonly k1: number;
  readonly k3: number;
}

/**
 * Ratios, and KL(old || new) as a trainer would estimate it. The truth is `exactKlOldNew`.
 * @throws DomainError unless clip > 0
 */
export function ratioDiagnostics(policy: TreePolicy, batch: TreeBatch, options: ClipOptions = {}): RatioDiagnostics {
  const { low, high } = clipRange(options);
  const logpNew = treeTokenLogProbs(nextTokenLogProbs(policy), batch.tokenIndices);
  const perSequence = logpNew.map((list, b) => list.map((log, t) => log - batch.logpOld[b][t]));
  const tokenLogRatios = Float64Array.from(perSequence.flatMap((list) => Array.from(list)));
  const sequenceLogRatios = Float64Array.from(perSequence, (list) => list.reduce((a, b) => a + b, 0));
  const outside = (list: Float64Array) => list.filter((d) => d < low || d > high).length / list.length;
  const flat = (lists: readonly Float64Array[]) => lists.flatMap((list) => Array.from(list));
  const old = flat(batch.logpOld);
  return {
    tokenLogRatios,
    sequenceLogRatios,
    tokensOutside: outside(tokenLogRatios),
    sequencesOutside: outside(sequenceLogRatios),
    ...approxKlEstimates(
      flat(logpNew),
      old,
      old.map(() => 1),
    ),
  };
}

/** KL(old || new) of whole sequences, in nats, by enumeration. */
export function exactKlOldNew(old: TreePolicy, policy: TreePolicy): number {
  return exactKL(sequenceLogProbsOf(old), sequenceLogProbsOf(policy));
}
