// The stages of the pipeline on a small book, end to end, and what they promise to each other.
import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { mobyDick } from "../../lib/src/data/index.js";
import { policyFigure } from "../../lib/src/notebook/index.js";
import { foldIn, key, split } from "../../lib/src/random/index.js";
import { wordScoreReward } from "../../lib/src/rewards/index.js";
import { completionBatch } from "../../lib/src/rewards/tensor.js";
import {
  alignDirectly,
  bestOfNPoints,
  collectComparisons,
  comparisonsOf,
  fineTune,
  fitReward,
  judgeCompletions,
  klRewardPath,
  klRewardPoint,
  klToReach,
  knowingWords,
  labelCeiling,
  optimise,
  type PipelineConfig,
  pipelineConfig,
  pipelineModel,
  pretrain,
  rankedByDifference,
  rewardErrorStudy,
  shareOfCeiling,
  surveyPath,
  surveySeed,
  wordScores,
  wordsAlone,
} from "../../lib/src/studies/index.js";
import { disposeTree, tf } from "../../lib/src/tensor/index.js";
import { wordsOf } from "../../lib/src/tokenizers/index.js";
import { algorithms, directMethods } from "../../lib/src/train/index.js";
import { moodContinuation } from "../../lib/src/worlds/text/index.js";

describe("the pipeline", () => {
  const config: PipelineConfig = {
    ...pipelineConfig,
    model: { width: 16, layers: 1, heads: 2 },
    vocabulary: 300,
    promptTokens: 4,
    newTokens: 6,
    batch: 16,
    pretrain: { steps: 30, rate: 1e-2 },
    tune: { steps: 10, rate: 1e-3 },
    compare: { prompts: 40, testPrompts: 16, perPrompt: 3, labelers: 2, noise: { temperature: 1, lapse: 0.1 } },
    reward: { deviation: 0.5, steps: 10, batch: 8, rate: 1e-2, dropout: 0 },
    optimise: { iterations: 4, rate: 1e-3, beta: 0.1 },
  };
  const quiet = { label: false as const };
  const [readKey, tuneKey, askKey, rewardKey, optimiseKey, testKey] = split(key(1), 6);
  const task = moodContinuation(key(2), { ...config, chapters: mobyDick().slice(0, 10) });
  const model = pipelineModel(config, task);

  it("runs from the book to a policy, each stage with what the one before left", async () => {
    const base = await pretrain(readKey, config, task, model, quiet);
    expect(base.history[29].validationLoss).to.be.below(base.history[5].validationLoss);
    const tuned = await fineTune(tuneKey, config, task, model, base.params, quiet);

    const comparisons = collectComparisons(askKey, config, task, model, tuned.params);
    expect(comparisons.train).to.have.length(40);
    expect(comparisonsOf(comparisons.test)).to.have.length(16 * 3 * 2);
    for (const { prompt, completions, moods, wins } of comparisons.train) {
      expect([prompt.length, completions[0].length, wins.length]).to.deep.equal([4, 6, 3 * 2]);
      // Every pair was shown to two labelers.
      const asked = wins.map((pair) => [...pair].sort().join()).sort();
      expect(asked).to.deep.equal(["0,1", "0,1", "0,2", "0,2", "1,2", "1,2"]);
      moods.forEach((mood, i) => void expect(mood).to.equal(task.mood(task.tokenizer.decode(completions[i]))));
    }
    for (const { difference } of comparisonsOf(comparisons.train)) expect(Number.isFinite(difference)).to.equal(true);
    const ceiling = labelCeiling(comparisons.test, config);
    expect(ceiling).to.be.within(0.5, 0.95); // 1 - lapse / 2

    const reward = await fitReward(rewardKey, config, task, model, tuned.params, comparisons, quiet);
    expect(reward.testMargins).to.have.length(16 * 3 * 2);
    // Who knows every word's worth knows the moods, and is right whenever the answer went with them; who
    // knows none tosses a coin.
    const [nobody, everybody] = knowingWords(task, { train: comparisons.test, test: comparisons.test }, [0, 10_000]);
    expect([nobody.words, nobody.accuracy]).to.deep.equal([0, 0.5]);
    const differences = comparisonsOf(comparisons.test).map(({ difference }) => difference);
    const agreed = differences.map((d) => (d > 0 ? 1 : d === 0 ? 0.5 : 0) as number);
    expect(everybody.accuracy).to.be.closeTo(agreed.reduce((a, b) => a + b, 0) / agreed.length, 1e-12);
    const alone = wordsAlone(config, task, comparisons);
    expect(alone.words).to.deep.equal(reward.words);
    expect(alone.margins).to.have.length(differences.length);
    for (const accuracy of [reward.testAccuracy, reward.wordsAccuracy]) expect(accuracy).to.be.within(0, 1);
    // The deep part sees the wide one's rewards, not the moods: with other moods and the same answers it is the same.
    const blind = (groups: typeof comparisons.train) =>
      groups.map((group) => ({ ...group, moods: group.moods.map(() => Number.NaN) }));
    const unseeing = { train: blind(comparisons.train), test: blind(comparisons.test) };
    const same = await fitReward(rewardKey, config, task, model, tuned.params, unseeing, quiet);
    expect(same.testMargins).to.deep.equal(reward.testMargins);
    disposeTree(same.params);
    const pieces = (y: readonly number[]) => y.map((token) => task.tokenizer.token(token)).join("");
    const written = comparisons.test.flatMap(({ completions }) => completions.flatMap((y) => wordsOf(pieces(y))));
    const scores = wordScores(reward, comparisons.test, task, { least: 1 });
    expect(scores.reduce((sum, { count }) => sum + count, 0)).to.equal(written.length);
    expect(scores.map(({ word }) => word)).to.have.members([...new Set(written)]);

    const before = { config, task, model, tuned: tuned.params, reward, comparisons };
    const tensors = tf.memory().numTensors;
    const trained = await optimise(optimiseKey, before, algorithms.ppo(), quiet);
    const judged = judgeCompletions(testKey, before, trained.params, { prompts: 8, n: 4 });
    expect(judged).to.have.length(32);
    const point = klRewardPoint(judged);
    expect(point.kl).to.be.closeTo(judged.reduce((sum, j) => sum + j.logp - j.logpRef, 0) / 32, 1e-9);
    expect(klRewardPath(trained.history, 2)).to.have.length(2);
    expect(policyFigure(trained.history).data.length).to.be.above(3);
    disposeTree(trained.critic === undefined ? trained.params : [trained.params, trained.critic]);
    const aligned = await alignDirectly(optimiseKey, before, directMethods.dpo(), quiet);
    disposeTree(aligned.params);
    expect(tf.memory().numTensors, "tensors left behind").to.equal(tensors);

    // The reward is the sum of both parts, less the offset.
    const [first] = judgeCompletions(testKey, before, tuned.params, { prompts: 2 });
    const row = completionBatch([first], 10);
    const deep = reward.model.rewards(reward.params, row);
    const wide = wordScoreReward(reward.words, wordsOf(task.tokenizer.decode(first.completion)));
    expect(first.reward).to.be.closeTo(deep.dataSync()[0] + wide - reward.offset, 1e-5);
    disposeTree([row, deep]);
    // The reference judged against itself is at no distance, and earns about 0: the offset is its mean.
    const own = judgeCompletions(testKey, before, tuned.params, { prompts: 32, n: 4 });
    expect(klRewardPoint(own).kl).to.equal(0);
    const points = bestOfNPoints(own, 4, [1, 2, 4]);
    expect(points[0].kl).to.equal(0);
    expect(points[0].reward).to.be.closeTo(klRewardPoint(own).reward, 1e-9);
    expect(points[2].reward).to.be.at.least(points[1].reward);
    const [few, many] = await rewardErrorStudy(rewardKey, before, [10, 40], { n: 4, prompts: 16 });
    expect([few.comparisons, many.comparisons]).to.deep.equal([60, 240]);
    for (const { error, loss } of [few, many]) {
      expect(error).to.be.at.least(0);
      expect(loss).to.be.at.least(0); // nobody does better than the truth on the same samples
    }
    // The same by hand: the reward model of ten groups, and what it says of the same samples.
    const [fitKey, sampleKey] = split(rewardKey);
    const fewOnes = { ...comparisons, train: comparisons.train.slice(0, 10) };
    const longer = { ...config, reward: { ...config.reward, steps: 40 } };
    const poor = await fitReward(foldIn(fitKey, 0), longer, task, model, tuned.params, fewOnes, quiet);
    const read = judgeCompletions(sampleKey, { ...before, reward: poor }, tuned.params, { prompts: 16, n: 4 });
    const gaps = read.map((sample) => sample.reward - sample.trueReward);
    const middle = gaps.reduce((a, b) => a + b, 0) / gaps.length;
    const square = gaps.reduce((sum, gap) => sum + (gap - middle) ** 2, 0) / gaps.length;
    expect(few.error).to.be.closeTo(Math.sqrt(square), 1e-5);
    const [best] = bestOfNPoints(read, 4, [4]);
    expect(few.trueReward).to.be.closeTo(best.trueReward, 1e-9);
    disposeTree(poor.params);
  });

  it("surveys five methods from one key, the same for the same key", async () => {
    const params = model.init(key(3));
    const options = { iterations: 4, window: 2, ns: [1, 2], dpo: { steps: 12, rate: 1e-3 } };
    const first = await surveySeed(key(4), config, task, model, params, options);
    expect(Object.keys(first.paths)).to.deep.equal(["PPO", "RLOO", "GRPO", "DPO", "best of n"]);
    expect(first.paths.PPO.map(({ kl }) => Number.isFinite(kl))).to.deep.equal([true, true, true]);
    expect(first.paths.DPO).to.have.length(3);
    // DPO has its own number of steps, and as many points as the others.
    const more = await surveySeed(key(4), config, task, model, params, { ...options, dpo: { steps: 24, rate: 1e-3 } });
    expect(more.paths.DPO).to.have.length(3);
    expect(more.paths.DPO).to.not.deep.equal(first.paths.DPO);
    expect(more.paths.PPO).to.deep.equal(first.paths.PPO);
    const again = await surveySeed(key(4), config, task, model, params, options);
    expect(again).to.deep.equal(first);
    const { kl, half } = surveyPath([first, again], "RLOO");
    expect(kl).to.deep.equal(first.paths.RLOO.map((point) => point.kl));
    expect(half).to.deep.equal([0, 0, 0]);
  });

  it("ranks pairs of one prompt, apart by their true difference, without ties", () => {
    const judged = (pairs: [reward: number, trueReward: number][]) =>
      pairs.map(([reward, trueReward]) => ({ reward, trueReward }));
    // The second prompt's rewards are all higher: that says nothing, and across prompts the ranks would be wrong.
    const samples = judged([
      [1, 5],
      [0, 4],
      [2, 4],
      [90, 0],
      [91, 7],
      [90, 1],
    ]);
    const rows = rankedByDifference(samples, 3);
    expect(rows.map(({ difference, pairs }) => [difference, pairs])).to.deep.equal([
      [1, 3],
      [2, 0],
      [3, 0],
      [4, 2],
    ]);
    expect(rows[0].right).to.be.closeTo((1 + 0 + 0.5) / 3, 1e-12);
    expect(rows[1].right).to.be.NaN;
    expect(rows[3].right).to.equal(1);
    expect(() => rankedByDifference(samples, 0)).to.throw(DomainError, "perPrompt");
  });

  it("says how far a path went for a reward", () => {
    const path = { kl: [0, 2, 6], trueReward: [0, 1, 3] };
    expect([0, 1, 2, 3, 3.1].map((level) => klToReach(path, level))).to.deep.equal([
      0,
      2,
      4,
      6,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it("bands have Student's width for any number of seeds", () => {
    const seeds = (n: number) =>
      Array.from({ length: n }, (_, i) => {
        return { accuracy: 0.6, ceiling: 0.7, paths: { PPO: [{ kl: 1, reward: 0, trueReward: i % 2 }] } };
      });
    expect(surveyPath(seeds(1), "PPO").half).to.deep.equal([0]);
    // Of n / 2 zeros and as many ones the standard error is 1 / (2 sqrt(n - 1)).
    for (const [n, t] of [
      [2, 12.706],
      [12, 2.201],
      [62, 1.9996],
    ]) {
      expect(surveyPath(seeds(n), "PPO").half[0]).to.be.closeTo(t / (2 * Math.sqrt(n - 1)), 1e-3);
    }
  });

  it("refuses to compare a text with nothing", () => {
    const alone = { ...config, compare: { ...config.compare, perPrompt: 1 } };
    expect(() => collectComparisons(askKey, alone, task, model, model.init(key(1)))).to.throw(DomainError, "perPrompt");
    const nobody = { ...config, compare: { ...config.compare, labelers: 0 } };
    expect(() => collectComparisons(askKey, nobody, task, model, model.init(key(1)))).to.throw(DomainError, "labelers");
  });

  it("an accuracy's share of the way from a coin to the ceiling", () => {
    expect(shareOfCeiling(0.5, 0.7)).to.equal(0);
    expect(shareOfCeiling(0.7, 0.7)).to.equal(1);
    expect(shareOfCeiling(0.6, 0.7)).to.be.closeTo(0.5, 1e-12);
    expect(shareOfCeiling(0.4, 0.7)).to.be.below(0);
  });
});
