import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { constrainedOptimum, optimalPolicy, policyReturn, withRewards } from "../../lib/src/mdp/index.js";
import { strait } from "../../lib/src/worlds/index.js";

describe("the strait", () => {
  const world = strait();
  const costOf = (policy: Float64Array) => policyReturn(withRewards(world.mdp, world.cost), policy);

  it("is 6 rows of 7 fields, ten of them shoals, and a move slips one time in ten", () => {
    expect([world.columns, world.rows, world.start, world.harbour]).to.deep.equal([7, 6, 0, 6]);
    expect(world.shoals.reduce((a, b) => a + b)).to.equal(10);
    const row = world.mdp.transitions.subarray(0, 42); // east of S: the edge is north
    expect([row[0], row[1], row[7]].map((p) => Number(p.toFixed(12)))).to.deep.equal([0.05, 0.9, 0.05]);
  });

  it("charges the probability that the next field is a shoal, staying in one included", () => {
    expect(world.cost[1 * 4 + 0]).to.be.closeTo(0.9, 1e-12); // from (0, 1) east
    expect(world.cost[1 * 4 + 1]).to.be.closeTo(0.05, 1e-12); // south, and a side step
    expect(world.cost[2 * 4 + 3]).to.be.closeTo(0.95, 1e-12); // north at the edge: stays, or east
    expect(Array.from(world.cost.subarray(24, 28))).to.deep.equal([0, 0, 0, 0]); // the harbour
  });

  it("pays .7370 without limits; .5620 with one shoal, .4102 with none", async () => {
    const free = optimalPolicy(world.mdp);
    expect(free.value[world.start]).to.be.closeTo(0.737, 5e-5);
    // Optima tie where two ways out of the shoals are as good: their costs lie around the notes' 2.968.
    expect(costOf(free.policy)).to.be.closeTo(2.946, 5e-4);
    expect(costOf(optimalPolicy(world.mdp, { ties: "last" }).policy)).to.be.closeTo(2.9783, 5e-5);
    const one = await constrainedOptimum(world.mdp, [{ cost: world.cost, atMost: 1 }]);
    expect(one.value).to.be.closeTo(0.562, 5e-5);
    expect(one.multipliers[0]).to.be.closeTo(0.093, 5e-5);
    const none = await constrainedOptimum(world.mdp, [{ cost: world.cost, atMost: 0 }]);
    expect(none.value).to.be.closeTo(0.4102, 5e-5);
    expect(costOf(none.policy)).to.be.closeTo(0, 1e-9);
  });

  it("takes other charts, slips and discounts, and refuses what is no strait", () => {
    const calm = strait({ map: ["S~H", "..."], slip: 0, discount: 0.5 });
    expect(optimalPolicy(calm.mdp).value[0]).to.be.closeTo(0.5, 1e-12);
    for (const map of [["S.H"], ["~.H"], ["S~S", "..H"], ["S~~"]]) {
      expect(() => strait({ map }), map.join("/")).to.throw(DomainError, "map");
    }
    expect(() => strait({ map: ["S#~H"] })).to.throw(DomainError, "a way from S to H");
    expect(() => strait({ slip: 0.6 })).to.throw(DomainError, "slip");
    expect(() => strait({ discount: 1 })).to.throw(DomainError, "discount");
  });
});
