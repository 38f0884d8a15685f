import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, ShapeError } from "../../lib/src/core/index.js";
import { logSumExp, mean } from "../../lib/src/numerics/index.js";
import {
  coherence,
  conditionalValueAtRisk,
  entropicRisk,
  entropicValueAtRisk,
  klBallWorst,
  meanVariance,
  type RiskMeasure,
  valueAtRisk,
} from "../../lib/src/robust/index.js";
import { leastOf } from "./convex.js";

const [, { cvar }] = JSON.parse(readFileSync(new URL("../golden/robust.json", import.meta.url), "utf8"));

const lottery = fc.integer({ min: 1, max: 7 }).chain((n) =>
  fc.record({
    p: fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: n, maxLength: n })
      .filter((mass) => mass.some((m) => m > 0))
      .map((mass) => mass.map((m) => m / mass.reduce((a, b) => a + b))),
    X: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: n, maxLength: n }),
    Y: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: n, maxLength: n }),
    tail: fc.double({ min: 0.001, max: 1, noNaN: true }),
  }),
);

describe("measures of risk", () => {
  it("CVaR: craam2's and RiskMeasures.jl's lower tail; BoTorch's values with split atoms", () => {
    const losses = cvar.rewards.map((x: number) => -x);
    cvar.tails.forEach((tail: number, i: number) => {
      expect(-conditionalValueAtRisk(losses, cvar.p, tail)).to.be.closeTo(cvar.lower[i], 1e-12);
    });
    // Whole atoms, as there, would be 0.75.
    expect(-conditionalValueAtRisk([-1, -0.5, -2], [1 / 3, 1 / 3, 1 / 3], 0.5)).to.be.closeTo(2 / 3, 1e-12);
    // The atom at the VaR counts in part: E[X | X > VaR] would be 3.
    expect(conditionalValueAtRisk([1, 2, 3], [0.5, 0.3, 0.2], 0.4)).to.be.closeTo(2.5, 1e-12);
  });

  it("CVaR: is the least of nu + E(X - nu)^+ / tail, at the VaR (property)", () => {
    fc.assert(
      fc.property(lottery, ({ p, X, tail }) => {
        const objective = (nu: number) => X.reduce((sum, x, i) => sum + (p[i] * Math.max(x - nu, 0)) / tail, nu);
        const value = conditionalValueAtRisk(X, p, tail);
        expect(value).to.be.closeTo(leastOf(objective, -25, 25), 1e-9);
        expect(objective(valueAtRisk(X, p, tail))).to.be.closeTo(value, 1e-9);
      }),
    );
  });

  it("VaR: the least x with P(X > x) <= tail, by enumeration (property)", () => {
    fc.assert(
      fc.property(lottery, fc.integer({ min: 0, max: 20 }), ({ p, X }, twentieths) => {
        const tail = twentieths / 20;
        const possible = X.filter((_, i) => p[i] > 0).sort((a, b) => a - b);
        const beyond = (x: number) => X.reduce((sum, y, i) => sum + (y > x ? p[i] : 0), 0);
        expect(valueAtRisk(X, p, tail)).to.equal(possible.find((x) => beyond(x) <= tail + 1e-12));
      }),
    );
    // 0.1 + 0.2 is a rounding above 0.3.
    expect(valueAtRisk([1, 2, 3], [0.7, 0.2, 0.1], 0.3)).to.equal(1);
  });

  it("EVaR: is the least of (ln E e^zX - ln tail) / z, and above CVaR, which is above VaR (property)", () => {
    fc.assert(
      fc.property(lottery, ({ p, X, tail }) => {
        const value = entropicValueAtRisk(X, p, tail);
        const bound = (z: number) => (logSumExp(X.map((x, i) => Math.log(p[i]) + z * x)) - Math.log(tail)) / z;
        const dual = leastOf((t) => bound(Math.exp(t)), -14, 9);
        expect(value).to.be.within(dual - 0.02, dual + 1e-9);
        const shortfall = conditionalValueAtRisk(X, p, tail);
        expect(value).to.be.at.least(shortfall - 1e-9);
        expect(shortfall).to.be.at.least(valueAtRisk(X, p, tail) - 1e-9);
      }),
    );
    expect(entropicValueAtRisk([0, 1], [0.5, 0.5], 0.8)).to.equal(
      klBallWorst([0, 1], [0.5, 0.5], -Math.log(0.8)).value,
    );
  });

  it("entropic: the worst E_q X - KL / b, by its own tilt; small and large aversions keep their digits", () => {
    for (const b of [0.1, 1, 10]) {
      const value = entropicRisk([0, 1, 5], [0.2, 0.5, 0.3], b);
      const weights = [0.2, 0.5 * Math.exp(b), 0.3 * Math.exp(5 * b)];
      const q = weights.map((w) => w / (weights[0] + weights[1] + weights[2]));
      const kl = q.reduce((sum, x, i) => sum + x * Math.log(x / [0.2, 0.5, 0.3][i]), 0);
      expect(value).to.be.closeTo(q[1] + 5 * q[2] - kl / b, 1e-9);
    }
    // About mean + b Var / 2; across the change of formula as well.
    const at = (b: number) => entropicRisk([-1, 1], [0.5, 0.5], b);
    expect(at(1e-9) / 1e-9).to.be.closeTo(0.5, 1e-9);
    for (const b of [4.99e-4, 5.01e-4]) expect(at(b)).to.be.closeTo(Math.log(Math.cosh(b)) / b, 1e-10);
    const lopsided = Math.log(0.9 + 0.1 * Math.exp(5e-4)) / 5e-4;
    expect(entropicRisk([0, 1], [0.9, 0.1], 5e-4)).to.be.closeTo(lopsided, 1e-11);
    expect(entropicRisk([1000, 2000], [0.5, 0.5], 1)).to.be.closeTo(2000 - Math.LN2, 1e-9);
  });

  it("tails of 0 and 1, aversions of 0 and Infinity: the worst that can happen and the mean", () => {
    const [X, p] = [
      [3, 1, 7],
      [0.25, 0.75, 0],
    ];
    for (const risk of [conditionalValueAtRisk, entropicValueAtRisk]) {
      expect(risk(X, p, 0), risk.name).to.equal(3); // 7 cannot happen
      expect(risk(X, p, 1), risk.name).to.be.closeTo(1.5, 1e-12);
    }
    expect([valueAtRisk(X, p, 0), valueAtRisk(X, p, 1)]).to.deep.equal([3, 1]);
    expect(entropicRisk(X, p, 0)).to.be.closeTo(1.5, 1e-12);
    expect(entropicRisk(X, p, Number.POSITIVE_INFINITY)).to.equal(3);
    expect(meanVariance(X, p, 0)).to.be.closeTo(1.5, 1e-12);
    // From tail 1 down, without a jump.
    expect(entropicValueAtRisk(X, p, 1 - 1e-12)).to.be.closeTo(1.5, 1e-5);
    expect(conditionalValueAtRisk(X, p, 1e-12)).to.be.closeTo(3, 1e-12);
  });

  it("refuse what they cannot read", () => {
    for (const risk of [conditionalValueAtRisk, valueAtRisk, entropicValueAtRisk]) {
      for (const tail of [-0.1, 1.1, Number.NaN]) {
        expect(() => risk([1, 2], [0.5, 0.5], tail), risk.name).to.throw(DomainError, "tail");
      }
    }
    for (const risk of [conditionalValueAtRisk, valueAtRisk, entropicValueAtRisk, entropicRisk, meanVariance]) {
      expect(() => risk([1, 2], [1], 0.5), risk.name).to.throw(ShapeError);
      expect(() => risk([1, Number.NaN], [0.5, 0.5], 0.5), risk.name).to.throw(DomainError, "[1]");
      expect(() => risk([1, 2], [0.5, 0.4], 0.5), risk.name).to.throw(DomainError, "p");
    }
    expect(() => entropicRisk([1], [1], -1)).to.throw(DomainError, "aversion");
    expect(() => meanVariance([1], [1], -1)).to.throw(DomainError, "weight");
  });
});

describe("the axioms of coherence", () => {
  const risks: Record<string, (tail: number) => RiskMeasure> = {
    cvar: (tail) => (x, p) => conditionalValueAtRisk(x, p, tail),
    evar: (tail) => (x, p) => entropicValueAtRisk(x, p, tail),
    mean: () => (x, p) => conditionalValueAtRisk(x, p, 1),
    worst: () => (x, p) => conditionalValueAtRisk(x, p, 0),
  };

  it("hold for CVaR, EVaR, mean and worst case (property)", () => {
    fc.assert(
      fc.property(lottery, ({ p, X, Y, tail }) => {
        for (const [name, risk] of Object.entries(risks)) {
          for (const [axiom, { holds }] of Object.entries(coherence(risk(tail), X, Y, { p, shift: -3, factor: 0.3 }))) {
            expect(holds, `${name}: ${axiom}`).to.equal(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("VaR is not subadditive, CVaR is: two bonds that fail with 4% each", () => {
    const p = [0.96 * 0.96, 0.96 * 0.04, 0.04 * 0.96, 0.04 * 0.04];
    const [X, Y] = [
      [0, 0, 100, 100],
      [0, 100, 0, 100],
    ];
    expect(coherence((x, q) => valueAtRisk(x, q, 0.05), X, Y, { p }).subadditive).to.deep.equal({
      holds: false,
      left: 100,
      right: 0,
    });
    const { subadditive } = coherence((x, q) => conditionalValueAtRisk(x, q, 0.05), X, Y, { p });
    expect(subadditive.left).to.be.closeTo(103.2, 1e-9);
    expect(subadditive.right).to.be.closeTo(160, 1e-9);
  });

  it("mean-variance is not monotone, entropic risk not homogeneous; each keeps the shift", () => {
    const square = coherence((x, p) => meanVariance(x, p, 1), [1, 1], [1, -9]);
    expect(square.monotone).to.deep.equal({ holds: false, left: 21, right: 1 });
    expect(square.translation.holds).to.equal(true);
    const entropic = coherence((x, p) => entropicRisk(x, p, 1), [0, 1], [1, 0]);
    expect(entropic.homogeneous.holds).to.equal(false);
    expect(entropic.homogeneous.left).to.be.above(entropic.homogeneous.right);
    expect(entropic.translation.holds && entropic.monotone.holds).to.equal(true);
    // A risk that ignores sure losses, to see that the axiom can fail.
    expect(coherence((x) => Math.max(...x) - Math.min(...x), [0, 1], [1, 0]).translation.holds).to.equal(false);
  });

  it("a static CVaR is not time consistent: two fair coins", () => {
    const [half, quarters] = [
      [0.5, 0.5],
      [0.25, 0.25, 0.25, 0.25],
    ];
    expect(conditionalValueAtRisk([0, 1, 1, 2], quarters, 0.5)).to.be.closeTo(1.5, 1e-12);
    const after = [0, 1].map((first) => conditionalValueAtRisk([first, first + 1], half, 0.5));
    expect(conditionalValueAtRisk(after, half, 0.5)).to.be.closeTo(2, 1e-12);
  });

  it("refuse what they cannot read", () => {
    const risk: RiskMeasure = (x) => mean(x);
    expect(() => coherence(risk, [1, 2], [1])).to.throw(ShapeError, "Y");
    expect(() => coherence(risk, [], [])).to.throw(ShapeError);
    expect(() => coherence(risk, [1], [1], { factor: 0 })).to.throw(DomainError, "factor");
    expect(() => coherence(risk, [1], [1], { shift: Number.NaN })).to.throw(DomainError, "shift");
  });
});
