import { expect } from "chai";
import {
  bayesianIrl,
  demonstrate,
  identifiability,
  inverseRewardDesign,
  rewardsExplaining,
  riskAverseChoice,
  softOptimum,
  weightedReward,
} from "../../../lib/src/alignment/index.js";
import { DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { randomMdp, type TabularMdp, tabularMdp, withRewards } from "../../../lib/src/mdp/index.js";
import { foldIn, key, normal } from "../../../lib/src/random/index.js";
import { goalAndLava, lavaDetour } from "../../../lib/src/worlds/index.js";

const { mdp, features } = goalAndLava();
const reward = weightedReward(features, [2, -1.5, 0]);
const expert = softOptimum(withRewards(mdp, reward), { temperature: 1 });
const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

describe("rewards that explain a policy", () => {
  it("explain it to rounding, for every V, at any temperature; V is their value", () => {
    for (const temperature of [0.5, 1, 3]) {
      const { logPolicy, policy } = softOptimum(withRewards(mdp, reward), { temperature });
      for (const size of [0, 3, 10]) {
        const value = normal(key(7), 16).map((x) => size * x);
        const other = rewardsExplaining(mdp, logPolicy, value, { temperature });
        const again = softOptimum(withRewards(mdp, other), { temperature });
        expect(apart(again.policy, policy)).to.be.below(1e-12);
        expect(apart(again.value, value)).to.be.below(1e-9 * (1 + size));
      }
    }
  });

  it("with the true V are the truth", () => {
    expect(apart(rewardsExplaining(mdp, expert.logPolicy, expert.value), reward)).to.be.below(1e-10);
  });

  it("refuses an action that is never taken", () => {
    const logPolicy = expert.logPolicy.slice();
    logPolicy[5] = Number.NEGATIVE_INFINITY;
    expect(() => rewardsExplaining(mdp, logPolicy, expert.value)).to.throw(DomainError, "logPolicy[5]");
    expect(() => rewardsExplaining(mdp, expert.logPolicy, [1])).to.throw(ShapeError, "value");
  });
});

describe("identifiability", () => {
  const at = (discount: number, slip: number) => goalAndLava({ discount, slip }).mdp;

  it("has the nullities that theory says", () => {
    expect(identifiability([mdp]).nullity).to.equal(16);
    expect(identifiability([mdp, mdp]).nullity).to.equal(16);
    expect(identifiability([mdp, at(0.7, 0.1)]).nullity).to.equal(1);
    expect(identifiability([mdp, at(0.9, 0.3)]).nullity).to.equal(1);
    expect(identifiability([mdp, at(0.9, 0.3), at(0.5, 0.2)]).nullity).to.equal(1);
    expect(identifiability([mdp], { stateOnly: true }).nullity).to.equal(1);
    expect(identifiability([at(0.9, 0), at(0.7, 0)]).nullity).to.equal(1);
  });

  it("what is left with two discounts is the constant; with one world, directions that nobody sees", () => {
    const [constant] = identifiability([mdp, at(0.7, 0.1)]).directions;
    expect(apart(constant, new Float64Array(64).fill(constant[0]))).to.be.below(1e-9);
    const free = identifiability([mdp]).directions;
    expect(free).to.have.length(16);
    for (const direction of free) {
      const moved = softOptimum(
        withRewards(
          mdp,
          reward.map((r, i) => r + 5 * direction[i]),
        ),
        { temperature: 1 },
      );
      expect(apart(moved.policy, expert.policy)).to.be.below(1e-10);
    }
  });

  it("two random worlds: generically 1, in ten draws", () => {
    for (let i = 0; i < 10; i++) {
      const draw = (n: number) => randomMdp(key(2 * i + n), { states: 5, actions: 3, discount: 0.8, branching: 5 });
      expect(identifiability([draw(0), draw(1)]).nullity).to.equal(1);
    }
  });

  it("refuses no world, and worlds of different sizes", () => {
    expect(() => identifiability([])).to.throw(DomainError, "worlds");
    const small: TabularMdp = randomMdp(key(1), { states: 3, actions: 4, discount: 0.9 });
    expect(() => identifiability([mdp, small])).to.throw(ShapeError, "16 states");
  });
});

describe("Bayesian inverse reinforcement learning", () => {
  const list = [0, 1, 2, 3].flatMap((g) => [-1.5, 0].map((l) => weightedReward(features, [g, l, 0])));

  it("is Bayes' rule on the list, by hand", () => {
    const world = tabularMdp({ states: 1, actions: 2, transitions: [1, 1], rewards: [0, 0], discount: 0.5 });
    const steps: [number, number][] = [
      [0, 1],
      [0, 1],
    ];
    const posterior = bayesianIrl(
      world,
      [
        [0, 0],
        [0, Math.log(3)],
      ],
      [steps],
      { prior: [0.25, 0.75] },
    );
    // Each step has probability 1/2 under the first, 3/4 under the second.
    expect(posterior[1]).to.be.closeTo((0.75 * 9) / 16 / ((0.75 * 9) / 16 + 0.25 / 4), 1e-12);
    const colder = bayesianIrl(
      world,
      [
        [0, 0],
        [0, Math.log(3)],
      ],
      [steps],
      { temperature: 0.5 },
    );
    expect(colder[1]).to.be.closeTo(0.81 / (0.81 + 0.25), 1e-12);
  });

  it("finds the truth with many steps, in most of ten keys, and adds up to 1", () => {
    let found = 0;
    for (let k = 0; k < 10; k++) {
      const steps = Array.from({ length: 50 }, (_, i) => demonstrate(foldIn(key(k), i), mdp, expert.policy, 20));
      const posterior = bayesianIrl(mdp, list, steps);
      expect(posterior.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
      if (posterior[4] > 0.5) found++;
    }
    expect(found).to.be.at.least(8);
  });

  it("draws demonstrations that could have happened, with the policy's shares", () => {
    const long = demonstrate(key(3), mdp, expert.policy, 4000);
    const atGoal = long.filter(([s]) => s === 15);
    const east = atGoal.filter(([, a]) => a === 0).length / atGoal.length;
    // Three and a half standard errors of a share.
    const p = expert.policy[60];
    expect(Math.abs(east - p)).to.be.below(3.5 * Math.sqrt((p * (1 - p)) / atGoal.length));
    expect(long[0][0]).to.equal(0);
    expect(() => demonstrate(key(1), mdp, expert.policy, 0)).to.throw(DomainError, "steps");
  });

  it("refuses nothing to choose from, no steps, a prior that is none, and impossible steps", () => {
    expect(() => bayesianIrl(mdp, [], [[[0, 0]]])).to.throw(DomainError, "rewards");
    expect(() => bayesianIrl(mdp, list, [])).to.throw(DomainError, "demonstrations");
    expect(() => bayesianIrl(mdp, list, [[[0, 0]]], { prior: [1] })).to.throw(ShapeError, "prior");
    expect(() => bayesianIrl(mdp, list, [[[9, 0]]])).to.throw(DomainError, "can start");
  });
});

describe("inverse reward design", () => {
  const { weights, counts, proxy, test, train } = lavaDetour();
  const lavaOf = (posterior: Float64Array) =>
    [-2, -1, 0, 1, 2].map((v) => posterior.reduce((sum, p, i) => sum + (weights[i][3] === v ? p : 0), 0));

  it("leaves a feature that training does not have at its prior, for every beta", () => {
    for (const beta of [0, 0.1, 1, 5]) {
      const posterior = inverseRewardDesign({ weights, counts, chosen: proxy, beta });
      expect(apart(lavaOf(posterior), [0.2, 0.2, 0.2, 0.2, 0.2])).to.be.below(1e-12);
    }
    const prior = weights.map((w) => (w[3] === -2 ? 3 : 1));
    const total = prior.reduce((a: number, b) => a + b, 0);
    const posterior = inverseRewardDesign({
      weights,
      counts,
      chosen: proxy,
      beta: 1,
      prior: prior.map((p) => p / total),
    });
    expect(lavaOf(posterior)[0]).to.be.closeTo(3 / 7, 1e-12);
  });

  it("ties proxies that behave alike, and needs its normaliser", () => {
    const same = weights.findIndex((w) => w.join() === "-2,-1,1,2");
    const one = inverseRewardDesign({ weights, counts, chosen: proxy, beta: 1 });
    expect(apart(inverseRewardDesign({ weights, counts, chosen: same, beta: 1 }), one)).to.equal(0);
    // A constant on everything that each way has once (the target) changes nothing.
    const target = [-2, -1, 0, 1, 2].map((v) => one.reduce((sum, p, i) => sum + (weights[i][2] === v ? p : 0), 0));
    expect(apart(target, [0.2, 0.2, 0.2, 0.2, 0.2])).to.be.below(1e-12);
  });

  it("plans for the worst case, relative to what is known", () => {
    const some = [
      [-2, -1, 1, -2],
      [-2, -1, 1, 2],
    ];
    const careful = riskAverseChoice(test.counts, some, { reference: train.counts[train.best(some[0])] });
    expect(Array.from(test.counts[careful.plan])).to.deep.equal([0, 7, 1, 0]);
    expect(careful.worst).to.equal(0);
    const by = test.counts.map((phi) => some.map((w) => phi.reduce((s, c, j) => s + c * w[j], 0)));
    const best = by.map((pays) => Math.min(...pays)).reduce((a, b) => Math.max(a, b));
    expect(riskAverseChoice(test.counts, some).worst).to.equal(best);
  });

  it("refuses what does not fit", () => {
    expect(() => inverseRewardDesign({ weights, counts, chosen: 700, beta: 1 })).to.throw(DomainError, "chosen");
    expect(() => inverseRewardDesign({ weights, counts, chosen: 0, beta: -1 })).to.throw(DomainError, "beta");
    expect(() => inverseRewardDesign({ weights: [[1]], counts, chosen: 0, beta: 1 })).to.throw(
      ShapeError,
      "weights[0]",
    );
    expect(() => riskAverseChoice([], weights)).to.throw(DomainError, "counts");
    expect(() => riskAverseChoice([[1]], [])).to.throw(DomainError, "weights");
  });
});
