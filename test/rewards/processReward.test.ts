import { expect } from "chai";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { differenceGradient, mean } from "../../lib/src/numerics/index.js";
import { categorical, key, normal, normal32, split, uniform } from "../../lib/src/random/index.js";
import {
  fitProcessReward,
  processRewardLossAndGradient,
  processRewardScore,
  rolloutLabels,
} from "../../lib/src/rewards/index.js";
import { completionBatch, labelledBatch, processReward, processRewardLoss } from "../../lib/src/rewards/tensor.js";
import { adam, capture, cosineSchedule, leaves, tf, valueAndGradients } from "../../lib/src/tensor/index.js";
import { trainProcessReward } from "../../lib/src/train/index.js";
import { conditionalLogProbs, exactPolicyGradient, prefixesOf, treePolicy } from "../../lib/src/trees/index.js";
import { phraseStepFeatures, phraseTask } from "../../lib/src/worlds/index.js";

const [B, T] = [3, 4];
const logits = normal(key(1), B * T).map((z) => 3 * z);
const labels = uniform(key(2), B * T);
const mask = [0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 0, 1];
const counted = mask.flatMap((here, k) => (here ? [k] : []));
const tensors = () =>
  [logits, labels, mask].map((values) => tf.tensor2d(Float32Array.from(values), [B, T])) as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
  ];

describe("processRewardLoss", () => {
  it("is the mean of -(y log p + (1 - y) log(1 - p)) over the steps that count, and its gradient", () => {
    const twin = processRewardLossAndGradient(
      counted.map((k) => logits[k]),
      counted.map((k) => labels[k]),
    );
    const byHand = counted.map((k) => {
      const p = 1 / (1 + Math.exp(-logits[k]));
      return -(labels[k] * Math.log(p) + (1 - labels[k]) * Math.log(1 - p));
    });
    expect(twin.loss).to.be.closeTo(mean(byHand), 1e-12);
    const [z, y, m] = tensors();
    const { loss, gradients } = valueAndGradients({ z }, (params) => processRewardLoss(params.z, y, m));
    expect(loss.dataSync()[0]).to.be.closeTo(twin.loss, 1e-6);
    const slope = gradients.z.dataSync();
    counted.forEach((k, n) => void expect(slope[k]).to.be.closeTo(twin.gradient[n], 1e-7));
    mask.forEach((here, k) => void (here || expect(slope[k]).to.equal(0)));
  });

  it("has the slope that differences give", () => {
    const [at, y] = [counted.map((k) => logits[k]), counted.map((k) => labels[k])];
    const { gradient } = processRewardLossAndGradient(at, y);
    const slopes = differenceGradient((point: number[]) => processRewardLossAndGradient(point, y).loss, at);
    slopes.forEach((slope, n) => void expect(slope).to.be.closeTo(gradient[n], 1e-8));
  });

  it("is the same captured, to the last bit, value and gradient", () => {
    const both = (z: tf.Tensor2D, y: tf.Tensor2D, m: tf.Tensor2D) => {
      const { loss, gradients } = valueAndGradients({ z }, (params) => processRewardLoss(params.z, y, m));
      return { loss, slope: gradients.z };
    };
    const args = tensors();
    const [eager, captured] = [both(...args), capture(both, args)(...args)];
    expect([...captured.loss.dataSync()]).to.deep.equal([...eager.loss.dataSync()]);
    expect([...captured.slope.dataSync()]).to.deep.equal([...eager.slope.dataSync()]);
  });

  it("bears logits without end, and refuses what does not fit", () => {
    expect(processRewardLossAndGradient([1000, -1000], [1, 0]).loss).to.equal(0);
    expect(processRewardLossAndGradient([-1000], [1]).loss).to.equal(1000);
    const far = tf.tensor2d([[1000, -1000]]);
    expect(processRewardLoss(far, tf.tensor2d([[1, 0]]), tf.onesLike(far)).dataSync()[0]).to.equal(0);
    expect(processRewardLoss(far, tf.zerosLike(far), tf.zerosLike(far)).dataSync()[0]).to.be.NaN;
    expect(() => processRewardLoss(far, tf.tensor2d([[1]]), tf.onesLike(far))).to.throw(ShapeError, "labels");
    expect(() => processRewardLossAndGradient([], [])).to.throw(DomainError, "at least one step");
    expect(() => processRewardLossAndGradient([1], [])).to.throw(DomainError, "1 labels");
    expect(() => processRewardLossAndGradient([1, 2], [0, 1.5])).to.throw(DomainError, "labels[1]");
  });
});

describe("processReward", () => {
  const model = processReward({ vocabulary: 6, context: 5, width: 8, layers: 1, heads: 2 });
  const replies = [
    { prompt: [1], completion: [2, 3, 4], labels: [0.5, 0.25, 1] },
    { prompt: [2, 3], completion: [4], labels: [0] },
  ];

  it("puts the labels beside the tokens", () => {
    const { tokens, mask: here, labels: given } = labelledBatch(replies, 5);
    expect(tokens.arraySync()).to.deep.equal([[1, 2, 3, 4, 0], [2, 3, 4, 0, 0]]); // biome-ignore format: a table
    expect(here.arraySync()).to.deep.equal([[0, 1, 1, 1, 0], [0, 0, 1, 0, 0]]); // biome-ignore format: a table
    expect(given.arraySync()).to.deep.equal([[0, 0.5, 0.25, 1, 0], [0, 0, 0, 0, 0]]); // biome-ignore format: a table
    expect(labelledBatch(replies).tokens.shape).to.deep.equal([2, 4]);
    const [first, second] = replies;
    expect(() => labelledBatch([first, { ...second, labels: [] }])).to.throw(
      ShapeError,
      "labels of row 1: expected 1 labels",
    );
    expect(() => labelledBatch([{ ...first, labels: [0, 2, 0] }])).to.throw(DomainError, "label 1 of row 0");
    expect(() => labelledBatch([{ prompt: [1], completion: [], labels: [] }])).to.throw(
      DomainError,
      "at least one token",
    );
  });

  it("starts at one half, has seen nothing later, and is the same captured", () => {
    const params = model.init(key(1));
    const x = labelledBatch(replies, 5);
    expect(model.probabilities(params, x).arraySync()[0]).to.deep.equal([0, 0.5, 0.5, 0.5, 0]);
    params.head.weight = tf.tensor2d(normal32(key(3), 8), [8, 1]);
    const probabilities = model.probabilities(params, x).arraySync();
    const other = { ...x, tokens: tf.tensor2d([[1, 2, 3, 5, 0], [2, 3, 4, 0, 0]], [2, 5], "int32") }; // biome-ignore format: a table
    expect(model.probabilities(params, other).arraySync()[0].slice(0, 3)).to.deep.equal(probabilities[0].slice(0, 3));
    expect(model.probabilities(params, other).arraySync()[0][3]).to.not.equal(probabilities[0][3]);
    const fast = capture((p: typeof params, rows: typeof x) => model.probabilities(p, rows), [params, x]);
    expect(fast(params, x).arraySync()).to.deep.equal(probabilities);
    expect(leaves(model.init(key(4), params.body).body)[0]).to.equal(leaves(params.body)[0]);
  });

  it('learns the probabilities of the phrase task from rollouts, and reads "not very bad" where the linear one cannot', async () => {
    const task = phraseTask({ length: 4 });
    const { tree } = task;
    const [whale] = task.prompts;
    const well = task.utility[0].map((u) => (u >= 2 ? 1 : 0));
    const conditionals = conditionalLogProbs(tree, task.reference[0]);
    const exact = exactPolicyGradient(treePolicy(tree, conditionals), well).V;
    const [draw, roll, train] = split(key(5), 3);
    const drawn = Array.from(categorical(draw, task.reference[0], 1000));
    const passed = drawn.map((y) => prefixesOf(tree, y));
    const soft = rolloutLabels(roll, treePolicy(tree, conditionals), well, {
      prefixes: passed.flat(),
      rollouts: 4,
    }).soft;
    let at = 0;
    const labelled = drawn.map((y, i) => {
      const own = soft.subarray(at + 1, at + passed[i].length); // the first is the empty reply's
      at += passed[i].length;
      return { prompt: [whale], completion: tree.sequences[y], labels: [...own, well[y]] };
    });
    const steps = 250;
    const neural = processReward({ vocabulary: 7, context: 5, width: 16, layers: 1, heads: 2 });
    const { params, history } = await trainProcessReward(train, {
      model: neural,
      optimizer: adam({ rate: cosineSchedule(1e-2, steps), maxNorm: 1 }),
      replies: labelled,
      steps,
      label: false,
    });
    expect(history[0].loss).to.be.closeTo(Math.log(2), 1e-6); // one half everywhere
    const features = (reply: readonly number[]) => phraseStepFeatures(whale, reply);
    const linear = fitProcessReward(
      passed.flat().map((p) => features(tree.prefixes[p])),
      soft,
    );

    // Squared error by the exact probability, over the beginnings that people's replies pass through.
    const begun = [...new Set(passed.flat())].filter((p) => p !== 0);
    const x = completionBatch(
      begun.map((p) => ({ prompt: [whale], completion: tree.prefixes[p] })),
      5,
    );
    const probabilities = neural.probabilities(params, x).arraySync();
    const learned = begun.map((p, i) => probabilities[i][tree.prefixes[p].length]);
    const reach = begun.map((p) => passed.flat().filter((q) => q === p).length);
    const error = (guess: (i: number) => number) =>
      Math.sqrt(mean(begun.map((p, i) => (reach[i] * (guess(i) - exact[p]) ** 2) / mean(reach))));
    const [ours, theirs] = [
      error((i) => learned[i]),
      error((i) => processRewardScore(linear, features(tree.prefixes[begun[i]]))),
    ];
    expect(ours).to.be.below(0.7 * theirs);
    const notVeryBad = begun.findIndex((p) => tree.prefixes[p].join() === "3,4,2");
    // The exact probability is 1; how near it comes depends on the draws, that it sees more than the
    // sum of the words does not.
    expect(learned[notVeryBad]).to.be.above(0.1 + processRewardScore(linear, features([3, 4, 2])));
  });

  it("refuses to learn from nothing", async () => {
    const options = { model, optimizer: adam({ rate: 1e-2 }), replies: [], steps: 1 };
    let error: unknown;
    await trainProcessReward(key(1), options).catch((e) => {
      error = e;
    });
    expect(error).to.be.instanceOf(DomainError);
  });
});
