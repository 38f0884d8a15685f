import { expect } from "chai";
import {
  chargedOptimum,
  constraintMultiplier,
  dividedOptimum,
  dualAscent,
  sampledDualAscent,
} from "../../lib/src/constitution/index.js";
import { DomainError, InfeasibleError } from "../../lib/src/core/index.js";
import { exactExpectation, exactKL, mean } from "../../lib/src/numerics/index.js";
import { key } from "../../lib/src/random/index.js";
import { phraseFlattery, phraseTask } from "../../lib/src/worlds/index.js";

const task = phraseTask();
const [logRef, reward, cost] = [task.reference[0], task.utility[0], phraseFlattery(task)];
const under = (limit: number) => ({ logRef, reward, cost, beta: 0.3, limit });

describe("dividing by 1 + lambda", () => {
  it("keeps the limit and gives away reward: 1.121 for 2.275 at .05, 1.841 for 2.392 at .2", () => {
    for (const [limit, divided, best] of [
      [0.05, 1.121, 2.275],
      [0.2, 1.841, 2.392],
    ]) {
      const got = dividedOptimum(under(limit));
      expect(got.cost).to.be.closeTo(limit, 1e-9);
      expect(exactExpectation(got.logProbs, reward)).to.be.closeTo(divided, 5.1e-4);
      const right = chargedOptimum(under(limit), constraintMultiplier(under(limit)));
      expect(exactExpectation(right.logProbs, reward)).to.be.closeTo(best, 5.1e-4);
      // It is the optimum of another price of KL.
      const dearer = { ...under(limit), beta: 0.3 * (1 + got.multiplier) };
      expect(constraintMultiplier(dearer)).to.be.closeTo(got.multiplier, 1e-6);
      expect(exactKL(got.logProbs, logRef)).to.be.below(exactKL(right.logProbs, logRef));
    }
  });

  it("changes nothing where the limit is slack, and cannot come below ref exp(-cost / beta)", () => {
    expect(dividedOptimum(under(5)).multiplier).to.equal(0);
    const small = { logRef: [0.5, 0.5].map(Math.log), reward: [1, 0], cost: [1, 0], beta: 1, limit: 0.2 };
    expect(() => dividedOptimum(small)).to.throw(InfeasibleError, "0.26");
    expect(constraintMultiplier(small)).to.be.greaterThan(0);
  });
});

describe("dual ascent on samples", () => {
  it("is on the limit on average, and above it about half of the time", () => {
    const { costs } = sampledDualAscent(key(1), under(0.2), { rate: 0.5, steps: 300, batch: 32 });
    const late = Array.from(costs.subarray(50));
    expect(mean(late)).to.be.closeTo(0.2, 0.02);
    expect(late.filter((c) => c > 0.2).length / late.length).to.be.within(0.35, 0.65);
  });

  it("with large batches is dual ascent", () => {
    const exact = dualAscent(under(0.2), { rate: 1, steps: 20 });
    const sampled = sampledDualAscent(key(2), under(0.2), { rate: 1, steps: 20, batch: 20_000 });
    sampled.multipliers.forEach((lambda, i) => {
      expect(lambda).to.be.closeTo(exact.multipliers[i], 0.05);
    });
    expect(() => sampledDualAscent(key(1), under(0.2), { rate: 1, steps: 1, batch: 0 })).to.throw(DomainError, "batch");
  });
});
