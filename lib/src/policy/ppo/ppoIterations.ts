import { checkCount } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { exactEntropy, exactExpectation, exactKL, mean, penalisedRewards } from "../../numerics/index.js";
import { type Key, split } from "../../random/index.js";
import { drawSequences, sequenceLogProbsOf, type TreePolicy } from "../../trees/index.js";
import type { ClipOptions } from "./clip.js";
import { type BatchLoss, ppoEpochs, ratioDiagnostics, tokenPpo } from "./ppoEpochs.js";

export interface PpoIterationsOptions extends ClipOptions {
  /** What a sequence earns, [N]. */
  readonly reward: ArrayLike<number>;
  /** How many batches are drawn. */
  readonly iterations: number;
  /** Sequences in a batch; default 64. */
  readonly batch?: number;
  /** Sequences in a minibatch; default a quarter of the batch. */
  readonly minibatchSize?: number;
  /** Epochs over each batch; default 4. */
  readonly epochs?: number;
  /** Step length; default 3. */
  readonly rate?: number;
  /** Early stop, as in `ppoEpochs`. */
  readonly stop?: { readonly target: number; readonly slack?: number };
  /** The anchor: each sequence pays beta (log pi - log ref), the reference KL, out of its reward. */
  readonly reference?: { readonly logRef: ArrayLike<number>; readonly beta: number };
  /** The brake: beta KL(old || new), per token, is added to the loss. */
  readonly stepBeta?: number;
  /** Called after every batch. */
  readonly watch?: (point: PpoPoint, iteration: number) => void;
}

/** A policy after so many batches, measured exactly. */
export interface PpoPoint {
  readonly policy: TreePolicy;
  /** log pi(y) of every sequence, [N]. */
  readonly logProbs: Float64Array;
  /** E[reward], without any penalty. */
  readonly value: number;
  /** Entropy of sequences, in nats. */
  readonly entropy: number;
  /** KL(old || new) of sequences, of this iteration. */
  readonly klOldNew: number;
  /** KL(new || first policy) of sequences: the distance from where it all began. */
  readonly startKl: number;
  /** The share of sampled tokens whose ratio ended out of range. */
  readonly outside: number;
  /** How many updates were made with the batch. */
  readonly updates: number;
}

/**
 * PPO on a policy that can be enumerated: draw a batch, take the reward minus the batch's mean as advantage of every
 * token, go through it in epochs (`ppoEpochs`), again. Entry 0 of the result is the start. Neither a critic nor
 * whitening: a small world for looking at steps, not a trainer.
 * @throws ShapeError, DomainError for lists or numbers that cannot be
 */
export function ppoIterations(key: Key, start: TreePolicy, options: PpoIterationsOptions): PpoPoint[] {
  const {
    reward,
    iterations,
    batch: n = 64,
    minibatchSize = Math.max(1, n >> 2),
    epochs,
    rate = 3,
    stop,
    clip,
  } = options;
  const { reference, stepBeta = 0, watch } = options;
  const N = start.tree.sequences.length;
  for (const [name, list] of Object.entries({ reward, logRef: reference?.logRef ?? reward })) {
    if (list.length !== N) throw new ShapeError(complaint(name, `${N} numbers, one per sequence`, list));
  }
  checkCount("iterations", iterations);
  for (const [name, beta] of Object.entries({ stepBeta, beta: reference?.beta ?? 0 })) {
    if (!(beta >= 0)) throw new DomainError(complaint(name, "a number of at least 0", beta));
  }
  const startLogs = sequenceLogProbsOf(start);
  let policy = start;
  let logProbs = startLogs;
  const measured = (before: Float64Array, outside: number, updates: number): PpoPoint => ({
    policy,
    logProbs,
    value: exactExpectation(logProbs, reward),
    entropy: exactEntropy(logProbs),
    klOldNew: exactKL(before, logProbs),
    startKl: exactKL(logProbs, startLogs),
    outside,
    updates,
  });
  const points = [measured(startLogs, 0, 0)];
  split(key, iterations).forEach((k, i) => {
    const [drawKey, epochKey] = split(k);
    const batch = drawSequences(drawKey, policy, n);
    const before = logProbs;
    const whole = reference ? penalisedRewards(reward, before, reference.logRef, reference.beta) : reward;
    const earned = Array.from(batch.sequences, (y) => whole[y]);
    const centre = mean(earned);
    const advantages = batch.tokenIndices.map((list, b) => new Float64Array(list.length).fill(earned[b] - centre));
    const loss = stepPenalty(tokenPpo(advantages, { clip }), stepBeta);
    const old = policy;
    const run = ppoEpochs(epochKey, old, batch, { loss, epochs, minibatchSize, rate, stop });
    policy = run.policy;
    logProbs = sequenceLogProbsOf(policy);
    const point = measured(before, ratioDiagnostics(policy, batch, { clip }).tokensOutside, run.updates.length);
    points.push(point);
    watch?.(point, i);
  });
  return points;
}

/**
 * A loss with beta KL(old || new) added, the token mean of k1 = logpOld - logpNew. Here, unlike in
 * `klK2Penalty`, k1 will do: the samples are the *old* policy's, and the mean of -grad logpNew over those is the
 * gradient of KL(old || new).
 */
export function stepPenalty(loss: BatchLoss, beta: number): BatchLoss {
  if (beta === 0) return loss;
  return (logpNew, logpOld, which) => {
    const base = loss(logpNew, logpOld, which);
    const tokens = logpNew.reduce((sum, list) => sum + list.length, 0);
    let penalty = 0;
    logpNew.forEach((list, b) => {
      list.forEach((log, t) => {
        penalty += (logpOld[b][t] - log) / tokens;
      });
    });
    return {
      loss: base.loss + beta * penalty,
      gradient: base.gradient.map((list) => Float64Array.from(list, (g) => g - beta / tokens)),
    };
  };
}
