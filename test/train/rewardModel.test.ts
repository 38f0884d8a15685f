import { expect } from "chai";
import { DivergenceError, DomainError, key, normal, split } from "rlhf-lab";
import {
  featurePairs,
  labelPairs,
  linearReward,
  noiseCeiling,
  preferenceAccuracy,
  selectPairs,
} from "rlhf-lab/rewards";
import { featureInputs, mlpReward, rewardMargins, tokenInputs, transformerReward } from "rlhf-lab/rewards/tensor";
import { adam, leaves, sgd, tf } from "rlhf-lab/tensor";
import { trainRewardModel } from "rlhf-lab/train";
import { type PhraseComparison, phraseComparisons, phraseTask } from "rlhf-lab/worlds";

/** Pairs of 20 features of which one matters. */
function pairs(seed: number, n: number) {
  const [a, b, c] = split(key(seed), 3);
  const [first, second] = [a, b].map((k) => normal(k, n * 20));
  const row = (x: Float64Array, k: number) => x.subarray(20 * k, 20 * (k + 1));
  const at = (x: Float64Array) => Float64Array.from({ length: n }, (_, k) => x[20 * k]);
  const y = labelPairs(c, at(first), at(second));
  return featurePairs(
    Array.from(y, (label, k) => row(label === 1 ? first : second, k)),
    Array.from(y, (label, k) => row(label === 1 ? second : first, k)),
  );
}

describe("trainRewardModel", () => {
  it("comes to where Newton's method arrives, penalty included", async () => {
    const data = pairs(1, 60);
    const model = mlpReward({ inputs: 20, hidden: [] });
    const { params, history } = await trainRewardModel(key(2), {
      ...{ model, optimizer: adam({ rate: 0.02 }), train: featureInputs(data), batch: "all" },
      ...{ steps: 500, l2: 0.05, label: false },
    });
    const { theta } = linearReward.fit(data, { l2: 0.05 });
    params[0].weight.dataSync().forEach((w, j) => {
      expect(w).to.be.closeTo(theta[j], 1e-3);
    });
    expect(history.at(-1)?.loss).to.be.closeTo(linearReward.loss(theta, data), 1e-4);
  });

  it("stops early with the parameters of the lowest validation loss, and frees the rest", async () => {
    const [data, held] = [pairs(3, 60), pairs(4, 400)];
    const model = mlpReward({ inputs: 20, hidden: [16], dropout: 0.2 });
    const options = {
      ...{ model, optimizer: adam({ rate: 0.01 }), train: featureInputs(data), validation: featureInputs(held) },
      ...{ steps: 400, batch: "all" as const, evaluateEvery: 5, label: false as const },
    };
    const warm = await trainRewardModel(key(5), { ...options, steps: 2 });
    for (const leaf of leaves(warm.params)) leaf.dispose();
    const before = tf.memory().numTensors;
    const early = await trainRewardModel(key(5), { ...options, patience: 5 });
    expect(tf.memory().numTensors - before).to.equal(leaves(early.params).length);
    const measured = early.history.filter(({ validationLoss }) => validationLoss !== undefined);
    const best = measured.reduce((x, y) => (y.validationLoss < x.validationLoss ? y : x));
    expect(early.step).to.equal(best.step);
    expect(early.history.length)
      .to.equal(best.step + 25)
      .and.below(400);
    const margins = rewardMargins(model, early.params, featureInputs(held), 100);
    expect(preferenceAccuracy(margins)).to.be.closeTo(best.validationAccuracy, 1e-9);
    const again = await trainRewardModel(key(5), { ...options, patience: 5 });
    expect(again.history.map(({ loss }) => loss)).to.deep.equal(early.history.map(({ loss }) => loss));
  });

  it("learns the phrase task with a transformer, better than a coin and no better than the ceiling", async () => {
    const task = phraseTask();
    const inTokens = ({ prompt, chosen, rejected }: PhraseComparison) => ({
      prompt: [task.prompts[prompt]],
      chosen: task.tree.sequences[chosen],
      rejected: task.tree.sequences[rejected],
    });
    const read = (seed: number, n: number) => {
      const list = phraseComparisons(key(seed), task, n);
      return { list, inputs: tokenInputs(list.map(inTokens), { length: 6 }) };
    };
    const [data, held] = [read(1, 2000), read(2, 2000)];
    const model = transformerReward({ vocabulary: 7, context: 6, width: 16, layers: 1, heads: 2, dropout: 0.05 });
    const { params } = await trainRewardModel(key(3), {
      ...{ model, optimizer: adam({ rate: 0.01 }), train: data.inputs, steps: 150, batch: 64, label: false },
    });
    const margins = rewardMargins(model, params, held.inputs);
    const ceiling = noiseCeiling(held.list.map(({ difference }) => difference)).accuracy;
    expect(preferenceAccuracy(margins)).to.be.within(0.68, ceiling + 0.04);
    // The head reads at the last token: what is padded behind cannot matter.
    const [row] = data.list;
    const padded = (pad: number) => rewardMargins(model, params, tokenInputs([inTokens(row)], { length: 6, pad }));
    expect(padded(0)[0]).to.be.closeTo(padded(3)[0], 1e-5);
  });

  it("stops at a loss that is not finite, naming the step", async () => {
    const data = pairs(6, 20);
    const huge = { ...data, chosen: data.chosen.map((v) => 1e30 * v) };
    const model = mlpReward({ inputs: 20, hidden: [] });
    const run = trainRewardModel(key(0), {
      ...{ model, optimizer: sgd({ rate: 1e10 }), train: featureInputs(huge), steps: 20, label: false },
    });
    const error = await run.then(
      () => undefined,
      (e) => e,
    );
    expect(error).to.be.instanceOf(DivergenceError);
    expect(error.message).to.match(/step \d/);
  });

  it("refuses patience without anything to measure on", async () => {
    const model = mlpReward({ inputs: 20, hidden: [] });
    const train = featureInputs(selectPairs(pairs(7, 20), [0, 1]));
    const run = trainRewardModel(key(0), {
      model,
      optimizer: sgd({ rate: 1 }),
      train,
      steps: 1,
      patience: 1,
      label: false,
    });
    expect(
      await run.then(
        () => undefined,
        (e) => e,
      ),
    ).to.be.instanceOf(DomainError);
  });
});
