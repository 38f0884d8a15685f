import { expect } from "chai";
import { DomainError, key, normal, ShapeError } from "rlhf-lab";
import { coinCritic, coinGradientError, coinTruth, generalizedAdvantages } from "rlhf-lab/policy";

const length = 5;
const states = (length * (length + 1)) / 2;
const at = (t: number, heads: number) => (t * (t + 1)) / 2 + heads;

/** The same numbers by writing every text. */
function byEnumeration(values: ArrayLike<number>, lambda: number) {
  const sums = Array.from({ length }, () => ({ first: 0, second: 0 }));
  for (let text = 0; text < 2 ** length; text++) {
    const coins = Array.from({ length }, (_, t) => (text >> t) & 1);
    const heads = coins.map((_, t) => coins.slice(0, t).reduce((a, b) => a + b, 0));
    const total = coins.reduce((a, b) => a + 2 * b - 1, 0);
    const said = [...heads.map((k, t) => values[at(t, k)]), 0];
    const rewards = coins.map((_, t) => (t === length - 1 ? total : 0));
    const advantages = generalizedAdvantages(rewards, said, { discount: 1, lambda });
    coins.forEach((coin, t) => {
      const g = advantages[t] * (coin - 0.5);
      sums[t].first += g / 2 ** length;
      sums[t].second += g ** 2 / 2 ** length;
    });
  }
  const truth = 0.5 * Math.sqrt(length);
  const bias = Math.sqrt(sums.reduce((sum, { first }) => sum + (first - 0.5) ** 2, 0)) / truth;
  const noise = Math.sqrt(sums.reduce((sum, { first, second }) => sum + second - first ** 2, 0)) / truth;
  return { bias, noise };
}

describe("a critic of coins", () => {
  it("errs in the gradient as writing every text says, for any values and lambda", () => {
    const values = Float64Array.from(normal(key(1), states));
    for (const lambda of [0, 0.4, 0.95, 1]) {
      const [got, want] = [coinGradientError(values, { length, lambda }), byEnumeration(values, lambda)];
      expect(got.bias, `bias, lambda ${lambda}`).to.be.closeTo(want.bias, 1e-12);
      expect(got.noise, `noise, lambda ${lambda}`).to.be.closeTo(want.noise, 1e-12);
    }
  });

  it("has no bias with lambda 1, whatever it says, and none with the right values; then one step has no noise", () => {
    const nonsense = Float64Array.from(normal(key(2), states));
    expect(coinGradientError(nonsense, { length, lambda: 1 }).bias).to.be.below(1e-12);
    for (const lambda of [0, 0.5]) {
      expect(coinGradientError(coinTruth(length), { length, lambda }).bias).to.be.below(1e-12);
    }
    expect(coinGradientError(coinTruth(length), { length, lambda: 0 }).noise).to.be.below(1e-12);
  });

  it("without a critic has variance length - 1 in each coordinate, in units of its square", () => {
    // E[R^2 (x - 1/2)^2] - 1/4 = (length - 1) / 4, and the truth's square is 1/4.
    const { noise } = coinGradientError(new Float64Array(states), { length, lambda: 1 });
    expect(noise).to.be.closeTo(Math.sqrt(length - 1), 1e-12);
  });

  it("comes to the right values with many texts, by TD(0) as by Monte Carlo", () => {
    const truth = coinTruth(3);
    for (const lambda of [0, 1]) {
      const values = coinCritic(key(3), { length: 3, texts: 20_000, lambda });
      expect(Math.max(...values.map((v, s) => Math.abs(v - truth[s])))).to.be.below(0.1);
    }
  });

  it("brings the reward back by one state a text with lambda 0, by the whole text with lambda 1", () => {
    const first = (lambda: number) => coinCritic(key(4), { length: 3, texts: 1, lambda });
    const told = (lambda: number) => first(lambda).filter((v) => v !== 0).length;
    expect(told(0)).to.equal(1);
    expect(told(1)).to.equal(3);
  });

  it("refuses what cannot be", () => {
    expect(() => coinTruth(0)).to.throw(DomainError, "length");
    expect(() => coinCritic(key(1), { length: 3, texts: 0.5, lambda: 1 })).to.throw(DomainError, "texts");
    expect(() => coinCritic(key(1), { length: 3, texts: 1, lambda: 2 })).to.throw(DomainError, "lambda");
    expect(() => coinGradientError(new Float64Array(2), { length: 3, lambda: 1 })).to.throw(ShapeError, "values");
    expect(() => coinGradientError(coinTruth(3), { length: 3, lambda: -1 })).to.throw(DomainError, "lambda");
  });
});
