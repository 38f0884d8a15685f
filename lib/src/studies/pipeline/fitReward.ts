import type { MetricsRecord } from "../../core/index.js";
import type { ScalarModelParams, Transformer, TransformerParams } from "../../models/index.js";
import { mean } from "../../numerics/index.js";
import type { Key } from "../../random/index.js";
import {
  fitWordScores,
  preferenceAccuracy,
  type WordGroup,
  type WordScoreTable,
  wordScoreReward,
} from "../../rewards/index.js";
import { type TokenScoreReward, tokenScoreReward } from "../../rewards/tensor.js";
import { adamW, cosineSchedule, disposeTree, mapTree, memoize } from "../../tensor/index.js";
import { wordsOf } from "../../tokenizers/index.js";
import { type ComparisonGroup, groupRewards, trainGroupReward } from "../../train/index.js";
import type { MoodContinuation } from "../../worlds/text/index.js";
import type { ComparisonSets, JudgedGroup } from "./collectComparisons.js";
import type { PipelineConfig } from "./config.js";
import type { StageOptions } from "./supervise.js";

/** A reward model, and what it says of comparisons that it has not seen. The reward is the sum of its two parts. */
export interface PipelineReward {
  /** The wide part: what each word adds, whatever stands around it. */
  readonly words: WordScoreTable;
  /** The deep part: what each token adds, having seen all before it. */
  readonly model: TokenScoreReward;
  readonly params: ScalarModelParams;
  /**
   * The mean reward of continuations that it learned from. Comparisons leave a constant open; with this one taken off,
   * the fine-tuned policy earns 0 (Ziegler et al. 2019 do the same).
   */
  readonly offset: number;
  readonly history: MetricsRecord[];
  /**
   * Rewards of chosen minus rejected on the test comparisons, in the order of `comparisonsOf`, in nats;
   * accuracy is the share above 0.
   */
  readonly testMargins: Float64Array;
  readonly testAccuracy: number;
  /** The accuracy of the wide part alone. */
  readonly wordsAccuracy: number;
}

/**
 * Stage 3, reward modelling, wide and deep (Cheng et al. 2016, arXiv:1606.07792): first a table of words, fitted to
 * the comparisons by maximum a posteriori; then the fine-tuned policy's body with a head that scores every token
 * learns what to add. The table is what rare words need: their tokens are parts of other words too. Neither sees
 * anything but comparisons.
 */
export async function fitReward(
  key: Key,
  config: PipelineConfig,
  task: MoodContinuation,
  policy: Transformer,
  body: TransformerParams,
  comparisons: ComparisonSets,
  stage: StageOptions = {},
): Promise<PipelineReward> {
  const { steps, batch, rate, dropout } = config.reward;
  const { words, texts, margins: wordMargins } = wordsAlone(config, task, comparisons);
  const [train, test] = (["train", "test"] as const).map((part) =>
    comparisons[part].map((group, g) => {
      return { ...group, baseRewards: texts[part][g].texts.map((text) => wordScoreReward(words, text)) };
    }),
  );
  // One model and one optimiser for each policy, so that all its reward models share their graphs.
  const from = task.promptTokens;
  const model = memoize([policy], `token scores from ${from}, dropout ${dropout}`, () =>
    tokenScoreReward({ ...policy.config, dropout }, policy.config.context, from),
  );
  const optimizer = memoize([policy], `reward optimiser ${rate} ${steps}`, () =>
    adamW({ rate: cosineSchedule(rate, steps, { warmup: Math.ceil(steps / 20) }), maxNorm: 1, decay: 0.1 }),
  );
  const length = policy.config.context;
  const { state, history } = await trainGroupReward(key, {
    ...stage,
    label: stage.label ?? "reward model",
    model,
    init: (k) =>
      model.init(
        k,
        mapTree(body, (leaf) => leaf.clone()),
      ),
    optimizer,
    train,
    length,
    batch,
    steps,
  });
  disposeTree(state.optimizer);
  const rewards = (groups: (ComparisonGroup & { baseRewards: number[] })[]) =>
    groupRewards(model, state.params, groups, { length }).map((deep, g) =>
      deep.map((r, i) => r + groups[g].baseRewards[i]),
    );
  const testMargins = margins(test, rewards(test));
  return {
    words,
    model,
    params: state.params,
    // A third of the continuations says it well enough: to a few hundredths of a nat.
    offset: mean(rewards(train.slice(0, Math.ceil(train.length / 3))).flat()),
    history,
    testMargins,
    testAccuracy: preferenceAccuracy(testMargins),
    wordsAccuracy: preferenceAccuracy(wordMargins),
  };
}

/**
 * The wide part alone: its table, what it says of the test comparisons, and the words of all
 * continuations. Takes a second.
 */
export function wordsAlone(
  { reward: { deviation } }: Pick<PipelineConfig, "reward">,
  task: MoodContinuation,
  comparisons: ComparisonSets,
): { words: WordScoreTable; margins: Float64Array; texts: Readonly<Record<"train" | "test", WordGroup[]>> } {
  const inWords = ({ completions, wins }: JudgedGroup) => ({
    texts: completions.map((completion) => wordsOf(task.tokenizer.decode(completion))),
    wins,
  });
  const texts = { train: comparisons.train.map(inWords), test: comparisons.test.map(inWords) };
  const words = fitWordScores(texts.train, { deviation });
  const rewards = texts.test.map((group) => group.texts.map((text) => wordScoreReward(words, text)));
  return { words, texts, margins: margins(comparisons.test, rewards) };
}

/** Rewards of chosen minus rejected, comparison by comparison. */
function margins(groups: readonly ComparisonGroup[], rewards: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(groups.flatMap(({ wins }, g) => wins.map(([i, j]) => rewards[g][i] - rewards[g][j])));
}
