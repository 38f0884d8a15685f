import type { Transformer, TransformerParams } from "../models/index.js";
import { exactKL } from "../numerics/index.js";
import type { Key } from "../random/index.js";
import type { PidGains } from "../safety/index.js";
import { type adam, disposeTree } from "../tensor/index.js";
import { algorithms, trainSafePolicy } from "../train/index.js";
import type { PhraseTask } from "../worlds/index.js";
import { type PhrasePupil, phrasePupil } from "./phrasePupil.js";

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
export interface SafePhraseStudy extends Pick<PhrasePupil, "imitate"> {
  /** PPO-Lagrangian from there. */
  run(key: Key, start: TransformerParams, options: SafePhraseOptions): Promise<SafePhraseRun>;
}

/**
 * Safe RLHF where all can be enumerated: what PPO-Lagrangian comes to on a transformer, to be held against the exact
 * frontier. `model` and `optimizer` are `phrasePupil`'s.
 */
export function safePhraseStudy(
  task: PhraseTask,
  model: Transformer,
  optimizer: ReturnType<typeof adam>,
): SafePhraseStudy {
  const { imitate, logProbsOf, asks, paying } = phrasePupil(task, model, optimizer);
  const algorithm = algorithms.ppo({ epochs: 2 });
  return {
    imitate,
    async run(key, start, { reward, cost, limit, beta, iterations, gains, batch = 128, onRecord }) {
      const { params, history } = await trainSafePolicy(key, {
        model,
        start,
        optimizer,
        algorithm,
        ...asks,
        reward: paying(reward),
        cost: paying(cost),
        limit,
        beta,
        gains,
        iterations,
        batch,
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
