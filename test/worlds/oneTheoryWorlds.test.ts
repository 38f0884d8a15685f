// The planner of engagement and the learner of 32 rules.
import { expect } from "chai";
import { DomainError } from "../../lib/src/core/index.js";
import { engagement, engagementPath, gibbsLearning } from "../../lib/src/worlds/index.js";

describe("the planner of engagement", () => {
  it("moves tastes as the ground's plans do, and the far-sighted one shows first what nobody likes", () => {
    for (const [discount, ten, fifty] of [
      [0, 0.23, 0.67],
      [0.9, 0.33, 0.96],
      [0.99, 0.54, 0.99],
    ]) {
      const { tastes, items, engagements } = engagementPath({ discount });
      expect(tastes[10]).to.be.closeTo(ten, 5e-3);
      expect(tastes[50]).to.be.closeTo(fifty, 5e-3);
      expect(tastes).to.have.length(51);
      items.forEach((item, t) => {
        expect(tastes[t + 1]).to.be.closeTo(tastes[t] + 0.1 * (item - tastes[t]), 1e-12);
        expect(engagements[t]).to.equal(engagement(item, tastes[t]));
      });
      if (discount === 0.99) expect(items[0]).to.equal(1);
      // In the long run the far-sighted earn more, in the first round less.
      if (discount > 0) expect(engagements[0]).to.be.below(engagementPath({ discount: 0, rounds: 1 }).engagements[0]);
    }
  });

  it("without foresight shows what holds most now", () => {
    const { items } = engagementPath({ discount: 0, taste: -0.4, rounds: 1 });
    const best = Array.from({ length: 101 }, (_, i) => -1 + i / 50).reduce((a, b) =>
      engagement(b, -0.4) > engagement(a, -0.4) ? b : a,
    );
    expect(items[0]).to.be.closeTo(best, 1e-12);
  });

  it("refuses in words", () => {
    expect(() => engagementPath({ discount: 1 })).to.throw(DomainError, "discount: expected below 1");
    expect(() => engagementPath({ discount: 0.5, taste: 2 })).to.throw(DomainError, "taste");
    expect(() => engagementPath({ discount: 0.5, rounds: -1 })).to.throw(DomainError, "rounds");
  });
});

describe("the learner of 32 rules", () => {
  it("has the gaps, bits and bounds of the ground", () => {
    for (const [inverse, gap, bits, bound, priorBound] of [
      [1, 0.0125, 0.009, 0.0144, 0.02],
      [5, 0.058, 0.206, 0.069, 0.097],
      [20, 0.127, 1.459, 0.184, 0.247],
      [Number.POSITIVE_INFINITY, 0.141, 3.126, 0.269, 0.34],
    ]) {
      const seen = gibbsLearning(15, inverse);
      expect(seen.gap).to.be.closeTo(gap, 5e-4);
      expect(seen.information / Math.LN2).to.be.closeTo(bits, 5e-4);
      expect(seen.bound).to.be.closeTo(bound, 5e-4);
      expect(seen.priorBound).to.be.closeTo(priorBound, 5e-4);
      expect(seen.gap).to.be.at.most(seen.bound);
    }
  });

  it("learns nothing and remembers nothing at 0, also where kinds are asked unequally often", () => {
    for (const n of [3, 12]) {
      const { gap, information } = gibbsLearning(n, 0);
      expect(gap).to.be.closeTo(0, 1e-12);
      expect(information).to.be.closeTo(0, 1e-12);
    }
    // No comparison is turned: what was seen is what comes.
    expect(gibbsLearning(10, 30, { flip: 0 }).gap).to.be.closeTo(0, 1e-12);
  });

  it("refuses in words", () => {
    expect(() => gibbsLearning(61, 1)).to.throw(DomainError, "n: expected at most 60");
    expect(() => gibbsLearning(5, -1)).to.throw(DomainError, "inverse");
    expect(() => gibbsLearning(5, 1, { flip: 0.5 })).to.throw(DomainError, "flip: expected a share below 1/2");
  });
});
