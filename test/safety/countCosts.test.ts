import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  constrainedOptimum,
  policyReturn,
  randomMdp,
  tabularMdp,
  uniformPolicy,
  withRewards,
} from "../../lib/src/mdp/index.js";
import { key } from "../../lib/src/random/index.js";
import { type CountedMdp, countCosts } from "../../lib/src/safety/index.js";
import { strait } from "../../lib/src/worlds/index.js";

/** P(N >= k) under a policy of the counted process. */
const tail = ({ mdp, reaches }: CountedMdp, policy: Float64Array, k: number) =>
  policyReturn(withRewards(mdp, reaches(k)), policy);

describe("the count in the state", () => {
  it("knows the distribution of a count: certain shoals, gamma the probability of going on", () => {
    const mdp = tabularMdp({ states: 1, actions: 1, transitions: [1], rewards: [2], discount: 0.5 });
    const counted = countCosts(mdp, [1], 3);
    expect(Array.from(counted.count)).to.deep.equal([0, 1, 2, 3]);
    expect(Array.from(counted.origin)).to.deep.equal([0, 0, 0, 0]);
    // Each move arrives once; there is a k-th move with probability 0.5^(k - 1).
    for (const k of [1, 2, 3])
      expect(tail(counted, uniformPolicy(counted.mdp), k)).to.be.closeTo(0.5 ** (k - 1), 1e-12);
    expect(policyReturn(counted.mdp, uniformPolicy(counted.mdp))).to.be.closeTo(4, 1e-12);
  });

  it("does not count where it begins, and counts staying", () => {
    const mdp = tabularMdp({
      states: 2,
      actions: 1,
      transitions: [0.5, 0.5, 0, 1],
      rewards: [0, 0],
      discount: 0.9,
      start: [1, 0],
    });
    const counted = countCosts(mdp, [1, 0], 2);
    expect(tail(counted, uniformPolicy(counted.mdp), 1)).to.be.closeTo(0.5, 1e-12);
    expect(tail(counted, uniformPolicy(counted.mdp), 2)).to.be.closeTo(0.5 * 0.9 * 0.5, 1e-12);
  });

  it("leaves values as they are, and E[N] is the sum of P(N >= k) (property)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const mdp = randomMdp(key(seed), { states: 4, actions: 2, discount: 0.6 });
        const shoals = [0, 1, 0, seed % 2];
        const counted = countCosts(mdp, shoals, 40);
        const policy = uniformPolicy(counted.mdp);
        expect(policyReturn(counted.mdp, policy)).to.be.closeTo(policyReturn(mdp, uniformPolicy(mdp)), 1e-9);
        const cost = mdp.rewards.map((_, pair) =>
          shoals.reduce((sum, own, next) => sum + own * mdp.transitions[pair * 4 + next], 0),
        );
        let expected = 0;
        for (let k = 1; k <= 40; k++) expected += tail(counted, policy, k);
        expect(expected).to.be.closeTo(policyReturn(withRewards(mdp, cost), uniformPolicy(mdp)), 1e-6);
      }),
      { numRuns: 10 },
    );
  });

  it("prices a probability: P(N > 0) <= .05 on the strait is worth .4754", async () => {
    const { mdp, shoals } = strait();
    const counted = countCosts(mdp, shoals, 1);
    const { value } = await constrainedOptimum(counted.mdp, [{ cost: counted.reaches(1), atMost: 0.05 }]);
    expect(value).to.be.closeTo(0.4754, 5e-5);
  });

  it("leaves out what nobody comes to, and refuses what is no count", () => {
    const { mdp, shoals } = strait();
    const counted = countCosts(mdp, shoals, 2);
    // Count 0: no shoal. Count 1: all fields but the three shoals that have shoals on all sides. Count 2: all.
    expect(counted.mdp.states).to.equal(32 + 39 + 42);
    expect(() => countCosts(mdp, [1], 1)).to.throw(ShapeError, "counted");
    expect(() => countCosts(mdp, shoals, 0)).to.throw(DomainError, "most");
    expect(() => counted.reaches(3)).to.throw(DomainError, "from 1 to 2");
    expect(() => counted.reaches(0)).to.throw(DomainError, "from 1 to 2");
  });
});
