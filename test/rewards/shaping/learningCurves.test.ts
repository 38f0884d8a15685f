import { expect } from "chai";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { optimalPolicy, policyReturn, qLearningCurve, randomMdp } from "../../../lib/src/mdp/index.js";
import { logSoftmax, mean, standardError } from "../../../lib/src/numerics/index.js";
import { key, normal, split } from "../../../lib/src/random/index.js";
import { reinforceCurve, reinforceGradient } from "../../../lib/src/rewards/index.js";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  potentialTokenRewards,
  sequenceTree,
  terminalRewards,
  treePolicy,
} from "../../../lib/src/trees/index.js";

const tree = sequenceTree(3, 3);
const reward = normal(key(1), tree.sequences.length);
const policy = treePolicy(
  tree,
  conditionalLogProbs(tree, Float64Array.from(logSoftmax(normal(key(2), tree.sequences.length)))),
);
const sparse = terminalRewards(tree, reward);
const { gradient, V } = exactPolicyGradient(policy, reward);

/** The largest distance from the exact gradient, in standard errors, over 4000 estimates. */
function bias(estimate: (k: ReturnType<typeof key>) => Float64Array): number {
  const estimates = split(key(7), 4000).map(estimate);
  return Math.max(
    ...Array.from(gradient, (exact, i) => {
      const values = estimates.map((g) => g[i]);
      const error = standardError(values);
      return error === 0 ? Math.abs(exact) * 1e9 : Math.abs(mean(values) - exact) / error;
    }),
  );
}

describe("the plain learners", () => {
  it("REINFORCE is unbiased for the whole reward and for the reward to go, shaped or not (21 slopes within 4 standard errors)", () => {
    const shaping = potentialTokenRewards(tree, V);
    const shaped = sparse.map((r, i) => r + shaping[i]);
    const at = { batch: 4 };
    expect(bias((k) => reinforceGradient(k, policy, sparse, { ...at, credit: "whole" }))).to.be.below(4);
    expect(bias((k) => reinforceGradient(k, policy, sparse, { ...at, credit: "to go" }))).to.be.below(4);
    expect(bias((k) => reinforceGradient(k, policy, shaped, { ...at, credit: "to go" }))).to.be.below(4);
    // With the values themselves as potential a token's own reward is its advantage: unbiased as well.
    // Without shaping it is not.
    expect(bias((k) => reinforceGradient(k, policy, shaped, { ...at, credit: "own" }))).to.be.below(4);
    expect(bias((k) => reinforceGradient(k, policy, sparse, { ...at, credit: "own" }))).to.be.above(20);
  });

  it("a batch's mean as baseline takes its share 1/B of the gradient and no more", () => {
    const at = { batch: 1, credit: "whole", baseline: true } as const;
    const none = reinforceGradient(key(5), policy, sparse, at);
    for (const slope of none) expect(slope).to.be.closeTo(0, 1e-15);
  });

  it("REINFORCE climbs, and its curve is exact", () => {
    const options = { steps: 200, batch: 16, rate: 0.3, credit: "to go" } as const;
    const { curve } = reinforceCurve(key(3), policy, sparse, reward, options);
    expect(curve[0]).to.be.closeTo(V[0], 1e-12);
    expect(curve[200]).to.be.within(0.9 * Math.max(...reward), Math.max(...reward));
    expect([...reinforceCurve(key(3), policy, sparse, reward, options).curve]).to.deep.equal([...curve]);
  });

  it("Q-learning finds the optimum of a small world", () => {
    const mdp = randomMdp(key(4), { states: 4, actions: 2, discount: 0.7 });
    const options = { episodes: 300, horizon: 30, rate: 0.1, explore: 0.3 };
    const { curve } = qLearningCurve(key(5), mdp, mdp, options);
    expect(curve.at(-1)).to.be.closeTo(policyReturn(mdp, optimalPolicy(mdp).policy), 0.02);
    const other = randomMdp(key(4), { states: 5, actions: 2, discount: 0.7 });
    expect(() => qLearningCurve(key(5), mdp, other, options)).to.throw(ShapeError, "judge");
    expect(() => qLearningCurve(key(5), mdp, mdp, { ...options, rate: 0 })).to.throw(DomainError, "rate");
  });
});
