import { expect } from "chai";
import fc from "fast-check";
import {
  chargedOptimum,
  conditionOn,
  constraintMultiplier,
  dualAscent,
  dualAscentLimit,
  maxMinWeights,
  penaltyMultiplier,
  priceOfConstraint,
  tokenMask,
} from "../../lib/src/constitution/index.js";
import { DomainError, InfeasibleError, ShapeError } from "../../lib/src/core/index.js";
import {
  exactExpectation,
  exactKL,
  exactRegularisedObjective,
  exactRegularisedOptimum,
  logSoftmax,
} from "../../lib/src/numerics/index.js";
import { conditionalLogProbs, sequenceLogProbs, sequenceTree } from "../../lib/src/trees/index.js";

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const worlds = fc.integer({ min: 2, max: 6 }).chain((n) =>
  fc.record({
    logits: fc.array(finite(-3, 3), { minLength: n, maxLength: n }),
    reward: fc.array(finite(-2, 2), { minLength: n, maxLength: n }),
    cost: fc.array(finite(0, 3), { minLength: n, maxLength: n }),
    beta: finite(0.1, 2),
  }),
);

describe("a hard constraint", () => {
  it("is conditioning, its price is -beta log P(V), and nobody does better (property)", () => {
    fc.assert(
      fc.property(worlds, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (world, bits) => {
        const { logits, reward, beta } = world;
        const logRef = logSoftmax(logits);
        const allowed = logits.map((_, y) => (y === 0 || bits[y] ? 1 : 0));
        const optimum = exactRegularisedOptimum(logRef, reward, beta);
        const { logProbs, logProbability } = conditionOn(optimum.logProbs, allowed);
        // An independent road: the optimum over the allowed outcomes only.
        const inside = logits.flatMap((_, y) => (allowed[y] ? [y] : []));
        const own = exactRegularisedOptimum(
          inside.map((y) => logRef[y]),
          inside.map((y) => reward[y]),
          beta,
        );
        inside.forEach((y, i) => {
          expect(logProbs[y]).to.be.closeTo(own.logProbs[i], 1e-9);
        });
        const price = priceOfConstraint(optimum.logProbs, allowed, beta);
        expect(optimum.value - own.value).to.be.closeTo(price, 1e-9);
        expect(exactRegularisedObjective(logProbs, logRef, reward, beta)).to.be.closeTo(own.value, 1e-9);
        expect(exactKL(logProbs, optimum.logProbs)).to.be.closeTo(-logProbability, 1e-9);
      }),
    );
  });

  it("refuses what is no distribution, no set, or an impossible set", () => {
    expect(() => conditionOn([0.5, 0.5], [1, 1])).to.throw(DomainError, "log-probability");
    expect(() => conditionOn([Number.NaN, -1], [1, 1])).to.throw(DomainError, "logProbs[0]");
    expect(() => conditionOn([-1, -1], [1])).to.throw(ShapeError, "allowed");
    expect(() => conditionOn([-1, -1], [1, 0.5])).to.throw(DomainError, "allowed[1]");
    expect(() => conditionOn([-1, Number.NEGATIVE_INFINITY], [false, true])).to.throw(InfeasibleError);
    expect(() => priceOfConstraint([-1, -1], [1, 1], 0)).to.throw(DomainError, "beta");
  });
});

describe("a token mask", () => {
  const tree = sequenceTree(3, 2); // 0 ends; forbid token 2
  const logProbs = logSoftmax([0, 0.3, -1, 2, 1, 0.5, 0.1].slice(0, tree.sequences.length));
  const conditionals = conditionalLogProbs(tree, logProbs);
  const without = (_: number, token: number) => token !== 2;

  it("writes nothing forbidden, by hand renormalised after each prefix", () => {
    const masked = sequenceLogProbs(tree, tokenMask(tree, conditionals, without));
    const total = masked.reduce((sum, l) => sum + Math.exp(l), 0);
    expect(total).to.be.closeTo(1, 1e-12);
    tree.sequences.forEach((sequence, y) => {
      let want = sequence.includes(2) ? 0 : 1;
      let prefix = 0;
      if (want === 1) {
        for (const token of sequence) {
          const row = [0, 1].map((v) => Math.exp(conditionals[prefix * 3 + v]));
          want *= row[token] / (row[0] + row[1]);
          prefix = tree.next[prefix * 3 + token];
        }
      }
      expect(Math.exp(masked[y])).to.be.closeTo(want, 1e-12);
    });
    // It is not the conditioned policy, which is closer to the policy by Gibbs' inequality.
    const hard = conditionOn(
      logProbs,
      tree.sequences.map((s) => !s.includes(2)),
    );
    expect(exactKL(masked, logProbs)).to.be.above(exactKL(hard.logProbs, logProbs) + 1e-3);
  });

  it("that allows all changes nothing; one that allows nothing is refused, unless nobody comes by", () => {
    const same = tokenMask(tree, conditionals, () => true);
    same.forEach((l, i) => {
      expect(l).to.be.closeTo(conditionals[i], 1e-12);
    });
    expect(() => tokenMask(tree, conditionals, (p) => p !== 1)).to.throw(DomainError, "token that may follow");
    expect(() => tokenMask(tree, conditionals, (p, v) => (p === 0 ? v === 0 : false))).to.not.throw();
    expect(() => tokenMask(tree, [0, 0], () => true)).to.throw(ShapeError);
    expect(() =>
      tokenMask(
        tree,
        conditionals.map(() => Number.NaN),
        () => true,
      ),
    ).to.throw(DomainError, "NaN");
  });
});

describe("a soft constraint", () => {
  it("moves the log-odds of violating by exactly lambda / beta (property)", () => {
    fc.assert(
      fc.property(worlds, finite(0, 5), ({ logits, reward, beta }, lambda) => {
        const cost = logits.map((_, y) => (y === 0 ? 1 : 0));
        const problem = { logRef: logSoftmax(logits), reward, cost, beta, limit: 0.5 };
        const odds = (l: number) => {
          const { cost: p } = chargedOptimum(problem, l);
          return Math.log(p / (1 - p));
        };
        expect(odds(lambda)).to.be.closeTo(odds(0) - lambda / beta, 1e-6);
      }),
    );
  });

  it("has the multiplier of two outcomes in closed form: beta (logit of free - logit of limit)", () => {
    const problem = { logRef: [Math.log(0.5), Math.log(0.5)], reward: [1, 0], cost: [1, 0], beta: 0.7, limit: 0.2 };
    expect(constraintMultiplier(problem)).to.be.closeTo(1 - 0.7 * Math.log(0.25), 1e-12);
    expect(constraintMultiplier({ ...problem, limit: 0.9 })).to.equal(0);
  });

  it("finds lambda* where the cost is the limit, at any scale, and the derivative is -Var / beta (property)", () => {
    fc.assert(
      fc.property(worlds, finite(0.05, 0.95), ({ logits, reward, cost, beta }, share) => {
        const problem = { logRef: logSoftmax(logits), reward, cost, beta, limit: 0 };
        const free = chargedOptimum(problem, 0).cost;
        const least = Math.min(...cost);
        fc.pre(free - least > 1e-3);
        const limited = { ...problem, limit: least + share * (free - least) };
        const lambda = constraintMultiplier(limited);
        const at = chargedOptimum(limited, lambda);
        expect(at.cost).to.be.closeTo(limited.limit, 1e-8);
        const scaled = { ...limited, cost: cost.map((c) => 1000 * c), limit: 1000 * limited.limit };
        expect(1000 * constraintMultiplier(scaled)).to.be.closeTo(lambda, 1e-6 * (1 + lambda));
        const slope =
          (chargedOptimum(limited, lambda + 1e-4).cost - chargedOptimum(limited, lambda - 1e-4).cost) / 2e-4;
        expect(slope).to.be.closeTo(-at.costVariance / beta, 1e-4 * (1 + Math.abs(slope)));
      }),
    );
  });

  it("the penalty's optimum is that of the penalised objective, found by brute force over a coin", () => {
    const problem = { logRef: [Math.log(0.5), Math.log(0.5)], reward: [1, 0], cost: [1, 0], beta: 0.7, limit: 0.2 };
    const lambda = constraintMultiplier(problem);
    const penalties = {
      absolute: (mu: number, excess: number) => mu * Math.max(0, excess),
      quadratic: (mu: number, excess: number) => (mu / 2) * Math.max(0, excess) ** 2,
    };
    for (const kind of ["absolute", "quadratic"] as const) {
      for (const mu of [0.3, 1.5, lambda + 0.1, 20]) {
        const value = (p: number) =>
          p - 0.7 * (p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p))) - penalties[kind](mu, p - 0.2);
        let best = 0.5;
        for (let i = 1; i < 20000; i++) if (value(i / 20000) > value(best)) best = i / 20000;
        const { cost } = chargedOptimum(problem, penaltyMultiplier(problem, kind, mu));
        expect(cost, `${kind} ${mu}`).to.be.closeTo(best, 2e-4);
      }
    }
    expect(penaltyMultiplier(problem, "absolute", 2 * lambda)).to.be.closeTo(lambda, 1e-9);
    const soft = penaltyMultiplier(problem, "quadratic", 20);
    expect(chargedOptimum(problem, soft).cost - 0.2).to.be.closeTo(soft / 20, 1e-12);
    expect(penaltyMultiplier({ ...problem, limit: 0.9 }, "quadratic", 20)).to.equal(0);
    expect(penaltyMultiplier({ ...problem, limit: 0.9 }, "absolute", 20)).to.equal(0);
    // Below the least cost no multiplier is enough; a quadratic penalty still has an optimum.
    expect(penaltyMultiplier({ ...problem, limit: -1 }, "quadratic", 1)).to.be.above(0.9);
  });

  it("refuses impossible limits and bad numbers", () => {
    const problem = { logRef: [Math.log(0.5), Math.log(0.5)], reward: [1, 0], cost: [1, 0], beta: 1, limit: 0.5 };
    expect(() => constraintMultiplier({ ...problem, limit: 0 })).to.throw(InfeasibleError, "conditionOn");
    expect(() => chargedOptimum(problem, Number.NaN)).to.throw(DomainError, "multiplier");
    expect(() => chargedOptimum({ ...problem, beta: 0 }, 1)).to.throw(DomainError, "beta");
    expect(() => chargedOptimum({ ...problem, limit: Number.NaN }, 1)).to.throw(DomainError, "limit");
    expect(() => chargedOptimum({ ...problem, cost: [1] }, 1)).to.throw(ShapeError, "cost");
    expect(() => penaltyMultiplier(problem, "absolute", -1)).to.throw(DomainError, "mu");
  });
});

describe("dual ascent", () => {
  const problem = { logRef: logSoftmax([0, 1, -1]), reward: [0, 1, 2], cost: [0, 1, 3], beta: 0.5, limit: 0.8 };

  it("settles below its limit and not above, from both sides", () => {
    const limit = dualAscentLimit(problem);
    const lambda = constraintMultiplier(problem);
    for (const [share, settles] of [
      [0.3, true],
      [0.95, true],
      [1.05, false],
      [2, false],
    ] as const) {
      const { multipliers } = dualAscent(problem, { rate: share * limit, steps: 600, start: lambda + 1e-3 });
      expect(Math.abs(multipliers[600] - lambda) < 1e-6, `${share}`).to.equal(settles);
    }
    expect(dualAscentLimit({ ...problem, limit: 2.9 })).to.equal(Number.POSITIVE_INFINITY);
  });

  it("starts at 0, records cost at each multiplier, and does not go below 0", () => {
    const { multipliers, costs } = dualAscent({ ...problem, limit: 2.9 }, { rate: 1, steps: 3 });
    expect([...multipliers]).to.deep.equal([0, 0, 0, 0]);
    expect(costs[0]).to.equal(chargedOptimum(problem, 0).cost);
    expect(() => dualAscent(problem, { rate: 0, steps: 1 })).to.throw(DomainError, "rate");
    expect(() => dualAscent(problem, { rate: 1, steps: 1.5 })).to.throw(DomainError, "steps");
    expect(() => dualAscent(problem, { rate: 1, steps: 1, start: -1 })).to.throw(DomainError, "start");
  });
});

describe("max-min weights", () => {
  it("close the gap: no policy has a better worst principle, checked by a grid over weights", () => {
    const logRef = logSoftmax([0, 0.5, -0.5, 0]);
    const scores = [
      [1, 0, 0.2, 0.5],
      [0, 1, 0.1, 0.6],
      [0.3, 0.2, 1, 0.4],
    ];
    const { values, weights, gap, logProbs } = maxMinWeights(logRef, scores, { beta: 0.1, rate: 1, steps: 2000 });
    expect(gap).to.be.below(1e-3);
    const saddle = Math.min(...values) - 0.1 * exactKL(logProbs, logRef);
    for (let a = 0; a <= 20; a++) {
      for (let b = 0; a + b <= 20; b++) {
        const w = [a / 20, b / 20, 1 - (a + b) / 20];
        const sum = logRef.map((_, y) => w[0] * scores[0][y] + w[1] * scores[1][y] + w[2] * scores[2][y]);
        expect(exactRegularisedOptimum(logRef, sum, 0.1).value).to.be.above(saddle - 1e-9);
      }
    }
    expect([...weights].reduce((x, y) => x + y)).to.be.closeTo(1, 1e-12);
    expect(values[0]).to.be.closeTo(exactExpectation(logProbs, scores[0]), 1e-12);
    expect(() => maxMinWeights(logRef, [[1]], { beta: 1 })).to.throw(ShapeError);
    expect(() => maxMinWeights(logRef, scores, { beta: 1, rate: -1 })).to.throw(DomainError, "rate");
  });
});
