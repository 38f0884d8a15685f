import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  chiSquareTail,
  differenceGradient,
  differenceHessian,
  mean,
  standardDeviation,
} from "../../lib/src/numerics/index.js";
import {
  bradleyTerry,
  comparisonsFromPairs,
  plackettLuce,
  type Rankings,
  rankingsFromChoices,
  rankingsFromOrders,
  topOf,
} from "../../lib/src/preferences/index.js";
import { key, split } from "../../lib/src/random/index.js";
import { choixCases, rankingsOf } from "./choix.js";
import { close } from "./close.js";

const {
  fit,
  fitMinoriseMaximise,
  gradient,
  hessian,
  information,
  informationTimes,
  intervals,
  logLikelihood,
  simulate,
  standardErrors,
} = plackettLuce;

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

/** The formula of the docstring, read literally. */
function byHand(theta: number[], order: number[], ranked: number): number {
  let log = 0;
  for (let s = 0; s < Math.min(ranked, order.length - 1); s++) {
    const left = order.slice(s);
    log += theta[order[s]] - Math.log(left.reduce((sum, item) => sum + Math.exp(theta[item]), 0));
  }
  return log;
}

/** Rankings of 5 items of every kind: full, partial, choices, with weights; and abilities. */
const anyRankings = fc
  .array(
    fc.record({
      order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1 }),
      ranked: fc.integer({ min: 1, max: 5 }),
      weight: fc.double({ min: 0, max: 3, noNaN: true }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) => {
    const rankings = rankingsFromOrders(
      rows.map(({ order }) => order),
      { items: 5, weight: rows.map(({ weight }) => weight) },
    );
    return { ...rankings, ranked: Int32Array.from(rows, ({ order, ranked }) => Math.min(ranked, order.length)) };
  });
const abilities = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 5, maxLength: 5 });

/** Enough rankings of 4 of 6 items for a finite estimate. */
const season = (seed: number, ranked?: number): Rankings =>
  simulate(key(seed), [1, 0.6, 0.2, -0.2, -0.6, -1], 120, { length: 4, ranked });

describe("Plackett-Luce", () => {
  for (const one of choixCases.filter(({ kind, pairs }) => kind === "ilsr" && !pairs)) {
    it(`choix: ${one.desc}, by Newton and by minorise-maximise`, () => {
      for (const method of [fit, fitMinoriseMaximise]) {
        const found = method(rankingsOf(one));
        close(found.theta, one.theta, 1e-8);
        expect(found.logLikelihood).to.be.closeTo(one.logLikelihood!, 1e-8);
        expect(found.gradientNorm).to.be.below(1e-8);
      }
    });
  }

  it("the probabilities of all orders add up to 1, and of those that begin alike to that of the beginning", () => {
    const theta = [0.7, -1.2, 0.1, 2];
    const probability = (order: number[], ranked = 4) =>
      Math.exp(logLikelihood(theta, { ...rankingsFromOrders([order], { items: 4 }), ranked: Int32Array.of(ranked) }));
    const all = permutations([0, 1, 2, 3]);
    expect(all.reduce((sum, order) => sum + probability(order), 0)).to.be.closeTo(1, 1e-14);
    for (const k of [1, 2, 3]) {
      const alike = all.filter((order) => order.slice(0, k).every((item, p) => item === [2, 0, 3][p]));
      const total = alike.reduce((sum, order) => sum + probability(order), 0);
      expect(probability(alike[0], k)).to.be.closeTo(total, 1e-14);
    }
  });

  it("is the formula, and does not care about the level of the abilities", () => {
    fc.assert(
      fc.property(anyRankings, abilities, fc.double({ min: -50, max: 50, noNaN: true }), (data, theta, shift) => {
        let want = 0;
        for (let r = 0; r < data.ranked.length; r++) {
          const order = Array.from(data.order.subarray(data.start[r], data.start[r + 1]));
          want += data.weight[r] * byHand(theta, order, data.ranked[r]);
        }
        expect(logLikelihood(theta, data)).to.be.closeTo(want, 1e-11);
        const shifted = theta.map((t) => t + shift);
        expect(logLikelihood(shifted, data)).to.be.closeTo(want, 1e-10);
        close(gradient(shifted, data), gradient(theta, data), 1e-10);
      }),
    );
  });

  it("gradient and Hessian by differences", () => {
    fc.assert(
      fc.property(anyRankings, abilities, (data, theta) => {
        const slope = gradient(theta, data);
        close(
          slope,
          differenceGradient((t) => logLikelihood(t, data), theta),
          1e-7,
        );
        expect(slope.reduce((a, b) => a + b, 0)).to.be.closeTo(0, 1e-11);
        const bend = hessian(theta, data);
        close(
          bend,
          differenceHessian((t) => gradient(t, data), theta),
          1e-7,
        );
        for (const row of bend) expect(row.reduce((a, b) => a + b)).to.be.closeTo(0, 1e-11);
        for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) expect(bend[i][j]).to.equal(bend[j][i]);
      }),
    );
  });

  it("abilities 2000 nats apart are no trouble", () => {
    const data = rankingsFromOrders([
      [0, 1, 2],
      [2, 1, 0],
    ]);
    expect(logLikelihood([1000, 0, -1000], data)).to.be.closeTo(-3000, 1e-9);
    close(gradient([1000, 0, -1000], data), [-2, 1, 1], 1e-12);
    close(
      information([1000, 0, -1000], data),
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
      1e-12,
    );
  });

  it("rankings of two are Bradley-Terry", () => {
    const pairs: [number, number][] = [
      [0, 1],
      [0, 1],
      [1, 2],
      [2, 0],
      [1, 0],
      [2, 1],
    ];
    const [a, b] = [comparisonsFromPairs(pairs), rankingsFromOrders(pairs)];
    const theta = [0.3, -0.8, 1.1];
    expect(logLikelihood(theta, b)).to.be.closeTo(bradleyTerry.logLikelihood(theta, a), 1e-13);
    close(gradient(theta, b), bradleyTerry.gradient(theta, a), 1e-13);
    close(hessian(theta, b), bradleyTerry.hessian(theta, a), 1e-13);
    close(fit(b).theta, bradleyTerry.fit(a).theta, 1e-9);
    const at = fit(b).theta;
    close(standardErrors(at, b), bradleyTerry.standardErrors(at, a), 1e-9);
  });

  it("choices of one from a set that never changes: shares of the choices", () => {
    const counts = [5, 3, 2];
    const choices = counts.flatMap((count, chosen) =>
      Array(count).fill({ chosen, others: [0, 1, 2].filter((i) => i !== chosen) }),
    );
    const theta = fit(rankingsFromChoices(choices), { gauge: { reference: 2 } }).theta;
    close(theta, [Math.log(5 / 2), Math.log(3 / 2), 0], 1e-10);
  });

  it("Newton, minorise-maximise and a grid agree; priors too; the gauge is kept", () => {
    const data = season(1);
    const best = fit(data);
    close(fitMinoriseMaximise(data).theta, best.theta, 1e-8);
    expect(best.theta.reduce((a, b) => a + b)).to.be.closeTo(0, 1e-12);
    for (let i = 0; i < 6; i++) {
      for (const move of [-0.01, 0.01]) {
        const near = best.theta.map((t, j) => t + (i === j ? move : 0));
        expect(logLikelihood(near, data)).to.be.below(best.logLikelihood);
      }
    }
    expect(fit(data, { gauge: { reference: 3 } }).theta[3]).to.equal(0);
    const prior = { pseudoCount: 2 };
    const penalised = fit(data, { prior });
    close(fitMinoriseMaximise(data, { prior }).theta, penalised.theta, 1e-7);
    expect(standardDeviation(penalised.theta)).to.be.below(standardDeviation(best.theta));
    const gaussian = fit(data, { prior: { gaussian: 0.5 } }).theta;
    close(
      gradient(gaussian, data),
      gaussian.map((t) => t / 0.25),
      1e-7,
    );
    close(fit(rankingsFromOrders([], { items: 3 }), { prior: { gaussian: 1 } }).theta, [0, 0, 0], 1e-12);
  });

  it("each step of minorise-maximise climbs", () => {
    const values: number[] = [];
    const data = season(2, 2);
    fitMinoriseMaximise(data, { watch: (theta) => values.push(logLikelihood(theta, data)) });
    for (let k = 1; k < values.length; k++) expect(values[k]).to.be.at.least(values[k - 1] - 1e-10);
  });

  it("relabelling items relabels the answer; a weight counts as repetition", () => {
    const data = season(3);
    const { theta } = fit(data);
    close(fit({ ...data, order: data.order.map((i) => 5 - i) }).theta, [...theta].reverse(), 1e-8);
    const orders = [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
      [0, 2, 1],
    ];
    const weighted = fit(rankingsFromOrders(orders, { weight: [3, 1, 2, 1] })).theta;
    const repeated = [0, 0, 0, 1, 2, 2, 3].map((r) => orders[r]);
    close(fit(rankingsFromOrders(repeated)).theta, weighted, 1e-9);
  });

  it("more than 500 items: without a matrix, to the same place", () => {
    const n = 502;
    // A circle of items, each ahead of the next two of the three times they meet.
    const orders = Array.from({ length: 3 * n }, (_, k) => {
      const [i, j] = [k % n, (k + 1) % n];
      return k < 2 * n ? [i, j] : [j, i];
    });
    const found = fit(rankingsFromOrders(orders));
    close(found.theta, new Float64Array(n), 1e-6);
    expect(found.gradientNorm).to.be.below(1e-8);
    const uneven = rankingsFromOrders([...orders, [0, 1, 2, 3], [250, 2, 500]]);
    const lopsided = fit(uneven);
    close(gradient(lopsided.theta, uneven), new Float64Array(n), 1e-8);
    const prior = { gaussian: 1 };
    const penalised = fit(uneven, { prior }).theta;
    close(gradient(penalised, uneven), penalised, 1e-8);
  });

  it("the information times a vector, without the matrix", () => {
    fc.assert(
      fc.property(anyRankings, abilities, abilities, (data, theta, v) => {
        const want = information(theta, data).map((row) => row.reduce((sum, value, j) => sum + value * v[j], 0));
        close(informationTimes(theta, data, v), want, 1e-11);
      }),
    );
  });

  it("simulated rankings have the model's probabilities", () => {
    const theta = [0.5, 0, -0.5];
    const count = 20_000;
    const data = simulate(key(8), theta, count);
    let statistic = 0;
    for (const order of permutations([0, 1, 2])) {
      let seen = 0;
      for (let r = 0; r < count; r++) seen += order.every((item, p) => data.order[data.start[r] + p] === item) ? 1 : 0;
      const expected = count * Math.exp(byHand(theta, order, 3));
      statistic += (seen - expected) ** 2 / expected;
    }
    expect(chiSquareTail(statistic, 5)).to.be.above(1e-3);
    expect(() => simulate(key(1), theta, 1, { length: 4 })).to.throw(DomainError, "length");
  });

  it("95 percent intervals cover the truth in 95 percent of simulated studies, from top-2 rankings", () => {
    const truth = [1, 0.6, 0.2, -0.2, -0.6, -1];
    const studies = 300;
    let covered = 0;
    const [estimates, claimed]: number[][] = [[], []];
    for (const k of split(key(4), studies)) {
      const data = simulate(k, truth, 100, { length: 4, ranked: 2 });
      const { theta } = fit(data);
      const { low, high } = intervals(theta, data)[1];
      if (low <= truth[1] && truth[1] <= high) covered++;
      estimates.push(theta[1]);
      claimed.push(standardErrors(theta, data)[1]);
    }
    // Binomial(300, 0.95) lies in [272, 297] with probability 0.999.
    expect(covered).to.be.within(272, 297);
    expect(standardDeviation(estimates) / mean(claimed)).to.be.within(0.85, 1.15);
  });

  it("bad inputs: named items and the cure", () => {
    const names = ["ant", "bee", "cat", "dog"];
    const why = (orders: number[][], words: string) => {
      const data = rankingsFromOrders(orders, { names });
      for (const method of [fit, fitMinoriseMaximise])
        expect(() => method(data), words).to.throw(ConvergenceError, words);
      expect(() => standardErrors([0, 0, 0, 0], data)).to.throw(ConvergenceError, "Plackett-Luce");
      expect(fit(data, { prior: { gaussian: 2 } }).theta.every(Number.isFinite)).to.equal(true);
    };
    why(
      [
        [0, 1, 2, 3],
        [0, 3, 2, 1],
      ],
      "ant never lost",
    );
    why(
      [
        [0, 1],
        [1, 0],
        [2, 3],
        [3, 2],
      ],
      "ant, bee | cat, dog",
    );
    why(
      [
        [0, 1, 2],
        [2, 1, 0],
      ],
      "dog",
    );
    why([], "no comparisons");
    why([[0], [1]], "no comparisons");
    expect(() => fit(rankingsFromOrders([[0]]))).to.throw(ConvergenceError, "one item");
    const fine = rankingsFromOrders([
      [0, 1],
      [1, 0],
    ]);
    expect(() => logLikelihood([0], fine)).to.throw(ShapeError, "theta");
    expect(() => gradient([0, Number.NaN], fine)).to.throw(DomainError, "theta[1]");
    expect(() => fitMinoriseMaximise(fine, { prior: { gaussian: 1 } })).to.throw(DomainError, "pseudoCount");
    // The second places of a top-1 ranking say nothing.
    expect(() =>
      fit(
        topOf(
          rankingsFromOrders([
            [0, 1, 2],
            [1, 0, 2],
          ]),
          1,
        ),
      ),
    ).to.throw(ConvergenceError, "item 2 never won");
  });

  it("10^5 identical rankings: an error by maximum likelihood, the right answer with a prior", () => {
    const data = rankingsFromOrders(Array(100_000).fill([0, 1]));
    expect(() => fit(data)).to.throw(ConvergenceError, "item 0 never lost");
    const { theta } = fit(data, { prior: { gaussian: 1 } });
    const d = theta[0] - theta[1];
    expect(100_000 / (1 + Math.exp(d))).to.be.closeTo(d / 2, 1e-7);
  });
});
