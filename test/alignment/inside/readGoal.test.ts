import { expect } from "chai";
import { featureExpectations, maxEntPoint, readGoal, softOptimum } from "rlhf-lab/alignment";
import { DomainError, ShapeError } from "rlhf-lab/core";
import { tabularMdp, uniformPolicy, withRewards } from "rlhf-lab/mdp";
import { differenceGradient, differenceHessian } from "rlhf-lab/numerics";

/** A corridor of five cells and an end: left of it lies the coin, right the wall. Arriving at either ends it. */
const corridor = (() => {
  const states = 6;
  const transitions = new Float64Array(states * 2 * states);
  const coin = new Float64Array(states * 2);
  const wall = new Float64Array(states * 2);
  for (let s = 0; s < 5; s++) {
    for (const [a, move] of [-1, 1].entries()) {
      const next = s + move;
      transitions[(s * 2 + a) * states + (next < 0 || next > 4 ? 5 : next)] = 1;
      if (next < 0) coin[s * 2 + a] = 1;
      if (next > 4) wall[s * 2 + a] = 1;
    }
  }
  for (const a of [0, 1]) transitions[(5 * 2 + a) * states + 5] = 1;
  const start = [0.1, 0.2, 0.3, 0.25, 0.15, 0];
  const mdp = tabularMdp({ states, actions: 2, transitions, rewards: coin, discount: 0.9, start });
  return { mdp, coin, wall };
})();
const { mdp, coin, wall } = corridor;
const softAt = (a: number, b: number) =>
  softOptimum(
    withRewards(
      mdp,
      coin.map((c, i) => a * c + b * wall[i]),
    ),
    { temperature: 1 },
  ).policy;

describe("alignment/readGoal", () => {
  it("gives back the weights of a soft optimum, in any order and scale of the features", () => {
    const policy = softAt(3, -1);
    const own = readGoal([{ mdp, features: [coin, wall], policy }], { l2: 0 });
    expect(own.weights[0]).to.be.closeTo(3, 1e-3);
    expect(own.weights[1]).to.be.closeTo(-1, 1e-3);
    expect(own.identified).to.equal(true);
    const other = readGoal([{ mdp, features: [wall, coin.map((x) => 2 * x)], policy }], { l2: 0 });
    expect(other.weights[0]).to.be.closeTo(-1, 1e-3);
    expect(other.weights[1]).to.be.closeTo(1.5, 1e-3);
    expect(other.logLikelihood).to.be.closeTo(own.logLikelihood, 1e-6);
  });

  it("reads 0 off a policy that is uniform where both goals are as far, and one weight from several worlds together", () => {
    const worlds = [softAt(2, 0.5), softAt(2, 0.5)].map((policy) => ({ mdp, features: [coin, wall], policy }));
    const { weights } = readGoal(worlds, { l2: 0 });
    expect(weights[0]).to.be.closeTo(2, 1e-3);
    expect(weights[1]).to.be.closeTo(0.5, 1e-3);
  });

  it("says that goals which always come together cannot be told apart", () => {
    const policy = softAt(2, 0);
    const { identified, information, weights } = readGoal([{ mdp, features: [coin, coin], policy }]);
    expect(identified).to.equal(false);
    expect(information[0]).to.be.closeTo(0, 1e-8);
    expect(weights[0]).to.be.closeTo(weights[1], 1e-6); // the penalty splits them evenly
    expect(weights[0] + weights[1]).to.be.closeTo(2, 0.1);
  });

  it("is where the slope of the mean likelihood is l2 times the weights, for worlds that do not agree", () => {
    const worlds = [softAt(2, 0.5), softAt(-1, 1)].map((policy) => ({ mdp, features: [coin, wall], policy }));
    const l2 = 0.01;
    const { weights } = readGoal(worlds, { l2 });
    const slopes = worlds.map(({ features, policy }) => {
      return maxEntPoint(mdp, features, featureExpectations(mdp, policy, features), weights).gradient;
    });
    for (const j of [0, 1]) expect((slopes[0][j] + slopes[1][j]) / 2).to.be.closeTo(l2 * weights[j], 2e-6);
  });

  it("its information is the curvature of the likelihood at 0", () => {
    const policy = uniformPolicy(mdp);
    const { information } = readGoal([{ mdp, features: [coin, wall], policy }], { l2: 0 });
    const value = ([a, b]: number[]) => {
      const { value: v } = softOptimum(
        withRewards(
          mdp,
          coin.map((c, i) => a * c + b * wall[i]),
        ),
        { temperature: 1 },
      );
      return 0.1 * v.reduce((sum, x, s) => sum + mdp.start[s] * x, 0);
    };
    const hessian = differenceHessian((x) => differenceGradient(value, x, 1e-3), [0, 0], 1e-3);
    const [p, q, r] = [hessian[0][0], hessian[1][1], hessian[0][1]];
    const half = Math.sqrt(((p - q) / 2) ** 2 + r ** 2);
    expect(information[0]).to.be.closeTo((p + q) / 2 - half, 1e-5);
    expect(information[1]).to.be.closeTo((p + q) / 2 + half, 1e-5);
  });

  it("stays finite for a policy that never errs", () => {
    const sure = uniformPolicy(mdp);
    for (let s = 0; s < 5; s++) [sure[2 * s], sure[2 * s + 1]] = [1, 0];
    const { weights } = readGoal([{ mdp, features: [coin, wall], policy: sure }]);
    expect(weights.every(Number.isFinite)).to.equal(true);
    expect(weights[0]).to.be.above(weights[1] + 3);
  });

  it("says what cannot be", () => {
    const policy = uniformPolicy(mdp);
    expect(() => readGoal([])).to.throw(DomainError, /worlds/);
    expect(() => readGoal([{ mdp, features: [coin], policy }], { l2: -1 })).to.throw(DomainError, /l2/);
    expect(() => readGoal([{ mdp, features: [coin.slice(1)], policy }])).to.throw(ShapeError, /features/);
    const two = [
      { mdp, features: [coin, wall], policy },
      { mdp, features: [coin], policy },
    ];
    expect(() => readGoal(two)).to.throw(ShapeError, /worlds\[1\]/);
    expect(() => readGoal([{ mdp, features: [coin], policy: policy.slice(2) }])).to.throw(ShapeError);
  });
});
