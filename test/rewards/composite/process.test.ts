import { expect } from "chai";
import * as fc from "fast-check";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { differenceGradient, mean, sigmoid } from "../../../lib/src/numerics/index.js";
import { key, normal, split } from "../../../lib/src/random/index.js";
import {
  fitProcessReward,
  lastOfSteps,
  minimumOfSteps,
  processRewardScore,
  productOfSteps,
  rolloutLabels,
  sumOfSteps,
} from "../../../lib/src/rewards/index.js";
import { conditionalLogProbs, exactPolicyGradient, treePolicy } from "../../../lib/src/trees/index.js";
import { phraseStepFeatures, phraseTask } from "../../../lib/src/worlds/index.js";

const task = phraseTask({ length: 4 });
const { tree } = task;
const conditionals = conditionalLogProbs(tree, task.reference[0]);
const good = task.utility[0].map((u) => (u >= 2 ? 1 : 0));
const policy = treePolicy(tree, conditionals);
const exact = exactPolicyGradient(policy, good).V;

describe("process rewards", () => {
  it("one number of many steps", () => {
    const scores = [0.9, 0.5, 0.8];
    expect(minimumOfSteps(scores)).to.equal(0.5);
    expect(productOfSteps(scores)).to.be.closeTo(0.36, 1e-15);
    expect(lastOfSteps(scores)).to.equal(0.8);
    expect(sumOfSteps(scores)).to.be.closeTo(2.2, 1e-15);
    for (const aggregate of [minimumOfSteps, productOfSteps, lastOfSteps, sumOfSteps]) {
      expect(aggregate([0.25])).to.equal(0.25);
      expect(() => aggregate([])).to.throw(DomainError, "at least one step");
      expect(() => aggregate([0.5, 1.5])).to.throw(DomainError, "scores[1]");
      expect(() => aggregate([Number.NaN])).to.throw(DomainError);
    }
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }), (list) => {
        expect(productOfSteps(list)).to.be.at.most(minimumOfSteps(list));
        expect(minimumOfSteps(list)).to.be.at.most(lastOfSteps(list));
      }),
    );
  });

  it("labels by rollouts: soft ones average to V, hard ones to 1 - (1 - V)^n", () => {
    const prefixes = [0, 1, 5, 20, 40, 100];
    const rollouts = 4;
    const draws = split(key(1), 1500).map((k) => rolloutLabels(k, policy, good, { prefixes, rollouts }));
    prefixes.forEach((p, k) => {
      // 1500 x 4 coin flips: four standard errors.
      const V = exact[p];
      const near = 4 * Math.sqrt((V * (1 - V)) / 6000) + 1e-12;
      expect(mean(draws.map(({ soft }) => soft[k])), `prefix ${p}`).to.be.closeTo(V, near);
      const any = 1 - (1 - V) ** rollouts;
      const error = 4 * Math.sqrt((any * (1 - any)) / 1500) + 1e-12;
      expect(mean(draws.map(({ hard }) => hard[k])), `prefix ${p}`).to.be.closeTo(any, error);
    });
  });

  it("a fitted process reward has the loss's smallest value: no slope is left", () => {
    const features = Array.from({ length: 30 }, (_, k) => normal(key(k), 3));
    const labels = Array.from({ length: 30 }, (_, k) => sigmoid(normal(key(100 + k), 1)[0]));
    const model = fitProcessReward(features, labels, { l2: 0.1 });
    const objective = ([a, b, c, bias]: number[]) => {
      const rows = features.map(([x, y, z], k) => {
        const p = sigmoid(a * x + b * y + c * z + bias);
        return -(labels[k] * Math.log(p) + (1 - labels[k]) * Math.log(1 - p));
      });
      return mean(rows) + 0.05 * (a * a + b * b + c * c);
    };
    const at = [...model.weights, model.bias];
    for (const slope of differenceGradient(objective, at)) expect(slope).to.be.closeTo(0, 1e-7);
    expect(model.loss).to.be.closeTo(objective(at) - 0.05 * at.slice(0, 3).reduce((s, w) => s + w * w, 0), 1e-12);
    expect(processRewardScore(model, features[0])).to.be.within(0, 1);
  });

  it("a process reward of prefixes ranks them nearly as their values do", () => {
    const places = tree.prefixes.map((_, p) => p);
    const features = tree.prefixes.map((prefix) => phraseStepFeatures(task.prompts[0], prefix));
    const { soft } = rolloutLabels(key(3), policy, good, { prefixes: places, rollouts: 8 });
    const model = fitProcessReward(features, soft);
    const errors = places.map((p) => Math.abs(processRewardScore(model, features[p]) - exact[p]));
    const blind = places.map((p) => Math.abs(mean(exact) - exact[p]));
    expect(mean(errors)).to.be.below(0.75 * mean(blind));
  });

  it("reads both prompts alike", () => {
    const [whale, sea] = task.prompts;
    expect([...phraseStepFeatures(whale, [1, whale])]).to.deep.equal([...phraseStepFeatures(sea, [1, sea])]);
    expect([...phraseStepFeatures(whale, [1, sea])]).to.not.deep.equal([...phraseStepFeatures(sea, [1, sea])]);
    expect(phraseStepFeatures(whale, [])).to.satisfy((row: Float64Array) => row.every((x) => x === 0));
    expect(() => phraseStepFeatures(1, [])).to.throw(DomainError, "prompt");
  });

  it("refuses labels and tables that do not fit", () => {
    const few = { prefixes: [0], rollouts: 1 };
    expect(() => rolloutLabels(key(1), { ...policy, logits: new Float64Array(1) }, good, few)).to.throw(
      ShapeError,
      "logits",
    );
    expect(() => rolloutLabels(key(1), policy, [1], few)).to.throw(ShapeError, "good");
    expect(() => rolloutLabels(key(1), policy, task.utility[0], few)).to.throw(DomainError, "0 or 1");
    expect(() => rolloutLabels(key(1), policy, good, { ...few, rollouts: 0 })).to.throw(DomainError);
    expect(() => rolloutLabels(key(1), policy, good, { ...few, prefixes: [-1] })).to.throw(DomainError);
    expect(() => fitProcessReward([], [])).to.throw(DomainError, "at least one row");
    expect(() => fitProcessReward([[1]], [])).to.throw(ShapeError, "1 labels");
    expect(() => fitProcessReward([[1], [1, 2]], [1, 0])).to.throw(ShapeError, "features[1]");
    expect(() => fitProcessReward([[1]], [2])).to.throw(DomainError, "labels[0]");
    expect(() => fitProcessReward([[1]], [1], { l2: 0 })).to.throw(DomainError, "l2");
    expect(() => processRewardScore({ weights: new Float64Array(2), bias: 0, loss: 0 }, [1])).to.throw(ShapeError);
  });
});
