import type { Transformer, TransformerParams } from "../../models/index.js";
import { mean, meanInterval } from "../../numerics/index.js";
import { type Key, split } from "../../random/index.js";
import { disposeTree, memoize } from "../../tensor/index.js";
import * as directMethods from "../../train/directMethods.js";
import * as algorithms from "../../train/policy/algorithms/index.js";
import type { MoodContinuation } from "../../worlds/text/index.js";
import { askAgain, type ComparisonSets, collectComparisons, labelCeiling } from "./collectComparisons.js";
import type { PipelineConfig } from "./config.js";
import { fitReward } from "./fitReward.js";
import { bestOfNPoints, judgeCompletions, type KlRewardPoint, klRewardPath, klRewardPoint } from "./frontier.js";
import { alignDirectly, type BeforeOptimising, optimise } from "./optimise.js";

/**
 * One seed of the survey: the reward model's accuracy and its ceiling, and the path of each
 * method from the reference on.
 */
export interface SurveySeed {
  readonly accuracy: number;
  readonly ceiling: number;
  readonly paths: Readonly<Record<string, readonly KlRewardPoint[]>>;
}

export interface SurveyOptions {
  /** Iterations of each trained method, and over how many of them a point of its path is averaged. */
  iterations: number;
  window?: number;
  /** The n's of best-of-n. */
  ns?: readonly number[];
  /**
   * What DPO is given: steps of `config.batch` comparisons each, its rate, and its price of a nat
   * (by default the others').
   */
  dpo?: { steps: number; rate: number; beta?: number };
  /** Continuations that labelers are asked about, anew for each seed; by default each seed writes its own. */
  written?: ComparisonSets;
  /** Called with what has been done, for progress. */
  onStage?(stage: string): void;
}

/**
 * The methods, one object each, so that every seed finds the graphs of the first; rates that bring each about
 * as far from the reference.
 */
const ppo = { algorithm: algorithms.ppo(), rate: 1.4e-3 };
const rloo = { algorithm: algorithms.rloo(), rate: 1.8e-3 };
const grpo = { algorithm: algorithms.grpo(), rate: 2.7e-3 };
const dpoOf = (model: Transformer, beta: number) =>
  memoize([model], `surveyed DPO ${beta}`, () => directMethods.dpo({ beta }));

/** What a seed does, one after the other, for a progress bar. */
export const surveyStages = ["labels", "reward model", "PPO", "RLOO", "GRPO", "DPO", "best of n"] as const;

/**
 * Everything after fine-tuning, anew from one key: labels (of new continuations, or of those given), reward model, and
 * five methods. Each path begins at the reference. The points of PPO, RLOO and GRPO are means over neighbouring
 * iterations, with fresh prompts in each; those of DPO and best-of-n are measured on held-out prompts. All but DPO are
 * paid by a reward model that has read every comparison, and has a table of words; DPO is the transformer alone, and
 * reads as many as its steps do.
 */
export async function surveySeed(
  key: Key,
  config: PipelineConfig,
  task: MoodContinuation,
  model: Transformer,
  tuned: TransformerParams,
  options: SurveyOptions,
): Promise<SurveySeed> {
  const { iterations, window = 6, ns = [1, 2, 4, 8, 16], dpo = { steps: 400, rate: 1e-3 } } = options;
  const { written, onStage } = options;
  const [compareKey, rewardKey, ppoKey, rlooKey, grpoKey, dpoKey, sampleKey, judgeKey] = split(key, 8);
  const quiet = { label: false as const };
  const comparisons =
    written === undefined
      ? collectComparisons(compareKey, config, task, model, tuned)
      : askAgain(compareKey, config, written);
  onStage?.("labels");
  const reward = await fitReward(rewardKey, config, task, model, tuned, comparisons, quiet);
  onStage?.("reward model");
  const before: BeforeOptimising = { config, task, model, tuned, reward, comparisons };
  const perPrompt = ns.reduce((most, n) => Math.max(most, n));
  const samples = judgeCompletions(sampleKey, before, tuned, { prompts: Math.ceil(1024 / perPrompt), n: perPrompt });
  const origin = { ...klRewardPoint(samples), kl: 0 };
  const paths: Record<string, KlRewardPoint[]> = {};
  const trained = [
    [ppoKey, ppo],
    [rlooKey, rloo],
    [grpoKey, grpo],
  ] as const;
  for (const [methodKey, { algorithm, rate }] of trained) {
    const { params, critic, history } = await optimise(methodKey, before, algorithm, { ...quiet, iterations, rate });
    paths[algorithm.name] = [origin, ...klRewardPath(history, window)];
    disposeTree(critic === undefined ? params : [params, critic]);
    onStage?.(algorithm.name);
  }
  paths.DPO = [origin];
  const { params } = await alignDirectly(dpoKey, before, dpoOf(model, dpo.beta ?? config.optimise.beta), {
    ...quiet,
    rate: dpo.rate,
    // The reward model has read all comparisons; DPO reads `config.batch` of them in a step, so it needs hundreds of
    // steps to have read some of them.
    steps: dpo.steps,
    every: Math.ceil((dpo.steps * window) / iterations),
    watch: (now) => void paths.DPO.push(klRewardPoint(judgeCompletions(judgeKey, before, now, { prompts: 128 }))),
  });
  onStage?.("DPO");
  paths["best of n"] = bestOfNPoints(samples, perPrompt, ns);
  onStage?.("best of n");
  disposeTree([params, reward.params]);
  return { accuracy: reward.testAccuracy, ceiling: labelCeiling(comparisons.test, config), paths };
}

/**
 * A method's path over seeds: means at each point, and half a 95 % interval of the mean true reward (Student's t); 0
 * for one seed, which has none.
 */
export function surveyPath(
  seeds: readonly SurveySeed[],
  method: string,
): { kl: number[]; trueReward: number[]; reward: number[]; half: number[] } {
  const paths = seeds.map((seed) => seed.paths[method]);
  const over = (f: (point: KlRewardPoint) => number) => paths[0].map((_, i) => paths.map((path) => f(path[i])));
  const half = (values: number[]) => (values.length < 2 ? 0 : meanInterval(values).half);
  return {
    kl: over(({ kl }) => kl).map(mean),
    reward: over(({ reward }) => reward).map(mean),
    trueReward: over(({ trueReward }) => trueReward).map(mean),
    half: over(({ trueReward }) => trueReward).map(half),
  };
}
