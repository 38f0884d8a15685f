import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import {
  bradleyTerry,
  comparisonsFromPairs,
  comparisonsFromWins,
  plackettLuce,
  rankingsFromOrders,
  simulateComparisons,
  spectral,
} from "../../lib/src/preferences/index.js";
import { key, uniform } from "../../lib/src/random/index.js";
import { winTables } from "./arbitrary.js";
import { choixCases, pairsOf, rankingsOf } from "./choix.js";
import { close } from "./close.js";

const { iteratedLuceSpectralRanking, luceSpectralRanking, rankCentrality, stationaryDistribution } = spectral;

describe("Spectral ranking", () => {
  for (const one of choixCases.filter(({ kind }) => kind !== "ep")) {
    it(`choix: ${one.desc}`, () => {
      const data = one.pairs ? pairsOf(one) : rankingsOf(one);
      const options = { pseudoRate: one.alpha ?? 0 };
      if (one.kind === "lsr") close(luceSpectralRanking(data, options), one.theta, 1e-10);
      else if (one.kind === "rankCentrality") close(rankCentrality(pairsOf(one), options), one.theta, 1e-10);
      else close(iteratedLuceSpectralRanking(data, options).theta, one.theta, 1e-8);
    });
  }

  it("choix's own test data: LSR and I-LSR of four pairs, and a cycle", () => {
    const data = comparisonsFromPairs([
      [0, 1],
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
    close(luceSpectralRanking(data), [0.23104906, -0.46209812, 0.23104906], 1e-8);
    close(iteratedLuceSpectralRanking(data).theta, [0.419617624, -0.419617624, 0], 1e-8);
    const cycle = comparisonsFromPairs([
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
    for (const theta of [luceSpectralRanking(cycle), rankCentrality(cycle)]) close(theta, [0, 0, 0], 1e-12);
  });

  it("the stationary distribution balances what flows in and out, down to tiny shares", () => {
    for (let seed = 0; seed < 20; seed++) {
      const n = 2 + (seed % 6);
      const rates = uniform(key(seed), n * n).map((u) => 10 ** (12 * u - 6));
      const share = stationaryDistribution(rates.slice(), n);
      expect(share.reduce((a, b) => a + b)).to.be.closeTo(1, 1e-12);
      for (let i = 0; i < n; i++) {
        let [into, out] = [0, 0];
        for (let j = 0; j < n; j++) {
          if (i === j) continue;
          into += share[j] * rates[j * n + i];
          out += share[i] * rates[i * n + j];
        }
        expect(into / out).to.be.closeTo(1, 1e-10);
      }
    }
    close(stationaryDistribution(Float64Array.of(0, 1e-300, 1, 0), 2), [1, 1e-300], 1e-315);
  });

  it("two items: all three say the log-odds of the share of wins", () => {
    const data = comparisonsFromWins([
      [0, 30],
      [10, 0],
    ]);
    const want = [Math.log(3) / 2, -Math.log(3) / 2];
    close(luceSpectralRanking(data), want, 1e-12);
    close(iteratedLuceSpectralRanking(data).theta, want, 1e-10);
    close(rankCentrality(data), want, 1e-12);
    close(luceSpectralRanking(data, { gauge: { reference: 1 } }), [Math.log(3), 0], 1e-12);
  });

  it("the iterated one ends at the maximum-likelihood estimate, wherever it begins", () => {
    fc.assert(
      fc.property(winTables, (wins) => {
        const data = comparisonsFromWins(wins);
        const { theta } = bradleyTerry.fit(data);
        close(iteratedLuceSpectralRanking(data).theta, theta, 1e-7);
        const start = theta.map((_, i) => (i % 2 === 0 ? 3 : -3));
        close(iteratedLuceSpectralRanking(data, { start }).theta, theta, 1e-7);
      }),
      { numRuns: 30 },
    );
  });

  it("relabelled items, repeated rows and rows in another order change nothing", () => {
    fc.assert(
      fc.property(winTables, (wins) => {
        const data = comparisonsFromWins(wins);
        const n = data.items;
        const turned = {
          ...data,
          winner: data.winner.map((i) => n - 1 - i).reverse(),
          loser: data.loser.map((i) => n - 1 - i).reverse(),
          weight: data.weight.slice().reverse(),
        };
        const pairs = wins.flatMap((row, i) => row.flatMap((c, j) => Array<[number, number]>(c).fill([i, j])));
        for (const method of [luceSpectralRanking, rankCentrality]) {
          close(method(turned), method(data).reverse(), 1e-10);
          close(method(comparisonsFromPairs(pairs)), method(data), 1e-10);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("consistent: the errors shrink as comparisons grow, and the iterated one errs least", () => {
    const truth = [1.5, 0.5, 0, -0.5, -1.5];
    const error = (theta: number[]) => Math.sqrt(theta.reduce((sum, t, i) => sum + (t - truth[i]) ** 2, 0));
    for (const method of [luceSpectralRanking, rankCentrality]) {
      // 40,000 games a pair: standard errors of about 0.005, five items, so 0.05 is beyond six of them.
      expect(error(method(simulateComparisons(key(5), truth, 40_000)))).to.be.below(0.05);
    }
  });

  it("bad inputs: named items and the cure", () => {
    const names = ["ant", "bee", "cat"];
    const chain = comparisonsFromPairs(
      [
        [0, 1],
        [1, 2],
      ],
      { names },
    );
    for (const method of [luceSpectralRanking, rankCentrality, iteratedLuceSpectralRanking]) {
      expect(() => method(chain)).to.throw(ConvergenceError, "ant never lost");
      expect(() => method(chain)).to.throw(ConvergenceError, "pseudoRate");
      expect(() => method(comparisonsFromPairs([], { items: 2 }))).to.throw(ConvergenceError, "no comparisons");
      expect(() => method(comparisonsFromPairs([]))).to.throw(ConvergenceError, "no items");
      expect(() => method(chain, { pseudoRate: -1 })).to.throw(DomainError, "pseudoRate");
      expect(() => method(chain, { pseudoRate: Number.NaN })).to.throw(DomainError, "pseudoRate");
    }
    const [ant, bee, cat] = luceSpectralRanking(chain, { pseudoRate: 0.1 });
    expect(ant).to.be.above(bee);
    expect(bee).to.be.above(cat);
    expect(() => iteratedLuceSpectralRanking(chain, { pseudoRate: 1, start: [0] })).to.throw(ShapeError, "start");
    const two = comparisonsFromWins([
      [0, 3, 1],
      [1, 0, 1],
      [2, 1, 0],
    ]);
    expect(() => iteratedLuceSpectralRanking(two, { iterations: 2 })).to.throw(ConvergenceError, "2 iterations");
    const orders = rankingsFromOrders([[0, 1, 2]], { names });
    expect(() => luceSpectralRanking(orders)).to.throw(ConvergenceError, "ant never lost");
    close(
      luceSpectralRanking(
        rankingsFromOrders([
          [0, 1],
          [1, 2],
          [2, 0],
          [0, 1],
        ]),
      ),
      luceSpectralRanking(
        comparisonsFromPairs([
          [0, 1],
          [1, 2],
          [2, 0],
          [0, 1],
        ]),
      ),
      1e-12,
    );
    expect(plackettLuce.asComparisons(orders).winner.length).to.equal(2);
  });
});
