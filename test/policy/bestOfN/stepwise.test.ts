import { expect } from "chai";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { exactExpectation } from "../../../lib/src/numerics/index.js";
import { bestOfNLogProbs, stepwiseBestOfNLogProbs } from "../../../lib/src/policy/index.js";
import { key, normal } from "../../../lib/src/random/index.js";
import { conditionalLogProbs, sequenceTree } from "../../../lib/src/trees/index.js";
import { phraseTask } from "../../../lib/src/worlds/index.js";

const task = phraseTask({ length: 3 });
const { tree } = task;
const conditionals = conditionalLogProbs(tree, task.reference[0]);
const drawn = {
  beginnings: normal(key(1), tree.prefixes.length),
  wholes: normal(key(2), tree.sequences.length),
};

describe("best of n at every step", () => {
  it("is the policy itself for n = 1, and a distribution for every n", () => {
    const one = stepwiseBestOfNLogProbs(tree, conditionals, drawn, 1);
    for (const [y, logp] of one.entries()) expect(logp).to.be.closeTo(task.reference[0][y], 1e-9);
    for (const n of [2, 4, 16]) {
      const logProbs = stepwiseBestOfNLogProbs(tree, conditionals, drawn, n);
      const sum = logProbs.reduce((total, logp) => total + Math.exp(logp), 0);
      expect(sum, `n = ${n}`).to.be.closeTo(1, 1e-9);
    }
  });

  it("is best-of-n where a reply is one token", () => {
    const single = sequenceTree(5, 1);
    const logProbs = Float64Array.from([0.4, 0.3, 0.15, 0.1, 0.05], Math.log);
    const wholes = [1, 3, 2, 3, 0];
    const got = stepwiseBestOfNLogProbs(single, conditionalLogProbs(single, logProbs), { beginnings: [0], wholes }, 3);
    const wanted = bestOfNLogProbs(logProbs, wholes, 3);
    for (const [y, logp] of wanted.entries()) expect(got[y]).to.be.closeTo(logp, 1e-9);
  });

  it("takes the judge's favourite word at each step when n is large", () => {
    const V = tree.vocabulary;
    const lengths = [1, 2, 3, 4, 5].map((seed) => {
      const judge = {
        beginnings: normal(key(seed), tree.prefixes.length),
        wholes: normal(key(10 + seed), tree.sequences.length),
      };
      let node = 0;
      while (node >= 0) {
        const after = Array.from(tree.next.subarray(node * V, (node + 1) * V));
        const scores = after.map((next) => (next >= 0 ? judge.beginnings[next] : judge.wholes[-1 - next]));
        node = after[scores.indexOf(Math.max(...scores))];
      }
      const logProbs = stepwiseBestOfNLogProbs(tree, conditionals, judge, 1e6);
      const favourite = tree.sequences.map((_, y) => Number(y === -1 - node));
      expect(exactExpectation(logProbs, favourite)).to.be.closeTo(1, 1e-3);
      return tree.sequences[-1 - node].length;
    });
    expect(Math.max(...lengths)).to.equal(3);
  });

  it("never reads the empty prefix, and names a table of another size", () => {
    const blind = { ...drawn, beginnings: Float64Array.from(drawn.beginnings, (b, p) => (p === 0 ? Number.NaN : b)) };
    expect(stepwiseBestOfNLogProbs(tree, conditionals, blind, 4)).to.deep.equal(
      stepwiseBestOfNLogProbs(tree, conditionals, drawn, 4),
    );
    expect(() => stepwiseBestOfNLogProbs(tree, conditionals, { ...drawn, wholes: [1] }, 2)).to.throw(
      ShapeError,
      "wholes",
    );
    expect(() => stepwiseBestOfNLogProbs(tree, [0], drawn, 2)).to.throw(ShapeError, "conditionals");
    expect(() => stepwiseBestOfNLogProbs(tree, conditionals, drawn, 0)).to.throw(DomainError);
  });
});
