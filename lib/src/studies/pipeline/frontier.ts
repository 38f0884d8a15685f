import type { MetricsRecord } from "../../core/index.js";
import type { TransformerParams } from "../../models/index.js";
import { mean } from "../../numerics/index.js";
import { bestOfNEstimate, bestOfNKLBound } from "../../policy/index.js";
import { type Key, split } from "../../random/index.js";
import { checkCounts } from "../../train/checks.js";
import { completionLogProbs, type SampledCompletion, sampleCompletions } from "../../train/index.js";
import { type BeforeOptimising, pipelineReward } from "./optimise.js";
import { rowsPerCall } from "./rowsPerCall.js";

/**
 * Where a policy stands: how far from the reference, what the reward model says of it, what people would
 * say. Means over completions.
 */
export interface KlRewardPoint {
  /** KL(policy || reference), nats per completion. */
  readonly kl: number;
  readonly reward: number;
  readonly trueReward: number;
}

/** A completion with all that is known of it. */
export interface JudgedCompletion extends SampledCompletion {
  readonly trueReward: number;
  /** log pi(completion | prompt) under the reference, in nats. */
  readonly logpRef: number;
}

/**
 * Completions of a policy to prompts of held-out chapters, `n` to each, judged by the reward model and by the truth.
 */
export function judgeCompletions(
  key: Key,
  before: Omit<BeforeOptimising, "comparisons">,
  params: TransformerParams,
  { prompts = 256, n = 1 }: { prompts?: number; n?: number } = {},
): JudgedCompletion[] {
  const { task, model, tuned } = before;
  const [promptKey, writeKey] = split(key);
  const batch = Math.min(rowsPerCall, prompts * n); // no more than there are to write
  const samples = sampleCompletions(writeKey, {
    model,
    params,
    prompts: task.prompts(promptKey, prompts, "heldOut"),
    n,
    newTokens: task.newTokens,
    reward: pipelineReward(before),
    batch,
  });
  // Whoever writes knows how likely it is.
  const logpRef =
    params === tuned
      ? samples.map(({ logp }) => logp)
      : completionLogProbs(model, tuned, samples, { batch, from: task.promptTokens });
  return samples.map((sample, i) => ({
    ...sample,
    trueReward: task.mood(task.tokenizer.decode(sample.completion)),
    logpRef: logpRef[i],
  }));
}

/** The point of a sample. Its KL is the mean of logp - logpRef, unbiased when the completions are the policy's own. */
export function klRewardPoint(samples: readonly JudgedCompletion[]): KlRewardPoint {
  return {
    kl: mean(samples.map(({ logp, logpRef }) => logp - logpRef)),
    reward: mean(samples.map(({ reward }) => reward)),
    trueReward: mean(samples.map(({ trueReward }) => trueReward)),
  };
}

/**
 * Best-of-n against the learned reward, for every n of a list, from one set of samples with as many completions to each
 * prompt as the largest n or more: without bias, from all subsets of n. The KL is the bound ln n - (n - 1) / n, close
 * to exact where no completion is likely (Beirami et al. 2024, arXiv:2401.01879).
 */
export function bestOfNPoints(
  samples: readonly JudgedCompletion[],
  perPrompt: number,
  ns: readonly number[],
): KlRewardPoint[] {
  checkCounts({ perPrompt });
  const groups = Array.from({ length: samples.length / perPrompt }, (_, g) =>
    samples.slice(g * perPrompt, (g + 1) * perPrompt),
  );
  return ns.map((n) => ({
    kl: bestOfNKLBound(n),
    reward: mean(
      groups.map((own) =>
        bestOfNEstimate(
          own.map(({ reward }) => reward),
          n,
        ),
      ),
    ),
    trueReward: mean(
      groups.map((own) =>
        bestOfNEstimate(
          own.map(({ reward }) => reward),
          n,
          own.map(({ trueReward }) => trueReward),
        ),
      ),
    ),
  }));
}

/** The way of a policy through training: means over `window` neighbouring iterations of a trainer's history. */
export function klRewardPath(history: readonly MetricsRecord[], window = 10): KlRewardPoint[] {
  checkCounts({ window });
  const points: KlRewardPoint[] = [];
  for (let begin = 0; begin + window <= history.length; begin += window) {
    const part = history.slice(begin, begin + window);
    const over = (name: string) => mean(part.map((record) => record[name]));
    points.push({ kl: over("referenceKl"), reward: over("reward"), trueReward: over("trueReward") });
  }
  return points;
}

/**
 * How far a path had to go, in nats of KL, for a true reward of `level`: the first crossing, between two points by a
 * straight line. Infinity if it never has that much.
 */
export function klToReach(path: { kl: readonly number[]; trueReward: readonly number[] }, level: number): number {
  const { kl, trueReward } = path;
  const i = trueReward.findIndex((reward) => reward >= level);
  if (i < 0) return Number.POSITIVE_INFINITY;
  if (i === 0) return kl[0];
  const part = (level - trueReward[i - 1]) / (trueReward[i] - trueReward[i - 1]);
  return kl[i - 1] + part * (kl[i] - kl[i - 1]);
}
