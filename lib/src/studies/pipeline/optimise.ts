import type { Transformer, TransformerParams } from "../../models/index.js";
import type { Key } from "../../random/index.js";
import { wordScoreReward } from "../../rewards/index.js";
import { adam, cosineSchedule, disposeTree, memoize } from "../../tensor/index.js";
import { wordsOf } from "../../tokenizers/index.js";
import {
  type Algorithm,
  type DirectMethod,
  type PolicyResult,
  type RewardFunction,
  readsCompletion,
  rewardFromModel,
  textReward,
  trainDirect,
  trainPolicy,
} from "../../train/index.js";
import type { MoodContinuation } from "../../worlds/text/index.js";
import { type ComparisonSets, comparisonsOf, type JudgedGroup, trueMood } from "./collectComparisons.js";
import type { PipelineConfig } from "./config.js";
import type { PipelineReward } from "./fitReward.js";
import type { StageOptions, TrainedPolicy } from "./supervise.js";

/** What the last stage starts from: all that came before. */
export interface BeforeOptimising {
  readonly config: PipelineConfig;
  readonly task: MoodContinuation;
  readonly model: Transformer;
  /** The fine-tuned policy: where it starts, and the reference it is held to. */
  readonly tuned: TransformerParams;
  readonly reward: PipelineReward;
  readonly comparisons: ComparisonSets;
}

/** The learned reward as a reward function, 0 on average for the fine-tuned policy. */
export function pipelineReward({ reward, task }: Pick<BeforeOptimising, "reward" | "task">): RewardFunction {
  const { words, model, params, offset } = reward;
  const deep = rewardFromModel(model, params, readsCompletion);
  const wide = textReward(task.tokenizer, (continuation) => wordScoreReward(words, wordsOf(continuation)));
  return (completions) => {
    const more = wide(completions);
    return Float64Array.from(deep(completions), (value, b) => value + more[b] - offset);
  };
}

/**
 * Stage 4, reinforcement learning against the learned reward by any algorithm. The true mood is
 * measured and never learned from.
 */
export async function optimise(
  key: Key,
  before: BeforeOptimising,
  algorithm: Algorithm,
  stage: StageOptions & { iterations?: number; beta?: number; rate?: number; targetKl?: number } = {},
): Promise<PolicyResult> {
  const { config, task, model, tuned } = before;
  const { optimise: numbers, batch, newTokens } = config;
  return trainPolicy(key, {
    ...stage,
    model,
    start: tuned,
    algorithm,
    optimizer: policyOptimizer(model, stage.rate ?? numbers.rate),
    prompts: (k, count) => task.prompts(k, count),
    reward: pipelineReward(before),
    trueReward: trueMood(task),
    batch,
    iterations: stage.iterations ?? numbers.iterations,
    newTokens,
    skipPrompts: true,
    beta: stage.beta ?? numbers.beta,
    checkpointEvery: 50,
  });
}

/** One optimiser for each model and rate, so that a second run finds the graphs of the first. */
function policyOptimizer(model: Transformer, rate: number) {
  return memoize([model], `policy optimiser ${rate}`, () => adam({ rate, maxNorm: 1 }));
}

/** Stage 4 without a reward model: a direct method on the comparisons themselves. */
export async function alignDirectly(
  key: Key,
  before: Omit<BeforeOptimising, "reward">,
  method: DirectMethod,
  stage: StageOptions & {
    steps?: number;
    rate?: number;
    /** Called every so many steps, and at the end, with the policy as it is. */
    every?: number;
    watch?(params: TransformerParams): void;
  } = {},
): Promise<TrainedPolicy> {
  const { config, model, tuned, comparisons } = before;
  const { steps = config.optimise.iterations, rate = config.optimise.rate, every = steps, watch } = stage;
  const { state, history } = await trainDirect(key, {
    ...stage,
    model,
    start: tuned,
    method,
    optimizer: memoize([model], `direct optimiser ${rate} ${steps}`, () =>
      adam({ rate: cosineSchedule(rate, steps, { warmup: Math.ceil(steps / 20) }), maxNorm: 1 }),
    ),
    comparisons: comparisonsOf(comparisons.train),
    // The reference wrote them, and knows how likely each is.
    ...(comparisons.writer === tuned && { logpRef: writersLogProbs(comparisons.train) }),
    batch: config.batch,
    skipPrompts: true,
    steps,
    evaluate: watch && {
      every,
      run(now) {
        watch(now.params);
        return {};
      },
    },
  });
  disposeTree(state.optimizer);
  return { params: state.params, history };
}

/** What the writer of some groups says of their comparisons, in the order of `comparisonsOf`. */
function writersLogProbs(groups: readonly JudgedGroup[]): Record<"chosen" | "rejected", number[]> {
  const of = (which: 0 | 1) => groups.flatMap(({ wins, logps }) => wins.map((pair) => logps[pair[which]]));
  return { chosen: of(0), rejected: of(1) };
}
