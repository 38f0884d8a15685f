import type { ScalarModelParams, Transformer, TransformerParams } from "../../models/index.js";
import { mean } from "../../numerics/index.js";
import type { Key } from "../../random/index.js";
import { preferenceAccuracy, type TokenScoreReward, tokenScoreReward } from "../../rewards/index.js";
import { adamW, cosineSchedule, disposeTree, mapTree } from "../../tensor/index.js";
import type { MetricsRecord } from "../loop.js";
import { groupRewards, trainGroupReward } from "../rewardGroups.js";
import type { ComparisonSets } from "./compare.js";
import type { PipelineConfig } from "./config.js";
import type { StageOptions } from "./supervise.js";

/** A reward model, and what it says of comparisons that it has not seen. */
export interface LearnedReward {
  readonly model: TokenScoreReward;
  readonly params: ScalarModelParams;
  /**
   * The mean reward of the continuations that it learned from. Comparisons leave a constant open; with this one taken off, the fine-tuned
   * policy earns 0 (Ziegler et al. 2019 do the same).
   */
  readonly offset: number;
  readonly history: MetricsRecord[];
  /** Rewards of chosen minus rejected on the test comparisons, in the order of `comparisonsOf`, in nats; accuracy is the share above 0. */
  readonly testMargins: Float64Array;
  readonly testAccuracy: number;
}

/**
 * Stage 3, reward modelling: the fine-tuned policy's body with a head that scores every token, fitted to the comparisons by maximum
 * likelihood.
 */
export async function learnReward(
  key: Key,
  config: PipelineConfig,
  policy: Transformer,
  body: TransformerParams,
  comparisons: ComparisonSets,
  stage: StageOptions = {},
): Promise<LearnedReward> {
  const { steps, batch, rate, dropout } = config.reward;
  const fresh = tokenScoreReward({ ...policy.config, dropout });
  const own = () => mapTree(body, (leaf) => leaf.clone());
  const model: TokenScoreReward = { ...fresh, init: (k) => fresh.init(k, own()) };
  const length = policy.config.context;
  const { state, history } = await trainGroupReward(key, {
    ...stage,
    label: stage.label ?? "reward model",
    model,
    optimizer: adamW({ rate: cosineSchedule(rate, steps, { warmup: Math.ceil(steps / 20) }), maxNorm: 1, decay: 0.1 }),
    train: comparisons.train,
    validation: comparisons.test,
    length,
    batch,
    steps,
  });
  disposeTree(state.optimizer);
  const rewards = groupRewards(model, state.params, comparisons.test, { length });
  const offset = mean(groupRewards(model, state.params, comparisons.train, { length }).flat());
  const testMargins = Float64Array.from(
    comparisons.test.flatMap(({ wins }, g) => wins.map(([i, j]) => rewards[g][i] - rewards[g][j])),
  );
  return { model, params: state.params, offset, history, testMargins, testAccuracy: preferenceAccuracy(testMargins) };
}
