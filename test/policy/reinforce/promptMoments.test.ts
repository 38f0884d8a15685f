// Noise over prompts against the sum over every prompt and reply, with the tables laid side by side.
import { expect } from "chai";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { reinforce } from "../../../lib/src/policy/index.js";
import { key, normal } from "../../../lib/src/random/index.js";
import { sequenceTree, tabularContexts, treePolicy } from "../../../lib/src/trees/index.js";

const tree = sequenceTree(3, 2);
const rows = tabularContexts(tree);
const D = tree.prefixes.length * 3;
const policies = [1, 2].map((seed) =>
  reinforce.enumeratePolicy(
    treePolicy(tree, normal(key(seed), D), rows),
    normal(key(seed + 10), tree.sequences.length).map((r) => r + 5 * seed),
  ),
);
const square = (values: Float64Array) => values.reduce((sum, x) => sum + x * x, 0);

/** Mean square distance of the estimate from the exact gradient, by going through prompts and replies. */
function byHand(credits: reinforce.Credit[], probabilities: number[]) {
  const gradient = policies.map((policy, x) => policy.gradient.map((g) => probabilities[x] * g));
  let sum = 0;
  policies.forEach((policy, x) => {
    policy.logProbs.forEach((logp, n) => {
      const error = policies.map((_, other) => gradient[other].map((g) => -g));
      reinforce.estimateGradient(policy, [n], credits[x]).forEach((g, d) => {
        error[x][d] += g;
      });
      sum += probabilities[x] * Math.exp(logp) * (square(error[0]) + square(error[1]));
    });
  });
  return { variance: sum, signal: square(gradient[0]) + square(gradient[1]) };
}

describe("policy/reinforce, noise over prompts", () => {
  const overAll = (probabilities: number[]) =>
    probabilities[0] * policies[0].value + probabilities[1] * policies[1].value;

  it("is what enumeration says, for every kind of baseline and any chances", () => {
    for (const probabilities of [
      [0.5, 0.5],
      [0.9, 0.1],
    ]) {
      for (const credit of [
        () => ({}),
        () => ({ baseline: overAll(probabilities) }),
        (p: reinforce.EnumeratedPolicy) => ({ baseline: p.value }),
        (p: reinforce.EnumeratedPolicy) => ({ toGo: true, baseline: p.valueToGo }),
      ]) {
        const credits = policies.map(credit);
        const { variance, signal } = byHand(credits, probabilities);
        const moments = reinforce.promptMoments(policies, credits, probabilities);
        expect(moments.totalVariance).to.be.closeTo(variance, 1e-9 * variance);
        expect(moments.noiseToSignal).to.be.closeTo(variance / signal, (1e-9 * variance) / signal);
        expect(moments.fromReplies + moments.fromPrompts).to.equal(moments.totalVariance);
      }
    }
  });

  it("takes prompts alike when no chances are given, and has no noise from prompts when there is one", () => {
    const credits = policies.map(({ value }) => ({ baseline: value }));
    expect(reinforce.promptMoments(policies, credits)).to.deep.equal(
      reinforce.promptMoments(policies, credits, [0.5, 0.5]),
    );
    const one = reinforce.promptMoments([policies[0]], [{}]);
    expect(one.fromPrompts).to.equal(0);
    expect(one.totalVariance).to.equal(reinforce.gradientMoments(policies[0]).totalVariance);
  });

  it("keeps the noise of drawing prompts whatever is subtracted", () => {
    const [none, own] = [() => ({}), (p: reinforce.EnumeratedPolicy) => ({ baseline: p.value })].map((credit) =>
      reinforce.promptMoments(policies, policies.map(credit)),
    );
    expect(none.fromPrompts).to.be.closeTo(own.fromPrompts, 1e-12);
    expect(own.fromReplies).to.be.below(none.fromReplies);
  });

  it("refuses lists that do not fit, and probabilities that are none", () => {
    expect(() => reinforce.promptMoments(policies, [{}])).to.throw(ShapeError, "credits");
    expect(() => reinforce.promptMoments(policies, [{}, {}], [1])).to.throw(ShapeError, "probabilities");
    expect(() => reinforce.promptMoments([], [])).to.throw(ShapeError);
    for (const probabilities of [
      [0.5, 0.6],
      [1.5, -0.5],
      [Number.NaN, 1],
    ]) {
      expect(() => reinforce.promptMoments(policies, [{}, {}], probabilities)).to.throw(DomainError, "probabilities");
    }
  });
});
