import type { ScalarModelParams, Transformer, TransformerParams } from "../../models/index.js";
import type { Key } from "../../random/index.js";
import {
  completionInputs,
  preferenceAccuracy,
  rewardMargins,
  type TokenScoreReward,
  tokenScoreReward,
} from "../../rewards/index.js";
import { adamW, cosineSchedule, mapTree } from "../../tensor/index.js";
import type { MetricsRecord } from "../loop.js";
import { trainRewardModel } from "../rewardModel.js";
import type { ComparisonSets, JudgedComparison } from "./compare.js";
import type { PipelineConfig } from "./config.js";
import type { StageOptions } from "./supervise.js";

/** A reward model, and what it says of comparisons that it has not seen. */
export interface LearnedReward {
  readonly model: TokenScoreReward;
  readonly params: ScalarModelParams;
  readonly history: MetricsRecord[];
  /** Rewards of chosen minus rejected on the test comparisons, in nats; accuracy is the share above 0. */
  readonly testMargins: Float64Array;
  readonly testAccuracy: number;
}

/** Stage 3, reward modelling: the fine-tuned policy's body with a scalar head, fitted to the comparisons by maximum likelihood. */
export async function learnReward(
  key: Key,
  config: PipelineConfig,
  policy: Transformer,
  body: TransformerParams,
  comparisons: ComparisonSets,
  stage: Pick<StageOptions, "label" | "onRecord"> = {},
): Promise<LearnedReward> {
  const { steps, rate, dropout } = config.reward;
  const options = { ...policy.config, dropout };
  const fresh = tokenScoreReward(options);
  const own = () => mapTree(body, (leaf) => leaf.clone());
  const model: TokenScoreReward = { ...fresh, init: (k) => fresh.init(k, own()) };
  const inputs = (list: readonly JudgedComparison[]) =>
    completionInputs(
      list.map(({ prompt }) => prompt),
      list.map(({ chosen }) => chosen),
      list.map(({ rejected }) => rejected),
      { length: policy.config.context },
    );
  const test = inputs(comparisons.test);
  const { params, history } = await trainRewardModel(key, {
    ...stage,
    label: stage.label ?? "reward model",
    model,
    optimizer: adamW({ rate: cosineSchedule(rate, steps, { warmup: Math.ceil(steps / 20) }), maxNorm: 1, decay: 0.1 }),
    train: inputs(comparisons.train),
    validation: test,
    batch: config.batch,
    steps,
    evaluateEvery: Math.max(1, Math.floor(steps / 8)),
  });
  const testMargins = rewardMargins(model, params, test, 256);
  return { model, params, history, testMargins, testAccuracy: preferenceAccuracy(testMargins) };
}
