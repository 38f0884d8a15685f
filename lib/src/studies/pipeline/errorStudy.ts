import { mean } from "../../numerics/index.js";
import { bestOfNEstimate } from "../../policy/index.js";
import { foldIn, type Key, split } from "../../random/index.js";
import { wordScoreReward } from "../../rewards/index.js";
import { disposeTree } from "../../tensor/index.js";
import { wordsOf } from "../../tokenizers/index.js";
import { groupRewards, sampleCompletions } from "../../train/index.js";
import type { MoodContinuation } from "../../worlds/text/index.js";
import { comparisonsOf, trueMood } from "./collectComparisons.js";
import { fitReward, type PipelineReward } from "./fitReward.js";
import type { BeforeOptimising } from "./optimise.js";
import { rowsPerCall } from "./rowsPerCall.js";

/** A reward model made from so many comparisons, how wrong it is, and what a policy that trusts it loses. */
export interface RewardErrorPoint {
  readonly comparisons: number;
  /** Accuracy on the labels of held-out comparisons. */
  readonly accuracy: number;
  /**
   * Root mean square of learned minus true reward over the reference's continuations, each
   * taken from its mean, in nats.
   */
  readonly error: number;
  /** True reward of best-of-n by this reward model, and what is missing to best-of-n by the true reward, in nats. */
  readonly trueReward: number;
  readonly loss: number;
}

/**
 * How an error of the reward becomes a loss of the policy, measured on the transformer: reward models from more and
 * more comparisons, and best-of-n by each of them, the optimiser that goes equally far for every reward. The
 * samples are the same for all.
 */
export async function rewardErrorStudy(
  key: Key,
  before: Omit<BeforeOptimising, "reward">,
  counts: readonly number[],
  { n = 16, prompts = 64 }: { n?: number; prompts?: number } = {},
): Promise<RewardErrorPoint[]> {
  const { config, task, model, tuned, comparisons } = before;
  const [rewardKey, sampleKey] = split(key);
  const [promptKey, writeKey] = split(sampleKey);
  // Written once, and judged by the truth once; every reward model reads the same.
  const samples = sampleCompletions(writeKey, {
    model,
    params: tuned,
    prompts: task.prompts(promptKey, prompts, "heldOut"),
    n,
    newTokens: task.newTokens,
    reward: trueMood(task),
    batch: Math.min(rowsPerCall, prompts * n),
  });
  const truth = samples.map((sample) => sample.reward);
  const groups = Array.from({ length: prompts }, (_, g) => {
    const own = samples.slice(g * n, (g + 1) * n);
    return { prompt: own[0].prompt, completions: own.map(({ completion }) => completion), wins: [] as [] };
  });
  const points: RewardErrorPoint[] = [];
  for (const [i, count] of counts.entries()) {
    const train = comparisons.train.slice(0, count);
    // As many passes over the data as with all of it, and no fewer than a few dozen steps.
    const steps = Math.max(40, Math.round((config.reward.steps * count) / comparisons.train.length));
    const own = { ...config, reward: { ...config.reward, steps } };
    const reward = await fitReward(
      foldIn(rewardKey, i),
      own,
      task,
      model,
      tuned,
      { ...comparisons, train },
      { label: false },
    );
    const said = learnedRewards(reward, task, groups).flat();
    const [saidMean, truthMean] = [mean(said), mean(truth)];
    const chosenBy = (scores: readonly number[]) =>
      mean(
        Array.from({ length: prompts }, (_, g) => {
          const part = <T>(list: readonly T[]) => list.slice(g * n, (g + 1) * n);
          return bestOfNEstimate(part(scores), n, part(truth));
        }),
      );
    points.push({
      comparisons: comparisonsOf(train).length,
      accuracy: reward.testAccuracy,
      error: Math.sqrt(mean(said.map((r, k) => (r - saidMean - (truth[k] - truthMean)) ** 2))),
      trueReward: chosenBy(said),
      loss: chosenBy(truth) - chosenBy(said),
    });
    disposeTree(reward.params);
  }
  return points;
}

/** What a learned reward says of the completions of each group, in nats. */
function learnedRewards(
  { words, model, params, offset }: PipelineReward,
  { tokenizer, promptTokens, newTokens }: MoodContinuation,
  groups: readonly { prompt: readonly number[]; completions: readonly (readonly number[])[]; wins: [] }[],
): number[][] {
  return groupRewards(model, params, groups, { length: promptTokens + newTokens }).map((deep, g) =>
    deep.map((more, i) => more + wordScoreReward(words, wordsOf(tokenizer.decode(groups[g].completions[i]))) - offset),
  );
}
