import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { key, randint } from "../../lib/src/random/index.js";
import { completionInputs, tokenScoreReward } from "../../lib/src/rewards/tokenScoreReward.tensor.js";
import { adam, capture, leaves, tf } from "../../lib/src/tensor/index.js";
import { trainRewardModel } from "../../lib/src/train/index.js";

describe("tokenScoreReward", () => {
  const options = { vocabulary: 6, context: 5, width: 8, layers: 1, heads: 2 };
  const model = tokenScoreReward(options);
  const comparisons = [
    { prompt: [1], chosen: [2, 3, 4], rejected: [5] },
    { prompt: [2, 3], chosen: [4], rejected: [1, 1, 1] },
  ];
  const pairs = completionInputs(comparisons);

  it("reads chosen rows first, then rejected ones, prompts outside the mask", () => {
    const { tokens, mask } = pairs.inputs([1, 0]);
    expect(tokens.arraySync()).to.deep.equal([
      [2, 3, 4, 0, 0],
      [1, 2, 3, 4, 0],
      [2, 3, 1, 1, 1],
      [1, 5, 0, 0, 0],
    ]);
    expect(mask.arraySync()).to.deep.equal([
      [0, 0, 1, 0, 0],
      [0, 1, 1, 1, 0],
      [0, 0, 1, 1, 1],
      [0, 1, 0, 0, 0],
    ]);
  });

  it("starts at 0, and its reward is the sum of the tokens' scores", () => {
    const params = model.init(key(1));
    const x = pairs.inputs([0, 1]);
    expect([...model.rewards(params, x).dataSync()]).to.deep.equal([0, 0, 0, 0]);
    params.head.weight = tf.randomStandardNormal([8, 1], "float32", 3) as tf.Tensor2D;
    const scores = model.scores(params, x).arraySync();
    const sums = scores.map((row) => row.reduce((a, b) => a + b, 0));
    [...model.rewards(params, x).dataSync()].forEach((reward, b) => void expect(reward).to.be.closeTo(sums[b], 1e-5));
    // A score has seen nothing later: another last token changes no earlier one.
    const other = { ...x, tokens: tf.tensor2d([[1, 2, 3, 5, 0], ...x.tokens.arraySync().slice(1)], [4, 5], "int32") };
    expect(model.scores(params, other).arraySync()[0].slice(0, 3)).to.deep.equal(scores[0].slice(0, 3));
    const rewards = (p: typeof params, rows: typeof x) => model.rewards(p, rows);
    expect([...capture(rewards, [params, x])(params, x).dataSync()]).to.deep.equal([...rewards(params, x).dataSync()]);
  });

  it("says the same where it leaves out columns that no completion has", () => {
    const skipping = tokenScoreReward(options, 5, 1);
    const params = model.init(key(5));
    params.head.weight = tf.tensor2d([1, -2, 3, -4, 5, -6, 7, -8], [8, 1]);
    const x = pairs.inputs([0, 1]);
    const want = model.scores(params, x).arraySync();
    const got = skipping.scores(params, x).arraySync();
    got.forEach((row, b) => {
      row.forEach((score, t) => void expect(score).to.be.closeTo(want[b][t], 1e-4));
    });
    expect(got.map((row) => row[0])).to.deep.equal([0, 0, 0, 0]);
  });

  it("learns what tokens are worth from comparisons: every one of 30 unseen pairs, where worth adds up", async () => {
    const worth = [0, 1, -1, 2, -2, 0];
    const total = (row: number[]) => row.reduce((sum, token) => sum + worth[token], 0);
    const draw = (seed: number) => {
      const all = Array.from({ length: 400 }, (_, i) => Array.from(randint(key(seed * 1000 + i), 3, 1, 6)));
      const couples = all.flatMap((row, i) =>
        i % 2 === 0 && total(row) !== total(all[i + 1]) ? [[row, all[i + 1]]] : [],
      );
      return couples.map(([a, b]) => (total(a) > total(b) ? [a, b] : [b, a]));
    };
    const inputs = (couples: number[][][]) =>
      completionInputs(
        couples.map(([chosen, rejected]) => ({ prompt: [1], chosen, rejected })),
        { length: 5 },
      );
    const { history } = await trainRewardModel(key(2), {
      model,
      optimizer: adam({ rate: 2e-2 }),
      train: inputs(draw(1)),
      validation: inputs(draw(2).slice(0, 30)),
      steps: 80,
      evaluateEvery: 80,
      label: false,
    });
    expect(history[79].validationAccuracy).to.equal(1);
  });

  it("takes a trained body, and refuses rows that do not fit", () => {
    const { body } = model.init(key(3));
    expect(leaves(model.init(key(4), body).body)[0]).to.equal(leaves(body)[0]);
    const of =
      (chosen: number[], rejected = [1]) =>
      () =>
        completionInputs([{ prompt: [1, 2], chosen, rejected }], { length: 4 });
    expect(of([1, 2, 3])).to.throw(DomainError, "chosen[0]: expected 1 to 2 tokens");
    expect(of([])).to.throw(DomainError, "chosen[0]");
    expect(of([1], [1, 2, 3])).to.throw(DomainError, "rejected[0]");
    expect(of([1.5])).to.throw(DomainError, "chosen[0]");
  });
});
