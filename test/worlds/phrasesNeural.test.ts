// The phrase task seen by a transformer: its rows cover everything the model can write, so its expectations are exact.
import { expect } from "chai";
import { generator, transformer } from "../../lib/src/models/index.js";
import { exactExpectation, exactKL, logSumExp } from "../../lib/src/numerics/index.js";
import { foldIn, key } from "../../lib/src/random/index.js";
import { disposeTree, tf } from "../../lib/src/tensor/index.js";
import { sequenceRows } from "../../lib/src/trees/index.js";
import { phraseTask } from "../../lib/src/worlds/index.js";

describe("worlds/phraseTask with a transformer", () => {
  const task = phraseTask({ length: 4 });
  const model = transformer({ vocabulary: 7, context: 5, width: 16, layers: 1, heads: 2, deviation: 0.5 });
  const params = model.init(key(1));
  const { tokens, mask, rows, width } = sequenceRows(task.tree, [task.prompts[0]]);
  const logProbs = model
    .logProbs(params, tf.tensor2d(tokens, [rows, width], "int32"), tf.tensor2d(mask, [rows, width]))
    .sum.dataSync();

  it("gives all replies together probability 1", () => {
    expect(rows).to.equal(1555);
    expect(logSumExp(logProbs)).to.be.closeTo(0, 1e-5);
    expect(exactKL(logProbs, task.reference[0])).to.be.greaterThan(0);
  });

  it("draws replies whose mean utility is the exact expectation, within 4 standard errors", () => {
    const generate = generator(model, { newTokens: 4, stop: 0, pad: 0 });
    const prompts = { tokens: tf.fill([1000, 1], task.prompts[0], "int32") as tf.Tensor2D };
    const utilityOf = new Map(task.tree.sequences.map((reply, n) => [String(reply), task.utility[0][n]]));
    const drawn: number[] = [];
    for (let round = 0; round < 4; round++) {
      const rollout = generate(foldIn(key(2), round), params, prompts);
      const ended = rollout.mask.arraySync();
      rollout.tokens.arraySync().forEach((row, b) => {
        const reply = row.filter((_, t) => ended[b][t] === 1);
        drawn.push(utilityOf.get(String(reply)) as number);
      });
      disposeTree(rollout);
    }
    const mean = drawn.reduce((a, b) => a + b) / drawn.length;
    const variance = drawn.reduce((sum, u) => sum + (u - mean) ** 2, 0) / (drawn.length - 1);
    const exact = exactExpectation(logProbs, task.utility[0]);
    expect(Math.abs(mean - exact)).to.be.below(4 * Math.sqrt(variance / drawn.length));
  });
});
