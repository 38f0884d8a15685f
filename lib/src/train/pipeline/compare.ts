import type { Transformer, TransformerParams } from "../../models/index.js";
import { bradleyTerry } from "../../preferences/index.js";
import { type Key, split } from "../../random/index.js";
import { labelPairs, type MoodContinuation } from "../../rewards/index.js";
import type { TokenComparison } from "../direct.js";
import { sampleCompletions } from "../expertIteration.js";
import { textReward } from "../policy/reward.js";
import type { PipelineConfig } from "./config.js";

/** A comparison and what only we know of it. */
export interface JudgedComparison extends TokenComparison {
  readonly prompt: readonly number[];
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
  /** True utilities, in nats. */
  readonly chosenMood: number;
  readonly rejectedMood: number;
}

/** Comparisons to learn from and to test on: no prompt is in both. */
export interface ComparisonSets {
  readonly train: JudgedComparison[];
  readonly test: JudgedComparison[];
}

/**
 * Stage 2: the policy writes two continuations to each prompt, and a simulated labeler says which one they prefer: Bradley-Terry on the
 * true moods, with the config's noise. Test comparisons are about held-out chapters.
 */
export function compare(
  key: Key,
  config: PipelineConfig,
  task: MoodContinuation,
  model: Transformer,
  params: TransformerParams,
): ComparisonSets {
  const { pairs, testShare } = config.compare;
  const test = Math.round(pairs * testShare);
  const [trainKey, testKey] = split(key);
  const ask = (k: Key, count: number, part: "demonstrations" | "heldOut") => {
    const [promptKey, writeKey, labelKey] = split(k, 3);
    const samples = sampleCompletions(writeKey, {
      model,
      params,
      prompts: task.prompts(promptKey, count, part),
      n: 2,
      newTokens: task.newTokens,
      reward: trueMood(task),
    });
    const first = samples.filter((_, i) => i % 2 === 0);
    const second = samples.filter((_, i) => i % 2 === 1);
    const moods = (list: typeof samples) => list.map(({ reward }) => reward);
    const labels = labelPairs(labelKey, moods(first), moods(second), config.compare.noise);
    return first.map((one, k): JudgedComparison => {
      const [chosen, rejected] = labels[k] === 1 ? [one, second[k]] : [second[k], one];
      return {
        prompt: one.prompt,
        chosen: chosen.completion,
        rejected: rejected.completion,
        chosenMood: chosen.reward,
        rejectedMood: rejected.reward,
      };
    });
  };
  return { train: ask(trainKey, pairs - test, "demonstrations"), test: ask(testKey, test, "heldOut") };
}

/** The true utility as a reward function: for measuring, and for labelers. */
export function trueMood(task: MoodContinuation) {
  return textReward(task.tokenizer, (continuation) => task.mood(continuation));
}

/**
 * The best accuracy that anybody could have on comparisons, knowing the true moods but not the labeler's luck: the mean over pairs of
 * max(p, 1 - p), p the probability of the labeler's answer.
 */
export function labelCeiling(comparisons: readonly JudgedComparison[], config: PipelineConfig): number {
  const sum = comparisons.reduce((total, { chosenMood, rejectedMood }) => {
    const p = bradleyTerry.probability(chosenMood - rejectedMood, config.compare.noise);
    return total + Math.max(p, 1 - p);
  }, 0);
  return sum / comparisons.length;
}
