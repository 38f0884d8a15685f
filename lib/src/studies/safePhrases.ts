import type { Transformer, TransformerParams } from "../models/index.js";
import { exactKL, logSumExp } from "../numerics/index.js";
import { categorical, type Key, split } from "../random/index.js";
import type { PidGains } from "../safety/index.js";
import { type adam, disposeTree } from "../tensor/index.js";
import { algorithms, completionLogProbs, trainSafePolicy, trainSupervised } from "../train/index.js";
import { sequenceIndex } from "../trees/index.js";
import type { PhraseTask } from "../worlds/index.js";

export interface SafePhraseOptions {
  /** What the policy is paid and charged for each reply, [N]: models of reward and cost, or the truth. */
  reward: ArrayLike<number>;
  cost: ArrayLike<number>;
  limit: number;
  beta: number;
  iterations: number;
  gains?: PidGains;
  batch?: number;
  /** Called with each record of the trainer. */
  onRecord?(record: { readonly [name: string]: number }): void;
}

export interface SafePhraseRun {
  /** log pi of the trained policy, [N], by enumeration. */
  logProbs: Float64Array;
  /** KL(policy || reference), nats. */
  kl: number;
  /** Per iteration, of the batch: mean modelled cost and the multiplier. */
  batchCosts: number[];
  multipliers: number[];
}

/** The phrase task's first prompt and a transformer that replies to it under a limit. */
export interface SafePhraseStudy {
  /** A policy that has imitated 2,000 replies of people, and its log-probabilities [N]. The caller disposes of it. */
  imitate(key: Key): Promise<{ params: TransformerParams; logProbs: Float64Array }>;
  /** PPO-Lagrangian from there. */
  run(key: Key, start: TransformerParams, options: SafePhraseOptions): Promise<SafePhraseRun>;
}

/**
 * Safe RLHF where all can be enumerated: what PPO-Lagrangian comes to on a transformer, to be held against the exact
 * frontier. `optimizer` serves all runs, so that its captured steps are found again; `model` needs a context of 1 + the
 * task's length.
 */
export function safePhraseStudy(
  { tree, prompts, reference }: PhraseTask,
  model: Transformer,
  optimizer: ReturnType<typeof adam>,
): SafePhraseStudy {
  const rows = tree.sequences.map((completion) => ({ prompt: [prompts[0]], completion }));
  const logProbsOf = (params: TransformerParams) => {
    const sums = completionLogProbs(model, params, rows, { batch: Math.min(rows.length, 2048) });
    const total = logSumExp(sums); // float32's rounding
    return sums.map((log) => log - total);
  };
  const algorithm = algorithms.ppo({ epochs: 2 });
  return {
    async imitate(key) {
      const [initKey, dataKey, trainKey] = split(key, 3);
      const start = model.init(initKey);
      const demonstrations = Array.from(categorical(dataKey, reference[0], 2000), (y) => rows[y]);
      const training = { model, start, optimizer, demonstrations, batch: 64, steps: 300, label: false as const };
      const { state } = await trainSupervised(trainKey, training);
      disposeTree([start, state.optimizer]);
      return { params: state.params, logProbs: logProbsOf(state.params) };
    },
    async run(key, start, { reward, cost, limit, beta, iterations, gains, batch = 128, onRecord }) {
      const of = (scores: ArrayLike<number>) => (written: readonly (readonly number[])[]) =>
        written.map((reply) => scores[sequenceIndex(tree, reply)]);
      const { params, history } = await trainSafePolicy(key, {
        model,
        start,
        optimizer,
        algorithm,
        prompts: (_, count) => Array.from({ length: count }, () => [prompts[0]]),
        reward: ({ written }) => of(reward)(written),
        cost: ({ written }) => of(cost)(written),
        limit,
        beta,
        gains,
        iterations,
        batch,
        newTokens: tree.length,
        stop: 0,
        label: false,
        ...(onRecord && { onRecord: (record) => onRecord(record as { [name: string]: number }) }),
      });
      const logProbs = logProbsOf(params);
      disposeTree(params);
      return {
        logProbs,
        kl: exactKL(logProbs, logProbsOf(start)),
        batchCosts: history.map((record) => record["cost.cost"] as number),
        multipliers: history.map((record) => record.multiplier as number),
      };
    },
  };
}
