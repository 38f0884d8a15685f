import { mean } from "../../numerics/index.js";
import { bestOfNEstimate } from "../../policy/index.js";
import { foldIn, type Key, split } from "../../random/index.js";
import { disposeTree } from "../../tensor/index.js";
import { comparisonsOf } from "./collectComparisons.js";
import { fitReward } from "./fitReward.js";
import { judgeCompletions } from "./frontier.js";
import type { BeforeOptimising } from "./optimise.js";

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
  groups: readonly number[],
  { n = 16, prompts = 64 }: { n?: number; prompts?: number } = {},
): Promise<RewardErrorPoint[]> {
  const { config, task, model, tuned, comparisons } = before;
  const [rewardKey, sampleKey] = split(key);
  const points: RewardErrorPoint[] = [];
  for (const [i, count] of groups.entries()) {
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
    const samples = judgeCompletions(sampleKey, { ...before, reward }, tuned, { prompts, n });
    const [said, truth] = [samples.map((s) => s.reward), samples.map((s) => s.trueReward)];
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
