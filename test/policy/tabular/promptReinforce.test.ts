// REINFORCE over prompts against trainers and sums that are known: one step by hand, one prompt
// alone, what shifts change.
import { expect } from "chai";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { type PromptReinforceOptions, reinforce, trainPromptReinforce } from "../../../lib/src/policy/index.js";
import { categorical, foldIn, key, normal } from "../../../lib/src/random/index.js";
import { sequenceTree, treePolicy } from "../../../lib/src/trees/index.js";
import { close } from "../../preferences/close.js";

const tree = sequenceTree(3, 2);
const logits = [1, 2].map((seed) => normal(key(seed), tree.prefixes.length * 3));
const rewards = [3, 4].map((seed) => normal(key(seed), tree.sequences.length));
const shared = { tree, logits, rewards, steps: 1, group: 4, rate: 0.5 };
const train = (options: Partial<PromptReinforceOptions> = {}) =>
  trainPromptReinforce(key(5), { ...shared, ...options });

/** The first step to prompt x, each reply credited by `baseline` of its own reward and its place. */
function firstStep(x: number, baselineOf: (own: number, groups: number[][]) => number): Float64Array {
  const policies = logits.map((table, i) => reinforce.enumeratePolicy(treePolicy(tree, table), rewards[i]));
  const drawn = policies.map(({ logProbs }, i) => categorical(foldIn(foldIn(key(5), 1), i), logProbs, 4));
  const groups = drawn.map((replies, i) => Array.from(replies, (n) => rewards[i][n]));
  const out = logits[x].slice();
  drawn[x].forEach((n) => {
    const own = rewards[x][n];
    const estimate = reinforce.replyScore(policies[x], n).map((s) => s * (own - baselineOf(own, groups)));
    for (let d = 0; d < out.length; d++) out[d] += (0.5 * estimate[d]) / 4;
  });
  return out;
}
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

describe("policy/tabular, REINFORCE over prompts", () => {
  it("makes the step that the formula says, with each baseline", () => {
    for (const x of [0, 1]) {
      close(
        train().logits[x],
        firstStep(x, (own, groups) => (sum(groups[x]) - own) / 3),
        1e-12,
      );
      close(
        train({ baseline: "to any prompt" }).logits[x],
        firstStep(x, (own, groups) => (sum(groups.flat()) - own) / 7),
        1e-12,
      );
      close(
        train({ baseline: 0.3 }).logits[x],
        firstStep(x, () => 0.3),
        1e-12,
      );
    }
  });

  it("does not look at a prompt's zero when replies are compared with others to the same prompt, and does otherwise", () => {
    const shifted = [rewards[0].map((r) => r + 8), rewards[1].map((r) => r - 8)];
    const far = (baseline: PromptReinforceOptions["baseline"]) => {
      const [a, b] = [train({ baseline, steps: 5 }), train({ baseline, steps: 5, rewards: shifted })];
      return a.logits[0].reduce((most, z, d) => Math.max(most, Math.abs(z - b.logits[0][d])), 0);
    };
    expect(far("to the same prompt")).to.be.below(1e-12);
    expect(far("to any prompt")).to.be.above(0.1);
  });

  it("learns, measures exactly, brings the same bits, and leaves what it was given", () => {
    const before = logits[0].slice();
    const run = train({ steps: 80, every: 40, group: 8, rate: 1 });
    expect(run.history.map(({ step }) => step)).to.deep.equal([0, 40, 80]);
    for (const x of [0, 1]) {
      const end = reinforce.enumeratePolicy(treePolicy(tree, run.logits[x]), rewards[x]);
      expect(run.history[2].values[x]).to.be.closeTo(end.value, 1e-12);
      expect(end.value).to.be.above(run.history[0].values[x] + 0.3);
    }
    close(logits[0], before, 0);
    expect(train({ steps: 80, every: 40, group: 8, rate: 1 })).to.deep.equal(run);
  });

  it("refuses what cannot be", () => {
    expect(() => train({ rewards: [rewards[0]] })).to.throw(ShapeError, "rewards");
    expect(() => train({ logits: [], rewards: [] })).to.throw(ShapeError, "rewards");
    expect(() => train({ logits: [logits[0], logits[1].slice(1)] })).to.throw(ShapeError, "logits[1]");
    expect(() => train({ rewards: [rewards[0], rewards[1].slice(1)] })).to.throw(ShapeError, "rewards[1]");
    expect(() => train({ group: 1 })).to.throw(DomainError, "group");
    expect(() => train({ group: 1, baseline: "to any prompt" })).to.not.throw();
    expect(() => train({ rate: 0 })).to.throw(DomainError, "rate");
    expect(() => train({ baseline: Number.NaN })).to.throw(DomainError, "baseline");
    expect(() => train({ baseline: "batch mean" as never })).to.throw(DomainError, "baseline");
  });
});
