import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { DomainError, key, normal, ShapeError } from "rlhf-lab";
import {
  backwardIncrements,
  discountedReturns,
  type Episode,
  explainedVariance,
  forwardIncrements,
  generalizedAdvantages,
  lambdaReturns,
  monteCarloUpdate,
  nStepAdvantages,
  nStepReturns,
  overPaddedRows,
  paddedAdvantages,
  paddedReturns,
  rewardToGo,
  temporalDifferences,
  temporalDifferenceUpdate,
  whiten,
} from "rlhf-lab/policy";
import { close } from "../../preferences/close.js";

const golden = JSON.parse(readFileSync("test/golden/returns.json", "utf8"));
const number = fc.double({ min: -5, max: 5, noNaN: true });
const unit = fc.double({ min: 0, max: 1, noNaN: true });

/** A sequence of T steps with one value more, and a discount for each step. */
const series = fc.integer({ min: 0, max: 8 }).chain((T) =>
  fc.record({
    rewards: fc.array(number, { minLength: T, maxLength: T }),
    values: fc.array(number, { minLength: T + 1, maxLength: T + 1 }),
    discount: fc.array(unit, { minLength: T, maxLength: T }),
  }),
);

describe("returns", () => {
  it("are rlax's", () => {
    const [lambda, nStep, gae] = golden;
    const values = [99, ...lambda.v]; // the value of the first state is not read
    close(lambdaReturns(lambda.rewards, values, lambda), lambda.returns, 1e-6);
    close(nStepReturns(nStep.rewards, values, nStep), nStep.returns, 1e-9);
    close(generalizedAdvantages(gae.rewards, gae.values, gae), gae.advantages, 5e-5);
  });

  it("by hand: 1, 2, 4 discounted by a half", () => {
    close(discountedReturns([1, 2, 4], 0.5), [3, 4, 4], 0);
    close(rewardToGo([1, 2, 4]), [7, 6, 4], 0);
    close(nStepReturns([1, 2, 4], [100, 10, 20, 40], { n: 1, discount: 0.5 }), [6, 12, 24], 0);
    close(nStepReturns([1, 2, 4], [100, 10, 20, 40], { n: 2, discount: 0.5 }), [7, 14, 24], 0);
    close(lambdaReturns([1, 2], [100, 10, 0], { lambda: 0.5, discount: 1 }), [1 + 0.5 * 10 + 0.5 * 2, 2], 0);
    close(temporalDifferences([1, 2], [100, 10, 0], 0.5), [-94, -8], 0);
  });

  it("by definition: an n-step return adds up its rewards, a lambda-return averages n-step returns", () => {
    fc.assert(
      fc.property(series, unit, fc.integer({ min: 1, max: 9 }), ({ rewards, values, discount }, lambda, n) => {
        const T = rewards.length;
        const slow = (t: number, n: number) => {
          let sum = 0;
          let weight = 1;
          const end = Math.min(t + n, T);
          for (let u = t; u < end; u++) {
            sum += weight * rewards[u];
            weight *= discount[u];
          }
          return sum + weight * values[end];
        };
        const from = (f: (t: number) => number) => rewards.map((_, t) => f(t));
        close(
          nStepReturns(rewards, values, { n, discount }),
          from((t) => slow(t, n)),
          1e-9,
        );
        const average = from((t) => {
          let sum = lambda ** (T - t - 1) * slow(t, T - t);
          for (let k = 1; k < T - t; k++) sum += (1 - lambda) * lambda ** (k - 1) * slow(t, k);
          return sum;
        });
        close(lambdaReturns(rewards, values, { lambda, discount }), average, 1e-9);
      }),
    );
  });

  it("agree where they should", () => {
    fc.assert(
      fc.property(series, unit, ({ rewards, values, discount }, lambda) => {
        const ended = [...values.slice(0, -1), 0];
        const monteCarlo = discountedReturns(rewards, discount);
        close(nStepReturns(rewards, ended, { n: Infinity, discount }), monteCarlo, 1e-9);
        close(lambdaReturns(rewards, ended, { lambda: 1, discount }), monteCarlo, 1e-9);
        const oneStep = nStepReturns(rewards, values, { n: 1, discount });
        close(lambdaReturns(rewards, values, { lambda: 0, discount }), oneStep, 1e-9);
        const advantages = generalizedAdvantages(rewards, values, { lambda, discount });
        const targets = lambdaReturns(rewards, values, { lambda, discount });
        close(
          advantages,
          targets.map((target, t) => target - values[t]),
          1e-9,
        );
        close(
          nStepAdvantages(rewards, values, { n: 1, discount }),
          temporalDifferences(rewards, values, discount),
          1e-9,
        );
        close(
          generalizedAdvantages(rewards, values, { lambda: 0, discount }),
          temporalDifferences(rewards, values, discount),
          1e-12,
        );
      }),
    );
  });

  it("of a critic that is right, advantages of any lambda average to nothing; one discount is that for all steps", () => {
    const all = { rewards: [1, -1, 2], values: [2, 1, 2, 0] };
    close(generalizedAdvantages(all.rewards, all.values, { lambda: 0.3, discount: 1 }), [0, 0, 0], 1e-12);
    const each = generalizedAdvantages(all.rewards, all.values, { lambda: 0.3, discount: [0.9, 0.9, 0.9] });
    close(generalizedAdvantages(all.rewards, all.values, { lambda: 0.3, discount: 0.9 }), each, 0);
  });

  it("of nothing are nothing", () => {
    close(discountedReturns([], 0.9), [], 0);
    close(generalizedAdvantages([], [3], { lambda: 0.9, discount: 0.9 }), [], 0);
    close(nStepReturns([], [3], { n: 2, discount: 1 }), [], 0);
    close(whiten([]), [], 0);
  });

  it("refuse what cannot be", () => {
    expect(() => discountedReturns([1, Number.NaN], 1)).to.throw(DomainError, "rewards[1]");
    expect(() => discountedReturns([1, Number.NEGATIVE_INFINITY], 1)).to.throw(DomainError, "rewards[1]");
    expect(() => discountedReturns([1, 2], 1.1)).to.throw(DomainError, "discount");
    expect(() => discountedReturns([1, 2], [0.5])).to.throw(ShapeError, "2 numbers, one per reward");
    expect(() => discountedReturns([1, 2], [0.5, -1])).to.throw(DomainError, "discount[1]");
    expect(() => nStepReturns([1, 2], [1, 2], { n: 1, discount: 1 })).to.throw(ShapeError, "one more than rewards");
    expect(() => nStepReturns([1], [1, 2], { n: 0, discount: 1 })).to.throw(DomainError, "n:");
    expect(() => nStepReturns([1], [1, 2], { n: 1.5, discount: 1 })).to.throw(DomainError, "n:");
    expect(() => lambdaReturns([1], [1, 2], { lambda: 2, discount: 1 })).to.throw(DomainError, "lambda");
    expect(() => generalizedAdvantages([1], [1, Infinity], { lambda: 0.5, discount: 1 })).to.throw(
      DomainError,
      "values[1]",
    );
    expect(() => generalizedAdvantages([1], [1], { lambda: 0.5, discount: 1 })).to.throw(ShapeError, "values");
  });
});

describe("padded rows", () => {
  // Prompt, completion, padding; a row that is all padding; a full row.
  const mask = [0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1];
  const rewards = [7, 1, 2, 7, 7, 7, 7, 7, 1, 0, 0, 4];
  const values = [9, 3, 5, 9, 9, 9, 9, 9, 1, 2, 3, 4];

  it("hold what each sequence alone would, and 0 elsewhere", () => {
    const returns = paddedReturns(rewards, mask, { width: 4, discount: 0.5 });
    close(returns, [0, 2, 2, 0, 0, 0, 0, 0, 1.5, 1, 2, 4], 1e-12);
    const options = { discount: 0.9, lambda: 0.8 };
    const got = paddedAdvantages(rewards, values, mask, { width: 4, ...options });
    const first = generalizedAdvantages([1, 2], [3, 5, 0], options);
    const third = generalizedAdvantages([1, 0, 0, 4], [1, 2, 3, 4, 0], options);
    close(got.advantages, [0, ...first, 0, 0, 0, 0, 0, ...third], 0);
    const targets = got.advantages.map((a, i) => (mask[i] ? a + values[i] : 0));
    close(got.returns, targets, 0);
    const cut = paddedAdvantages(rewards, values, mask, { width: 4, ...options, last: [6, 6, 2] });
    close(cut.advantages.subarray(8), generalizedAdvantages([1, 0, 0, 4], [1, 2, 3, 4, 2], options), 0);
    close(cut.advantages.subarray(1, 3), generalizedAdvantages([1, 2], [3, 5, 6], options), 0);
  });

  it("never read padding: NaN there changes nothing", () => {
    const dirty = rewards.map((r, i) => (mask[i] ? r : Number.NaN));
    close(
      paddedReturns(dirty, mask, { width: 4, discount: 0.5 }),
      paddedReturns(rewards, mask, { width: 4, discount: 0.5 }),
      0,
    );
  });

  it("refuse other shapes", () => {
    expect(() => paddedReturns(rewards, mask, { width: 5, discount: 1 })).to.throw(ShapeError, "width");
    expect(() => paddedReturns([1], mask, { width: 4, discount: 1 })).to.throw(ShapeError, "column 0");
    expect(() =>
      paddedReturns(
        rewards,
        mask.map((m) => m / 2),
        { width: 4, discount: 1 },
      ),
    ).to.throw(DomainError, "mask[1]");
    expect(() => overPaddedRows([rewards], mask, 4, () => [1])).to.throw(ShapeError, "answer of row 0");
    const options = { width: 4, discount: 1, lambda: 1, last: [1] };
    expect(() => paddedAdvantages(rewards, values, mask, options)).to.throw(ShapeError, "last");
  });
});

describe("whiten", () => {
  it("gives mean 0 and variance 1, or keeps the mean", () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 2, maxLength: 20 }), (values) => {
        const mean = (x: ArrayLike<number>) => Array.from(x).reduce((a, b) => a + b, 0) / x.length;
        const spread = (x: ArrayLike<number>) => mean(Array.from(x, (v) => (v - mean(x)) ** 2));
        fc.pre(spread(values) > 1e-2);
        const white = whiten(values);
        expect(mean(white)).to.be.closeTo(0, 1e-12);
        expect(spread(white)).to.be.closeTo(1, 1e-5);
        expect(mean(whiten(values, { shiftMean: false }))).to.be.closeTo(mean(values), 1e-9);
      }),
    );
  });

  it("looks at tokens and not at padding", () => {
    const white = whiten([1, 3, 1000, Number.NaN], { mask: [1, 1, 0, 0] });
    close(white, [-1, 1, 0, 0], 1e-7);
  });

  it("of values that do not vary is 0, or themselves", () => {
    close(whiten([3, 3, 3]), [0, 0, 0], 0);
    close(whiten([3]), [0], 0);
    close(whiten([3, 3], { shiftMean: false }), [3, 3], 0);
    close(whiten([3, 4], { mask: [0, 0] }), [0, 0], 0);
  });

  it("refuses what cannot be, and what would leave nothing of the others", () => {
    expect(() => whiten([1, Number.NaN])).to.throw(DomainError, "values[1]");
    expect(() => whiten([1, 2, -1e200])).to.throw(DomainError, "-1e+200");
    expect(() => whiten([1, 2], { mask: [1] })).to.throw(ShapeError, "mask");
    expect(() => whiten([1, 2], { mask: [1, 2] })).to.throw(DomainError, "mask[1]");
  });
});

describe("explained variance", () => {
  it("is 1 for the returns themselves and for a shift of them, 0 for one number, negative for harm", () => {
    const returns = [1, 2, 4, 8];
    expect(explainedVariance(returns, returns)).to.equal(1);
    expect(explainedVariance([6, 7, 9, 13], returns)).to.equal(1);
    expect(explainedVariance([5, 5, 5, 5], returns)).to.equal(0);
    expect(explainedVariance([-1, -2, -4, -8], returns)).to.equal(-3);
    expect(explainedVariance([0.5, 1, 2, 4], returns)).to.be.closeTo(0.75, 1e-12);
  });

  it("counts only what the mask says; is 0 where nothing varies", () => {
    expect(explainedVariance([1, 2, 77], [1, 2, Number.NaN], [1, 1, 0])).to.equal(1);
    expect(explainedVariance([1, 2], [0.1, 0.1])).to.equal(0);
    expect(explainedVariance([], [])).to.equal(0);
    // A reward of 0.1, 0.7 or 1/3 for everybody: returns are the critic's word plus what it missed, and so are rounded.
    const values = Array.from(normal(key(3), 32), Math.fround);
    for (const reward of [0.1, 0.7, 1 / 3, 1e-9, 1e9]) {
      const returns = values.map((value) => reward - value + value);
      expect(explainedVariance(values, returns), `${reward}`).to.equal(0);
    }
    // What varies, varies wherever it has its zero.
    expect(explainedVariance([1e6, 1e6 + 1], [1e6, 1e6 + 2])).to.be.closeTo(0.75, 1e-9);
    expect(() => explainedVariance([1], [1, 2])).to.throw(ShapeError, "returns");
    expect(() => explainedVariance([1, Number.NaN], [1, 2])).to.throw(DomainError, "values[1]");
  });
});

describe("value learning on a table", () => {
  const episode: Episode = { states: [0, 1, 0, 2], rewards: [1, 0, 2, 4] };
  const values = [0.5, -1, 2];

  it("Monte Carlo moves towards the return, TD(0) towards reward and next value", () => {
    const once: Episode = { states: [0, 1], rewards: [1, 3] };
    close(monteCarloUpdate([10, 20], once, { rate: 0.5, discount: 1 }), [7, 11.5], 0);
    close(temporalDifferenceUpdate([10, 20], once, { rate: 0.5, discount: 1 }), [15.5, 11.5], 0);
  });

  it("n-step TD with n beyond the end is Monte Carlo", () => {
    const options = { rate: 0.3, discount: 0.9 };
    close(
      temporalDifferenceUpdate(values, episode, { ...options, n: Infinity }),
      monteCarloUpdate(values, episode, options),
      1e-12,
    );
  });

  it("an episode that was cut off bootstraps from where it was cut", () => {
    const cut: Episode = { states: [0], rewards: [1], cutAt: 2 };
    close(temporalDifferenceUpdate(values, cut, { rate: 1, discount: 0.5 }), [2, -1, 2], 0);
    expect(() => monteCarloUpdate(values, cut, { rate: 1, discount: 0.5 })).to.throw(DomainError, "whole return");
  });

  it("forward and backward view of TD(lambda) are the same, offline", () => {
    const walks = fc.record({
      steps: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), number), { maxLength: 12 }),
      values: fc.array(number, { minLength: 4, maxLength: 4 }),
      lambda: unit,
      discount: unit,
      cutAt: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(walks, ({ steps, values, lambda, discount, cutAt }) => {
        const walk: Episode = { states: steps.map(([s]) => s), rewards: steps.map(([, r]) => r), cutAt };
        const options = { lambda, discount };
        close(backwardIncrements(values, walk, options), forwardIncrements(values, walk, options), 1e-9);
      }),
    );
  });

  it("refuses what cannot be", () => {
    const options = { rate: 0.1, discount: 1 };
    expect(() => temporalDifferenceUpdate([1], episode, options)).to.throw(DomainError, "state");
    expect(() => temporalDifferenceUpdate(values, { states: [0], rewards: [] }, options)).to.throw(
      ShapeError,
      "rewards",
    );
    expect(() => temporalDifferenceUpdate(values, episode, { ...options, n: 0 })).to.throw(DomainError, "n:");
    expect(() => temporalDifferenceUpdate(values, episode, { rate: 0, discount: 1 })).to.throw(DomainError, "rate");
    expect(() =>
      forwardIncrements(values, { states: [0], rewards: [1], cutAt: 7 }, { lambda: 1, discount: 1 }),
    ).to.throw(DomainError, "7");
  });
});
