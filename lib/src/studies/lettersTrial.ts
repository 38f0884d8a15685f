import type { Transformer, TransformerParams } from "../models/index.js";
import { mean } from "../numerics/index.js";
import { type Key, split } from "../random/index.js";
import { adam, disposeTree } from "../tensor/index.js";
import { type Algorithm, completionLogProbs, trainPolicy, trainSupervised } from "../train/index.js";
import type { DistinctLetters } from "../worlds/index.js";

export interface LettersRun {
  algorithm: Algorithm;
  /** Adam's rate. */
  rate: number;
  /** Batches written, 60 by default, and completions in each, 64. */
  iterations?: number;
  batch?: number;
  /** Of the accuracy, in batches; 10 by default. */
  every?: number;
}

export type LettersPath = {
  /** The exact accuracy before the first batch and after every few. */
  readonly accuracy: number[];
  /** Mean length of the completions of the last ten batches, in tokens, <end> included. */
  readonly length: number;
};

/** Transformers that learn to write distinct letters, by a reward that a program checks. */
export interface LettersTrial {
  /** A policy that has imitated 4,000 demonstrations, three in ten of them right. The caller disposes of it. */
  imitate(key: Key): Promise<TransformerParams>;
  /** The probability of the right completion, mean over all prompts: exact, but for float32. */
  accuracy(params: TransformerParams): number;
  /**
   * One run of an on-policy algorithm from there, without a reference KL; the trained policy is
   * given back as its path only.
   */
  run(key: Key, start: TransformerParams, run: LettersRun): Promise<LettersPath>;
}

/**
 * What an algorithm is tried on when right and wrong can be checked. `model` reads prompt and completion:
 * a context of 2 size + 1.
 */
export function lettersTrial(task: DistinctLetters, model: Transformer): LettersTrial {
  const accuracy = (params: TransformerParams) =>
    mean(completionLogProbs(model, params, task.solved, { batch: 125 }).map(Math.exp));
  return {
    accuracy,
    async imitate(key) {
      const [initKey, trainKey, dataKey] = split(key, 3);
      const first = model.init(initKey);
      const { state } = await trainSupervised(trainKey, {
        model,
        start: first,
        optimizer: adam({ rate: 3e-3 }),
        demonstrations: task.demonstrations(dataKey, 4000, { skill: 0.3 }),
        batch: 64,
        steps: 300,
        label: false,
      });
      disposeTree([first, state.optimizer]);
      return state.params;
    },
    async run(key, start, { algorithm, rate, iterations = 60, batch = 64, every = 10 }) {
      const seen = [accuracy(start)];
      const { params, critic, history } = await trainPolicy(key, {
        model,
        start,
        algorithm,
        optimizer: adam({ rate }),
        prompts: task.prompts,
        reward: task.reward,
        batch,
        newTokens: task.newTokens,
        stop: task.end,
        pad: task.end,
        iterations,
        beta: 0,
        label: false,
        evaluate: {
          every,
          run: ({ params: { policy } }) => {
            seen.push(accuracy(policy));
            return { accuracy: seen[seen.length - 1] };
          },
        },
      });
      disposeTree(critic === undefined ? params : [params, critic]);
      return { accuracy: seen, length: mean(history.slice(-10).map(({ length }) => length)) };
    },
  };
}
