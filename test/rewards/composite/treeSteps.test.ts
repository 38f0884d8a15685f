import { expect } from "chai";
import { DomainError } from "../../../lib/src/core/index.js";
import { key, normal32 } from "../../../lib/src/random/index.js";
import { drawLabelledSteps, labelledSteps } from "../../../lib/src/rewards/index.js";
import { completionBatch, processReward, successProbability } from "../../../lib/src/rewards/tensor.js";
import { tf } from "../../../lib/src/tensor/index.js";
import { prefixesOf } from "../../../lib/src/trees/index.js";
import { phraseTask } from "../../../lib/src/worlds/index.js";

const task = phraseTask({ length: 3 });
const { tree } = task;
const good = task.utility[0].map((u) => (u >= 2 ? 1 : 0));
const options = { replies: 20, rollouts: 4 };

describe("labelled steps on a tree", () => {
  it("each reply brings a label for each of its beginnings, and its outcome", () => {
    const drawn = drawLabelledSteps(key(1), tree, task.reference[0], good, options);
    expect(drawn.sequences.length).to.equal(20);
    const rows = labelledSteps(tree, task.prompts[0], drawn);
    drawn.sequences.forEach((y, i) => {
      expect(drawn.prefixes[i]).to.deep.equal(prefixesOf(tree, y));
      expect(drawn.labels[i].length).to.equal(tree.sequences[y].length);
      for (const label of drawn.labels[i]) expect([0, 0.25, 0.5, 0.75, 1]).to.include(label);
      expect(drawn.outcomes[i]).to.equal(good[y]);
      expect(rows[i].prompt).to.deep.equal([task.prompts[0]]);
      expect(rows[i].completion).to.equal(tree.sequences[y]);
      expect(rows[i].labels).to.deep.equal([...drawn.labels[i].slice(1), good[y]]);
    });
    const again = drawLabelledSteps(key(1), tree, task.reference[0], good, options);
    expect(again).to.deep.equal(drawn);
    for (const wrong of [{ replies: 0 }, { rollouts: 0 }]) {
      expect(() => drawLabelledSteps(key(1), tree, task.reference[0], good, { ...options, ...wrong })).to.throw(
        DomainError,
      );
    }
  });

  it("reads a model off everywhere: as it reads each beginning by itself", () => {
    const model = processReward({ vocabulary: 7, context: 4, width: 8, layers: 1, heads: 2 });
    const params = model.init(key(2));
    params.head.weight = tf.tensor2d(normal32(key(3), 8), [8, 1]);
    const { beginnings, wholes } = successProbability(model, params, tree, task.prompts[0]);
    expect(beginnings.length).to.equal(tree.prefixes.length);
    expect(beginnings[0]).to.be.NaN;
    expect(wholes.length).to.equal(tree.sequences.length);
    const alone = (completion: readonly number[]) => {
      const x = completionBatch([{ prompt: [task.prompts[0]], completion }], 1 + completion.length);
      return model.probabilities(params, x).arraySync()[0][completion.length];
    };
    for (const p of [1, 8, 30]) expect(beginnings[p]).to.be.closeTo(alone(tree.prefixes[p]), 1e-6);
    for (const y of [0, 7, 200]) expect(wholes[y]).to.be.closeTo(alone(tree.sequences[y]), 1e-6);
  });
});
