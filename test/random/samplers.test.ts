import { expect } from "chai";
import { DomainError, foldIn, key, normal, split, uniform } from "rlhf-lab";
import {
  bernoulli,
  categorical,
  exponential,
  gumbel,
  gumbel32,
  normal32,
  permutation,
  randint,
  sampleWithoutReplacement,
  shuffle,
} from "rlhf-lab/random";

const N = 100_000;

/**
 * The mean of n independent draws is within z standard errors; with z = 5 a correct sampler fails once in 1.7 million
 * times, and the keys are fixed, so it fails always or never.
 */
function expectMean(values: ArrayLike<number>, mean: number, deviation: number, z = 5): void {
  const list = Array.from(values);
  const got = list.reduce((a, b) => a + b, 0) / list.length;
  expect(got).closeTo(mean, (z * deviation) / Math.sqrt(list.length));
}

/** Pearson's statistic stays below the 1 - 1e-6 quantile (Wilson and Hilferty's approximation, z = 4.75). */
function expectCounts(counts: ArrayLike<number>, probabilities: ArrayLike<number>): void {
  const list = Array.from(counts);
  const n = list.reduce((a, b) => a + b, 0);
  const cells = Array.from(probabilities).filter((p) => p > 0).length;
  let statistic = 0;
  list.forEach((count, i) => {
    if (probabilities[i] === 0) expect(count, `impossible outcome ${i}`).equal(0);
    else statistic += (count - n * probabilities[i]) ** 2 / (n * probabilities[i]);
  });
  const df = cells - 1;
  expect(statistic).below(df * (1 - 2 / (9 * df) + 4.75 * Math.sqrt(2 / (9 * df))) ** 3);
}

function histogram(values: ArrayLike<number>, cells: number): number[] {
  const counts = new Array<number>(cells).fill(0);
  for (const value of Array.from(values)) counts[value]++;
  return counts;
}

describe("samplers", () => {
  it("uniform: moments, support, even cells, and a longer draw begins with the shorter", () => {
    const u = uniform(key(1), N, -2, 6);
    expect(Math.min(...u.slice(0, 10000))).at.least(-2);
    for (const value of u) if (!(value >= -2 && value < 6)) throw new Error(`${value} is outside [-2, 6)`);
    expectMean(u, 2, 8 / Math.sqrt(12));
    expectCounts(
      histogram(
        u.map((x) => Math.floor(((x + 2) / 8) * 64)),
        64,
      ),
      new Array(64).fill(1 / 64),
    );
    expect(uniform(key(1), 3)).deep.equal(uniform(key(1), 10).slice(0, 3));
  });

  it("uniform never returns the upper end, however narrow the range", () => {
    const [low, high] = [1, 1 + 2 ** -51]; // three doubles: rounding would otherwise reach the end
    for (const value of uniform(key(2), 1000, low, high)) expect(value >= low && value < high).equal(true);
  });

  it("normal: the first four moments, the tails, and float32 is the rounded float64", () => {
    const z = normal(key(3), N);
    expectMean(z, 0, 1);
    expectMean(
      z.map((x) => x * x),
      1,
      Math.sqrt(2),
    );
    expectMean(
      z.map((x) => x ** 3),
      0,
      Math.sqrt(15),
    );
    expectMean(
      z.map((x) => x ** 4),
      3,
      Math.sqrt(96),
    );
    expectMean(
      z.map((x) => (x > 2 ? 1 : 0)),
      0.0227501319,
      0.149,
    ); // P(Z > 2)
    expect(z.every(Number.isFinite)).equal(true);
    expect(normal32(key(3), 7)).deep.equal(Float32Array.from(normal(key(3), 7)));
  });

  it("normal: neighbours in a draw, and draws of neighbouring keys, are uncorrelated", () => {
    const a = normal(key(4), N);
    const b = normal(foldIn(key(4), 1), N);
    const c = normal(foldIn(key(4), 2), N);
    expectMean(
      a.subarray(1).map((x, i) => x * a[i]),
      0,
      1,
    );
    expectMean(
      b.map((x, i) => x * c[i]),
      0,
      1,
    );
    expectMean(
      b.map((x, i) => x * a[i]),
      0,
      1,
    );
  });

  it("gumbel and exponential: mean and variance", () => {
    const g = gumbel(key(5), N);
    const mean = 0.5772156649015329;
    expectMean(g, mean, Math.PI / Math.sqrt(6));
    expectMean(
      g.map((x) => (x - mean) ** 2),
      Math.PI ** 2 / 6,
      Math.sqrt((Math.PI ** 4 / 36) * (5.4 - 1)),
    );
    expect(gumbel32(key(5), 4)).deep.equal(Float32Array.from(gumbel(key(5), 4)));
    const e = exponential(key(6), N);
    expectMean(e, 1, 1);
    expectMean(
      e.map((x) => (x - 1) ** 2),
      1,
      Math.sqrt(8),
    );
    expect(Math.min(...e.slice(0, 1000))).above(0);
  });

  it("the Gumbel maximum has the categorical distribution", () => {
    const logits = [0, 1, -1, 2];
    const g = gumbel(key(7), 4 * 20000);
    const draws = Array.from({ length: 20000 }, (_, i) => {
      const scores = logits.map((logit, v) => logit + g[4 * i + v]);
      return scores.indexOf(Math.max(...scores));
    });
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    expectCounts(
      histogram(draws, 4),
      logits.map((logit) => Math.exp(logit) / total),
    );
  });

  it("categorical: frequencies, impossible outcomes, and logits of any size", () => {
    const p = [0.1, 0, 0.2, 0.3, 0.4, 0];
    const logits = p.map((x) => Math.log(x) + 1000);
    expectCounts(histogram(categorical(key(8), logits, N), 6), p);
    expect([...categorical(key(8), [Number.NEGATIVE_INFINITY, -5000], 4)]).deep.equal([1, 1, 1, 1]);
    expect(categorical(key(8), [3]).length).equal(1);
  });

  it("randint and bernoulli: frequencies and ends", () => {
    expectCounts(
      histogram(
        randint(key(9), N, -3, 4).map((x) => x + 3),
        7,
      ),
      new Array(7).fill(1 / 7),
    );
    expectMean(bernoulli(key(10), N, 0.3), 0.3, Math.sqrt(0.21));
    expect(new Set(bernoulli(key(10), 1000, 0))).deep.equal(new Set([0]));
    expect(new Set(bernoulli(key(10), 1000, 1))).deep.equal(new Set([1]));
  });

  it("permutation: every order of four equally often, every number once", () => {
    const counts = new Map<string, number>();
    for (const k of split(key(11), 24000)) {
      const order = permutation(k, 4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).equal(24);
    expectCounts([...counts.values()], new Array(24).fill(1 / 24));
    expect([...permutation(key(12), 500)].sort((a, b) => a - b)).deep.equal(Array.from({ length: 500 }, (_, i) => i));
    expect(permutation(key(12), 0).length).equal(0);
  });

  it("shuffle and sampleWithoutReplacement keep the items and leave the argument alone", () => {
    const items = ["a", "b", "c", "d"];
    expect(shuffle(key(13), items).sort()).deep.equal(["a", "b", "c", "d"]);
    expect(items).deep.equal(["a", "b", "c", "d"]);
    const some = sampleWithoutReplacement(key(14), items, 3);
    expect(new Set(some).size).equal(3);
    expect(() => sampleWithoutReplacement(key(14), items, 5)).throw(DomainError, "at most the number of items, 4");
  });

  it("says what is wrong with bad arguments", () => {
    const k = key(0);
    expect(() => uniform(k, 3, 1, 1)).throw(DomainError, "[low, high)");
    expect(() => uniform(k, 3, 0, Number.POSITIVE_INFINITY)).throw(DomainError);
    expect(() => uniform(k, 2.5)).throw(DomainError, "n: expected a whole number");
    expect(() => normal(k, -1)).throw(DomainError);
    expect(() => randint(k, 3, 0.5, 2)).throw(DomainError, "integers low < high");
    expect(() => bernoulli(k, 3, 1.1)).throw(DomainError, "from 0 to 1");
    expect(() => bernoulli(k, 3, Number.NaN)).throw(DomainError);
    expect(() => permutation(k, 1.5)).throw(DomainError);
    for (const bad of [[], [Number.NaN, 0], [Number.POSITIVE_INFINITY, 0], [Number.NEGATIVE_INFINITY]]) {
      expect(() => categorical(k, bad)).throw(DomainError, "logits");
    }
  });
});
