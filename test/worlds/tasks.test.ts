import { expect } from "chai";
import { DomainError, foldIn, key, normal, ShapeError, sigmoid, split } from "rlhf-lab";
import {
  estimationBound,
  featurePairs,
  labelPairs,
  largestDifference,
  linearReward,
  noiseCeiling,
  preferenceAccuracy,
} from "rlhf-lab/rewards";
import { mlpReward, pairwiseLoss, splitRewards, tokenInputs } from "rlhf-lab/rewards/tensor";
import { tf, valueAndGradients } from "rlhf-lab/tensor";
import { phraseComparisons, phraseTask, phraseTokens, phraseUtility } from "rlhf-lab/worlds";
import {
  judgeSentences,
  moodComparisons,
  moodDifferences,
  moodFeatures,
  moodSentence,
  moodTask,
} from "rlhf-lab/worlds/text";

describe("labelPairs", () => {
  it("answers with Bradley and Terry's probability, noise included", () => {
    const n = 40000;
    for (const [noise, want] of [
      [{}, sigmoid(1)],
      [{ temperature: 2 }, sigmoid(0.5)],
      [{ flip: 0.1 }, 0.1 + 0.8 * sigmoid(1)],
    ] as const) {
      const labels = labelPairs(key(1), new Float64Array(n).fill(3), new Float64Array(n).fill(2), noise);
      const share = labels.reduce((a, b) => a + b, 0) / n;
      expect(share).to.be.closeTo(want, 4 * Math.sqrt(0.25 / n)); // four standard errors
    }
    expect(() => labelPairs(key(1), [1], [])).to.throw(ShapeError, "second");
  });
});

describe("moodTask", () => {
  const task = moodTask({ vocabulary: 60 });

  it("holds sentences of every chapter, with their moods, and a vocabulary of two halves", () => {
    expect(task.chapters.flat().length).to.be.within(3000, 4000);
    for (const { words, mood } of task.chapters.flat()) {
      expect(words.length).to.be.within(5, 40);
      expect(moodSentence(task, words).mood).to.equal(mood);
    }
    expect(task.valences.filter((v) => v !== 0).length).to.equal(30);
    expect(task.bag.vocabulary.slice(30)).to.include.members(["the", "and"]);
    expect(moodSentence(task, ["good", "good", "bad"]).mood).to.equal(0);
    expect(() => moodTask({ vocabulary: 3 })).to.throw(DomainError, "even");
  });

  it("compares two sentences of a chapter; the truth is right as often as its ceiling says", () => {
    const data = moodComparisons(key(2), task, 5000, { from: 10, to: 20 });
    expect(new Set(data.prompt)).to.deep.equal(new Set([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]));
    data.chosen.forEach((sentence, k) => {
      if (k < 200) expect(task.chapters[data.prompt[k]]).to.include.members([sentence, data.rejected[k]]);
    });
    const different = data.chosen.filter((sentence, k) => sentence !== data.rejected[k]).length;
    expect(different / 5000).to.be.above(0.9);
    const differences = moodDifferences(data);
    expect(preferenceAccuracy(differences)).to.be.closeTo(noiseCeiling(differences).accuracy, 0.03);
    expect(moodComparisons(key(2), task, 50, { from: 10, to: 20 }).prompt).to.deep.equal(data.prompt.slice(0, 50));
    expect(() => moodComparisons(key(0), task, 1, { to: 1000 })).to.throw(DomainError, "chapters");
  });

  it("reads words as counts, or as you like", () => {
    const [good, bad] = [moodSentence(task, ["good", "good"]), moodSentence(task, ["sea"])];
    const data = judgeSentences(key(1), [good], [bad], Int32Array.of(7), { temperature: 1e-3 });
    expect(data.chosen).to.deep.equal([good]);
    const place = task.bag.vocabulary.indexOf("good");
    expect(moodFeatures(task, data).chosen[place]).to.equal(2);
    expect(moodFeatures(task, data, task.bag.presence).chosen[place]).to.equal(1);
    expect(Array.from(moodFeatures(task, data).prompt)).to.deep.equal([7]);
  });
});

describe("phraseComparisons", () => {
  const task = phraseTask();

  it("compares replies to one prompt, labelled by true utility", () => {
    const rows = phraseComparisons(key(1), task, 4000);
    for (const { prompt, chosen, rejected, difference } of rows.slice(0, 300)) {
      const utility = (reply: number) => phraseUtility(task.prompts[prompt], task.tree.sequences[reply]).total;
      expect(difference).to.be.closeTo(utility(chosen) - utility(rejected), 1e-12);
    }
    expect(rows.filter(({ chosen, rejected }) => chosen !== rejected).length / 4000).to.be.above(0.9);
    const differences = rows.map(({ difference }) => difference);
    expect(preferenceAccuracy(differences)).to.be.closeTo(noiseCeiling(differences).accuracy, 0.035);
    expect(phraseTokens(task, 1, rows[0].chosen)[0]).to.equal(task.prompts[1]);
  });

  it("become token rows, padded behind", () => {
    const { tokens, ends } = tokenInputs([{ prompt: [5], chosen: [1, 0], rejected: [2] }], {
      length: 4,
      pad: 9,
    }).inputs([0]);
    expect(tokens.arraySync()).to.deep.equal([
      [5, 1, 0, 9],
      [5, 2, 9, 9],
    ]);
    expect(Array.from(ends.dataSync())).to.deep.equal([2, 1]);
    const of = (chosen: number[], rejected: number[]) => () =>
      tokenInputs([{ prompt: [5], chosen, rejected }], { length: 2 });
    expect(of([1, 2], [1])).to.throw(DomainError, "chosen[0]");
    expect(of([1], [1, 2])).to.throw(DomainError, "rejected[0]");
    expect(of([-1], [1])).to.throw(DomainError, "chosen[0]");
    expect(tokenInputs([{ prompt: [5], chosen: [1], rejected: [1, 2] }]).inputs([0]).tokens.shape).to.deep.equal([
      2, 3,
    ]);
  });
});

describe("mlpReward", () => {
  it("has the gradient of its loss, along random directions (float32 differences)", () => {
    const model = mlpReward({ inputs: 4, hidden: [5, 3], dropout: 0.5 });
    const params = model.init(key(1));
    const x = tf.tensor2d(Float32Array.from(normal(key(2), 24)), [6, 4]);
    const masks = model.masks?.(key(3), 6);
    const loss = (p: typeof params) => pairwiseLoss(...splitRewards(model.rewards(p, x, masks)));
    const { gradients } = valueAndGradients(params, loss);
    for (const layer of Object.keys(params)) {
      const { weight } = params[layer];
      const way = tf.tensor(Float32Array.from(normal(key(9), weight.size)), weight.shape);
      const at = (h: number) =>
        loss({ ...params, [layer]: { ...params[layer], weight: tf.add(weight, tf.mul(h, way)) } }).dataSync()[0];
      const slope = tf.sum(tf.mul(way, gradients[layer].weight)).dataSync()[0];
      expect(slope).to.be.closeTo((at(0.01) - at(-0.01)) / 0.02, 2e-3);
    }
    expect(() => mlpReward({ inputs: 0, hidden: [] })).to.throw(DomainError, "size");
  });
});

describe("estimationBound, in a simulation", () => {
  it("holds with probability 1 - delta, in every one of 100 fits here", () => {
    const [n, d, norm] = [60, 3, 1];
    let failed = 0;
    for (let seed = 0; seed < 100; seed++) {
      const [a, b] = split(foldIn(key(77), seed));
      const z = normal(a, n * d);
      const rows = Array.from({ length: n }, (_, k) => Array.from(z.subarray(d * k, d * k + d)));
      const star = [0.6, -0.6, 0.3];
      const utility = rows.map((x) => x.reduce((sum, v, j) => sum + v * star[j], 0));
      const y = labelPairs(b, utility, new Float64Array(n));
      const pairs = featurePairs(
        rows.map((x, k) => x.map((v) => (y[k] ? v : -v))),
        rows.map(() => [0, 0, 0]),
      );
      const fit = linearReward.fitInBall(pairs, norm, { tolerance: 1e-6 }).theta;
      const error = linearReward.matrixNorm(
        fit.map((v, j) => v - star[j]),
        linearReward.covariance(pairs),
        0.01,
      );
      const setting = { n, width: d, norm, radius: largestDifference(pairs), delta: 0.1, lambda: 0.01 };
      if (error > estimationBound(setting)) failed++;
    }
    expect(failed).to.equal(0);
  });
});
