import { expect } from "chai";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import {
  constrainedOptimum,
  gridworld,
  occupancy,
  optimalPolicy,
  policyReturn,
  randomMdp,
  withRewards,
} from "../../lib/src/mdp/index.js";
import { key } from "../../lib/src/random/index.js";
import { strait } from "../../lib/src/worlds/index.js";

/** The strait of lesson 19: H is near across the shoals, and far around them. */
const world = strait();
const shoals = world.cost;

describe("worlds drawn as a chart", () => {
  const small = gridworld(["S.H", "#.."], { ends: "H", rewards: { H: 2, ".": -1 }, slip: 0.1, discount: 0.9 });
  const row = (state: number, action: number) =>
    Array.from(small.mdp.transitions.subarray((state * 4 + action) * 6, (state * 4 + action + 1) * 6));

  it("go ahead, slip to the sides, and stay before walls and at the edge", () => {
    expect(row(0, 0)).to.deep.equal([0.2, 0.8, 0, 0, 0, 0]); // east of S; south is a wall, north the edge
    expect(row(1, 0).map((p) => Number(p.toFixed(12)))).to.deep.equal([0, 0.1, 0.8, 0, 0.1, 0]);
    expect(row(2, 2)).to.deep.equal([0, 0, 1, 0, 0, 0]); // nothing leads away from the end
  });

  it("pay for arriving, staying included, and nothing at the end", () => {
    expect(small.mdp.rewards[1 * 4 + 0]).to.be.closeTo(0.8 * 2 - 0.2, 1e-12);
    expect(small.mdp.rewards[0 * 4 + 2]).to.equal(0); // stays on S, which pays nothing
    expect(Array.from(small.mdp.rewards.subarray(8, 12))).to.deep.equal([0, 0, 0, 0]);
    expect(Array.from(small.distance("H"))).to.deep.equal([2, 1, 0, Number.POSITIVE_INFINITY, 2, 1]);
  });

  it("refuse what is no chart", () => {
    const of =
      (chart: string[], options = {}) =>
      () =>
        gridworld(chart, { discount: 0.9, ...options });
    expect(of(["S.", "."])).to.throw(DomainError, "one length");
    expect(of([])).to.throw(DomainError, "one length");
    expect(of([".."])).to.throw(DomainError, 'field "S"');
    expect(of(["S."], { slip: 0.6 })).to.throw(DomainError, "slip");
    expect(of(["S."], { rewards: { G: 1 } })).to.throw(DomainError, "letter");
  });
});

describe("the best policy under limits", () => {
  it("is the optimal one where there is no limit", async () => {
    for (const seed of [1, 2, 3]) {
      const mdp = randomMdp(key(seed), { states: 5, actions: 3, discount: 0.9 });
      const { policy, value, flow } = await constrainedOptimum(mdp, []);
      expect(value).to.be.closeTo(policyReturn(mdp, optimalPolicy(mdp).policy), 1e-7);
      expect(policyReturn(mdp, policy)).to.be.closeTo(value, 1e-7);
      const visits = occupancy(mdp, policy);
      for (let pair = 0; pair < 15; pair++) expect(flow[pair] * 0.1).to.be.closeTo(visits[pair], 1e-7);
    }
  });

  it("crosses the strait as an independent program found it: value, cost and price at each limit", async () => {
    const free = await constrainedOptimum(world.mdp, [{ cost: shoals, atMost: 100 }]);
    expect(free.value).to.be.closeTo(0.737, 5e-4);
    expect(free.costs[0]).to.be.closeTo(2.968, 5e-3);
    expect(free.multipliers[0]).to.equal(0);
    // Limit, value, price: computed with SciPy's HiGHS (shared notes of lesson 19).
    for (const [atMost, value, price] of [
      [0, 0.4102, 31.66],
      [0.02, 0.443, 1.244],
      [0.1, 0.4777, 0.116],
      [1, 0.562, 0.093],
    ]) {
      const found = await constrainedOptimum(world.mdp, [{ cost: shoals, atMost }]);
      expect(found.value, `limit ${atMost}`).to.be.closeTo(value, 5e-4);
      expect(found.costs[0]).to.be.closeTo(atMost, 1e-6);
      // At 0 the value has a kink, and any price from its right slope on will do.
      if (atMost > 0) expect(found.multipliers[0]).to.be.closeTo(price, 0.01 * price);
      const cost = policyReturn(withRewards(world.mdp, shoals), found.policy);
      expect(cost).to.be.closeTo(atMost, 1e-6);
      expect(policyReturn(world.mdp, found.policy)).to.be.closeTo(found.value, 1e-6);
    }
  });

  it("tosses a coin in one state for one limit", async () => {
    const { policy, flow } = await constrainedOptimum(world.mdp, [{ cost: shoals, atMost: 1 }]);
    let coins = 0;
    for (let s = 0; s < world.mdp.states; s++) {
      const own = policy.subarray(4 * s, 4 * s + 4);
      if (flow.subarray(4 * s, 4 * s + 4).some((x) => x > 1e-9) && own.filter((p) => p > 1e-6).length > 1) coins++;
    }
    expect(coins).to.equal(1);
  });

  it("says when no policy keeps the limits, and refuses a cost of another length", async () => {
    const error = async (limit: { cost: ArrayLike<number>; atMost: number }) =>
      constrainedOptimum(world.mdp, [limit]).then(
        () => undefined,
        (thrown) => thrown,
      );
    expect(await error({ cost: shoals, atMost: -1 })).to.be.instanceOf(InfeasibleError);
    expect(await error({ cost: [1], atMost: 1 })).to.be.instanceOf(ShapeError);
  });
});
