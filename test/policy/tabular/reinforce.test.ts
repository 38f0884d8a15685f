import { expect } from "chai";
import { DivergenceError, DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { exactEntropy, exactRegularisedObjective, exactRegularisedOptimum } from "../../../lib/src/numerics/index.js";
import { trainTabularReinforce } from "../../../lib/src/policy/index.js";
import { key } from "../../../lib/src/random/index.js";
import { conditionalLogProbs, treePolicy } from "../../../lib/src/trees/index.js";
import { phraseTask } from "../../../lib/src/worlds/index.js";
import { close } from "../../preferences/close.js";

const task = phraseTask({ length: 3 });
const { tree } = task;
const [reference, reward] = [task.reference[0], task.utility[0]];
const start = treePolicy(tree, conditionalLogProbs(tree, reference));
const begin = { reward, reference };
const last = <T>(list: T[]) => list[list.length - 1];

describe("policy/tabular REINFORCE", () => {
  it("climbs the reward, and its entropy collapses; the key decides everything", () => {
    const run = () => trainTabularReinforce(key(1), start, { ...begin, steps: 400, batch: 16, rate: 2, every: 100 });
    const { history, policy } = run();
    expect(history.map(({ step }) => step)).to.deep.equal([0, 100, 200, 300, 400]);
    expect(history[0].referenceKl).to.be.closeTo(0, 1e-12);
    expect(last(history).reward).to.be.above(history[0].reward + 1.5);
    expect(last(history).sequenceEntropy).to.be.below(history[0].sequenceEntropy / 2);
    expect(run().policy.logits).to.deep.equal(policy.logits);
  });

  it("with a KL penalty and the exact gradient, reaches the closed-form optimum", () => {
    const beta = 0.5;
    const { value } = exactRegularisedOptimum(reference, reward, beta);
    const { history } = trainTabularReinforce(key(1), start, {
      ...begin,
      beta,
      batch: "all",
      rate: 8,
      steps: 2000,
      every: 2000,
    });
    const { reward: earned, referenceKl: kl } = last(history);
    // It began 1.43 nats below. What is left are prefixes that are hardly ever reached.
    expect(earned - beta * kl).to.be.within(value - 2e-3, value);
  });

  it("with a KL penalty and drawn replies, comes near it and stays", () => {
    const beta = 0.5;
    const { value, logProbs } = exactRegularisedOptimum(reference, reward, beta);
    const before = exactRegularisedObjective(reference, reference, reward, beta);
    const { history } = trainTabularReinforce(key(2), start, {
      ...begin,
      beta,
      steps: 1500,
      batch: 64,
      rate: 1,
      every: 1500,
    });
    const { reward: earned, referenceKl: kl, sequenceEntropy: entropy } = last(history);
    expect((earned - beta * kl - before) / (value - before)).to.be.above(0.9);
    expect(entropy).to.be.closeTo(exactEntropy(logProbs), 0.35);
  });

  it("an entropy bonus keeps entropy, exact or drawn", () => {
    for (const batch of ["all", 32] as const) {
      const at = (entropyBonus: number) =>
        last(
          trainTabularReinforce(key(3), start, { ...begin, steps: 300, batch, rate: 2, entropyBonus, every: 300 })
            .history,
        );
      expect(at(0.5).sequenceEntropy).to.be.above(at(0).sequenceEntropy + 1);
      expect(at(0.5).reward).to.be.below(at(0).reward);
    }
  });

  it("takes every baseline; a constant added to the reward changes nothing but without one", () => {
    const raised = reward.map((r) => r + 10);
    for (const baseline of ["batch mean", "leave one out", "running mean"] as const) {
      const run = (r: Float64Array) =>
        trainTabularReinforce(key(4), start, { ...begin, reward: r, steps: 30, baseline, rate: 0.5 });
      const [a, b] = [run(reward), run(raised)];
      close(a.policy.logits, b.policy.logits, 1e-8);
    }
    const bare = (r: Float64Array) =>
      last(trainTabularReinforce(key(4), start, { ...begin, reward: r, steps: 100, baseline: 0, rate: 0.5 }).history);
    expect(bare(raised).reward - 10).to.be.below(bare(reward).reward - 0.1);
  });

  it("measures the true utility beside the reward", () => {
    const { history } = trainTabularReinforce(key(5), start, {
      ...begin,
      reward: task.lexicon,
      trueReward: reward,
      steps: 200,
      rate: 2,
    });
    expect(last(history).reward).to.be.above(1.5);
    expect(last(history).trueReward).to.not.be.closeTo(last(history).reward, 0.2);
  });

  it("says what is wrong", () => {
    const go = (options: object) => () => trainTabularReinforce(key(1), start, { ...begin, steps: 1, ...options });
    expect(go({ reward: [1] })).to.throw(ShapeError, /reward/);
    expect(go({ reference: [1] })).to.throw(ShapeError, /reference/);
    expect(go({ steps: 0 })).to.throw(DomainError, /steps/);
    expect(go({ batch: 0 })).to.throw(DomainError, /batch/);
    expect(go({ batch: 1 })).to.throw(DomainError, /leave one out/);
    expect(go({ rate: 0 })).to.throw(DomainError, /rate/);
    expect(go({ beta: -1 })).to.throw(DomainError, /beta/);
    expect(go({ entropyBonus: -1 })).to.throw(DomainError, /entropyBonus/);
    const nowhere = treePolicy(
      tree,
      start.logits.map(() => Number.NaN),
    );
    expect(() => trainTabularReinforce(key(1), nowhere, { ...begin, steps: 1 })).to.throw(DomainError, /logits/);
    expect(go({ reward: reward.map(() => Number.POSITIVE_INFINITY) })).to.throw(DivergenceError, /step 1/);
  });
});
