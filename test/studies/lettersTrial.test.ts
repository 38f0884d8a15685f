import { expect } from "chai";
import { transformer } from "../../lib/src/models/index.js";
import { key } from "../../lib/src/random/index.js";
import { lettersTrial } from "../../lib/src/studies/index.js";
import { disposeTree, tf } from "../../lib/src/tensor/index.js";
import { algorithms, completionLogProbs } from "../../lib/src/train/index.js";
import { distinctLetters } from "../../lib/src/worlds/index.js";

const task = distinctLetters({ letters: 3, size: 2 });
const model = transformer({ vocabulary: 4, context: 5, width: 16, layers: 1, heads: 2 });
const trial = lettersTrial(task, model);

describe("distinct letters as a trial of policies", () => {
  it("knows the accuracy of a policy exactly", () => {
    const params = model.init(key(3));
    const right = task.solved.map((row) => Math.exp(completionLogProbs(model, params, [row], { batch: 1 })[0]));
    expect(trial.accuracy(params)).to.be.closeTo(right.reduce((a, b) => a + b) / 9, 1e-6);
    disposeTree(params);
  });

  it("imitates, and then learns from right and wrong; and leaves nothing behind", async () => {
    const start = await trial.imitate(key(1));
    const before = trial.accuracy(start);
    expect(before).to.be.above(trial.accuracy(model.init(key(3))));
    const run = { algorithm: algorithms.grpo({ group: 8 }), rate: 3e-3, iterations: 20 };
    const path = await trial.run(key(2), start, run);
    const tensors = tf.memory().numTensors;
    expect(await trial.run(key(2), start, run)).to.deep.equal(path);
    expect(tf.memory().numTensors).to.equal(tensors);
    expect(path.accuracy[0]).to.equal(before);
    expect(path.accuracy).to.have.length(3);
    expect(path.accuracy[2]).to.be.above(before + 0.1);
    expect(path.length).to.be.within(1, 3);
  });
});
