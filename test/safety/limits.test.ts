import { expect } from "chai";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import {
  constrainedOptimum,
  deterministicPolicy,
  policyReturn,
  randomMdp,
  tabularMdp,
  withRewards,
} from "../../lib/src/mdp/index.js";
import { key } from "../../lib/src/random/index.js";
import {
  almostSureOptimum,
  bestDeterministic,
  chanceConstrainedOptimum,
  costDistribution,
  countCosts,
  cvarConstrainedOptimum,
  liftPolicy,
} from "../../lib/src/safety/index.js";
import { strait } from "../../lib/src/worlds/index.js";
import { golden } from "./golden.js";

const world = strait();
const problem = { mdp: world.mdp, counted: world.shoals };
const seen = golden<{
  frontier: [number, number, number][];
  chance: { none05: number; one10: number };
  cvar10: number;
  sure: number;
  narrow: number[];
  withoutLastRow: number;
  deterministic: [number, number];
  distribution: { atLeastOne: number; atLeastThree: number };
}>("The strait: E N");
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

describe("six meanings of at most, on the strait", () => {
  const far = countCosts(world.mdp, world.shoals, 6);

  it("expected: the frontier, and what it allows: three shoals on a quarter of the voyages", async () => {
    for (const [atMost, value, price] of seen.frontier) {
      const found = await constrainedOptimum(world.mdp, [{ cost: world.cost, atMost }]);
      expect(found.value, `${atMost}`).to.be.closeTo(value, 5.1e-5);
      expect(found.multipliers[0], `${atMost}`).to.be.closeTo(price, 5.1e-4);
    }
    const one = await constrainedOptimum(world.mdp, [{ cost: world.cost, atMost: 1 }]);
    const N = costDistribution(far, liftPolicy(far, one.policy));
    expect(N.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-9);
    expect(1 - N[0]).to.be.closeTo(seen.distribution.atLeastOne, 5.1e-4);
    expect(1 - N[0] - N[1] - N[2]).to.be.closeTo(seen.distribution.atLeastThree, 5.1e-4);
  });

  it("chance: P(N > 0) <= .05 and P(N > 1) <= .1, kept exactly", async () => {
    const none = await chanceConstrainedOptimum(problem, { moreThan: 0, probability: 0.05 });
    expect(none.value).to.be.closeTo(seen.chance.none05, 5.1e-5);
    const one = await chanceConstrainedOptimum(problem, { moreThan: 1, probability: 0.1 });
    expect(one.value).to.be.closeTo(seen.chance.one10, 5.1e-5);
    const N = costDistribution(one.memory, one.policy);
    expect(N[2]).to.be.closeTo(0.1, 1e-6);
    // The policy does as well where we count further than it does.
    expect(policyReturn(far.mdp, liftPolicy(far, one.policy, one.memory))).to.be.closeTo(one.value, 1e-6);
    const sure = await chanceConstrainedOptimum(problem, { moreThan: 0, probability: 0 });
    expect(sure.value).to.be.closeTo(seen.sure, 5.1e-5);
  });

  it("CVaR: the mean of the worst tenth at most 1; a tail of 1 is the expected limit", async () => {
    const worst = await cvarConstrainedOptimum(problem, { tail: 0.1, atMost: 1 });
    expect(worst.value).to.be.closeTo(seen.cvar10, 5.1e-5);
    // CVaR of its own N, worst runs first.
    const N = costDistribution(far, liftPolicy(far, worst.policy, worst.memory));
    let [left, sum] = [0.1, 0];
    for (let k = N.length - 1; k >= 0; k--) {
      const take = Math.min(left, N[k]);
      sum += take * k;
      left -= take;
    }
    expect(sum / 0.1).to.be.within(0.99, 1 + 1e-6);
    const all = await cvarConstrainedOptimum(problem, { tail: 1, atMost: 1 });
    expect(all.value).to.be.closeTo(0.562, 5.1e-5);
  });

  it("sure: what slips once may slip again, so a budget buys nothing here, but it does on a narrow strait", async () => {
    for (const atMost of [0, 2]) {
      const { value, policy, memory } = await almostSureOptimum(problem, { atMost });
      expect(value).to.be.closeTo(seen.sure, 5.1e-5);
      expect(costDistribution(memory, policy)[atMost + 1]).to.equal(0);
    }
    const narrow = strait({ map: ["S..~..H", "...~...", "...~...", "...~...", ".......", "......."] });
    for (const [atMost, value] of seen.narrow.entries()) {
      const found = await almostSureOptimum({ mdp: narrow.mdp, counted: narrow.shoals }, { atMost });
      expect(found.value, `${atMost}`).to.be.closeTo(value, 5.1e-5);
      expect(policyReturn(found.memory.mdp, found.policy)).to.be.closeTo(value, 5.1e-5);
      expect(found.flow.reduce((a, b) => a + b)).to.be.closeTo(20, 1e-6);
    }
    const short = strait({ map: ["S.~~~.H", "..~~~..", "..~~~..", "...~...", "......."] });
    const { value } = await almostSureOptimum({ mdp: short.mdp, counted: short.shoals }, { atMost: 0 });
    expect(value).to.be.closeTo(seen.withoutLastRow, 5.1e-5);
  });

  it("sure is the chance constraint's limit: linear programs with smaller and smaller delta come down to it", async () => {
    const values: number[] = [];
    for (const probability of [0.01, 0.0001]) {
      values.push((await chanceConstrainedOptimum(problem, { moreThan: 0, probability })).value);
    }
    expect(values[0]).to.be.greaterThan(values[1]);
    expect(values[1] - seen.sure).to.be.within(0, 0.004);
  });

  it("refuses what cannot be", async () => {
    const trap = tabularMdp({ states: 1, actions: 1, transitions: [1], rewards: [1], discount: 0.9 });
    const hopeless = { mdp: trap, counted: [1] };
    expect(await refusal(almostSureOptimum(hopeless, { atMost: 3 }))).to.be.instanceOf(InfeasibleError);
    expect(await refusal(chanceConstrainedOptimum(hopeless, { moreThan: 0, probability: 0.5 }))).to.be.instanceOf(
      InfeasibleError,
    );
    expect(await refusal(cvarConstrainedOptimum(hopeless, { tail: 0.5, atMost: 1 }))).to.be.instanceOf(InfeasibleError);
    for (const tail of [0, -1, 2, Number.NaN]) {
      expect(await refusal(cvarConstrainedOptimum(problem, { tail, atMost: 1 })), `${tail}`).to.be.instanceOf(
        DomainError,
      );
    }
    expect(await refusal(cvarConstrainedOptimum(problem, { tail: 0.1, atMost: -1 }))).to.be.instanceOf(DomainError);
    expect(await refusal(chanceConstrainedOptimum(problem, { moreThan: 0.5, probability: 0.1 }))).to.be.instanceOf(
      DomainError,
    );
    expect(await refusal(chanceConstrainedOptimum(problem, { moreThan: 0, probability: 2 }))).to.be.instanceOf(
      DomainError,
    );
    expect(() => liftPolicy(far, [1], far)).to.throw(ShapeError, "policy");
  });
});

describe("the best deterministic policy", () => {
  it("is what trying all of them finds", async () => {
    for (const seed of [1, 2, 3, 4]) {
      const mdp = randomMdp(key(seed), { states: 4, actions: 2, discount: 0.8 });
      const cost = randomMdp(key(seed + 100), { states: 4, actions: 2, discount: 0.8 }).rewards;
      let best = Number.NEGATIVE_INFINITY;
      for (let code = 0; code < 16; code++) {
        const policy = deterministicPolicy(
          mdp,
          [0, 1, 2, 3].map((s) => (code >> s) & 1),
        );
        if (policyReturn(withRewards(mdp, cost), policy) > 0.3) continue;
        best = Math.max(best, policyReturn(mdp, policy));
      }
      const limits = [{ cost, atMost: 0.3 }];
      const found = await refusal(
        bestDeterministic(mdp, limits).then(({ value }) => expect(value).to.be.closeTo(best, 1e-6)),
      );
      if (best === Number.NEGATIVE_INFINITY) expect(found).to.be.instanceOf(InfeasibleError);
      else expect(found).to.equal(undefined);
    }
  });

  it("on the strait has .5440 at cost .9965, where tossing a coin in one state has .5620", async () => {
    const { value, costs } = await bestDeterministic(world.mdp, [{ cost: world.cost, atMost: 1 }], { gap: 1e-3 });
    expect(value).to.be.closeTo(seen.deterministic[0], 5.1e-5);
    expect(costs[0]).to.be.closeTo(seen.deterministic[1], 5.1e-5);
  });

  it("of PRISM's two targets: .25 by tossing a coin, 0 without", async () => {
    const { value, deterministic } = golden<{ value: number; deterministic: number }>("Two targets");
    const mdp = tabularMdp({
      states: 3,
      actions: 2,
      transitions: [0, 0.4, 0.6, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1],
      rewards: [0.6, 0, 0, 0, 0, 0],
      discount: 0.5,
      start: [1, 0, 0],
    });
    const limits = [{ cost: [-0.4, -1, 0, 0, 0, 0], atMost: -0.75 }];
    expect((await constrainedOptimum(mdp, limits)).value).to.be.closeTo(value, 1e-9);
    expect((await bestDeterministic(mdp, limits)).value).to.be.closeTo(deterministic, 1e-9);
    expect(await refusal(bestDeterministic(mdp, [{ cost: [1], atMost: 1 }]))).to.be.instanceOf(ShapeError);
    expect(await refusal(bestDeterministic(mdp, limits, { gap: -1 }))).to.be.instanceOf(DomainError);
  });
});
