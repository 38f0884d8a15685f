import { expect } from "chai";
import fc from "fast-check";
import { DomainError, key, ShapeError, uniform } from "rlhf-lab";
import {
  actionValue,
  deterministicPolicy,
  occupancy,
  optimalPolicy,
  policyReturn,
  policyValue,
  randomMdp,
  tabularMdp,
  uniformPolicy,
  withRewards,
} from "rlhf-lab/mdp";
import { rewardErrorBound } from "rlhf-lab/rewards";

const seeds = fc.integer({ min: 0, max: 1e6 });

/** One decision: stay for `stay` a step, or go to a state without rewards. */
const stayOrGo = (stay: number, go: number, gamma: number) =>
  tabularMdp({
    states: 2,
    actions: 2,
    discount: gamma,
    transitions: [1, 0, 0, 1, 0, 1, 0, 1],
    rewards: [stay, go, 0, 0],
    start: [1, 0],
  });

describe("tabularMdp", () => {
  it("values two states by hand", () => {
    const mdp = stayOrGo(1, 3, 0.9);
    expect(policyReturn(mdp, deterministicPolicy(mdp, [0, 0]))).to.be.closeTo(10, 1e-12);
    expect(policyReturn(mdp, deterministicPolicy(mdp, [1, 0]))).to.be.closeTo(3, 1e-12);
    // V = 1/2 (1 + 0.9 V) + 1/2 3
    expect(policyValue(mdp, uniformPolicy(mdp))[0]).to.be.closeTo(2 / 0.55, 1e-12);
    expect(Array.from(optimalPolicy(mdp).choice)).to.deep.equal([0, 0]);
    expect(Array.from(optimalPolicy(mdp, { ties: "last" }).choice)).to.deep.equal([0, 1]);
  });

  it("values as value iteration does, and the optimum obeys Bellman's equation", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const mdp = randomMdp(key(seed), { states: 7, actions: 3, discount: 0.8 });
        const { value, choice } = optimalPolicy(mdp);
        let iterate = new Float64Array(7);
        for (let step = 0; step < 200; step++) {
          const q = actionValue(mdp, iterate);
          iterate = iterate.map((_, s) => Math.max(...q.subarray(3 * s, 3 * s + 3)));
        }
        value.forEach((v, s) => {
          expect(v).to.be.closeTo(iterate[s], 1e-9);
        });
        // No deterministic policy that differs in one state is better.
        for (let s = 0; s < 7; s++) {
          const other = policyValue(
            mdp,
            deterministicPolicy(
              mdp,
              choice.map((a, t) => (t === s ? (a + 1) % 3 : a)),
            ),
          );
          other.forEach((v, t) => {
            expect(v).to.be.at.most(value[t] + 1e-9);
          });
        }
      }),
      { numRuns: 15 },
    );
  });

  it("has occupancies that add up to 1 and give the return", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const mdp = randomMdp(key(seed), { states: 6, actions: 2, discount: 0.9 });
        const visits = occupancy(mdp, uniformPolicy(mdp));
        expect(visits.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-9);
        const total = visits.reduce((sum, share, pair) => sum + share * mdp.rewards[pair], 0) / (1 - 0.9);
        expect(total).to.be.closeTo(policyReturn(mdp, uniformPolicy(mdp)), 1e-9);
      }),
      { numRuns: 15 },
    );
  });

  it("refuses tables that are none", () => {
    const spec = { states: 1, actions: 1, discount: 0.5, transitions: [1], rewards: [0] };
    expect(() => tabularMdp({ ...spec, transitions: [0.5] })).to.throw(DomainError, "state 0, action 0");
    expect(() => tabularMdp({ ...spec, discount: 1 })).to.throw(DomainError, "discount");
    expect(() => tabularMdp({ ...spec, rewards: [] })).to.throw(ShapeError, "rewards");
    expect(() => tabularMdp({ ...spec, rewards: [Number.NaN] })).to.throw(DomainError, "rewards[0]");
    expect(() => policyValue(tabularMdp(spec), Float64Array.of(0.5))).to.throw(DomainError, "state 0");
    expect(() => deterministicPolicy(tabularMdp(spec), [1])).to.throw(DomainError, "choice[0]");
    expect(() => randomMdp(key(0), { states: 2, actions: 1, discount: 0, branching: 3 })).to.throw(DomainError);
  });
});

describe("rewardErrorBound", () => {
  const gap = (seed: number, states: number, gamma: number, size: number) => {
    const mdp = randomMdp(key(seed), { states, actions: 3, discount: gamma });
    const noise = uniform(key(seed + 1), mdp.rewards.length, -size, size);
    const learned = withRewards(
      mdp,
      mdp.rewards.map((r, pair) => r + noise[pair]),
    );
    const best = policyReturn(mdp, optimalPolicy(mdp).policy);
    const epsilon = noise.reduce((most, e) => Math.max(most, Math.abs(e)), 0);
    return { gap: best - policyReturn(mdp, optimalPolicy(learned).policy), epsilon };
  };

  it("is never crossed", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 0.95, noNaN: true }), (seed, gamma) => {
        const { gap: lost, epsilon } = gap(seed, 5, gamma, 1);
        expect(lost).to.be.within(-1e-9, rewardErrorBound(epsilon, gamma) + 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  it("is attained by two states, and no factor below 2 would do", () => {
    for (const gamma of [0, 0.5, 0.99]) {
      const epsilon = 0.3;
      const truth = stayOrGo(2 * epsilon, 0, gamma);
      // Staying is underrated by epsilon a step, going overrated by epsilon once; what follows by epsilon for ever.
      const learned = withRewards(truth, [epsilon, epsilon, epsilon, epsilon]);
      const misled = optimalPolicy(learned, { ties: "last" }).policy;
      const lost = policyReturn(truth, optimalPolicy(truth).policy) - policyReturn(truth, misled);
      expect(lost).to.be.closeTo(rewardErrorBound(epsilon, gamma), 1e-9);
      expect(lost).to.be.above((1.99 * epsilon) / (1 - gamma));
    }
  });

  it("adds what the optimiser leaves lying, and refuses a discount of 1", () => {
    expect(rewardErrorBound(0.1, 0.9, 0.5)).to.be.closeTo(2.5, 1e-12);
    expect(() => rewardErrorBound(0.1, 1)).to.throw(DomainError, "gamma");
    expect(() => rewardErrorBound(-0.1, 0)).to.throw(DomainError, "epsilon");
  });
});
