import { expect } from "chai";
import fc from "fast-check";
import { DomainError } from "../../lib/src/core/index.js";
import { sigmoid } from "../../lib/src/numerics/index.js";
import {
  bradleyTerry,
  type Comparisons,
  comparisonsFromColumns,
  comparisonsFromPairs,
  comparisonsFromWins,
  credibleIntervals,
  epPosterior,
  laplacePosterior,
  predictiveProbability,
  probabilityBetter,
  simulateJudgements,
} from "../../lib/src/preferences/index.js";
import { tilted } from "../../lib/src/preferences/posterior/tilted.js";
import { key, normal } from "../../lib/src/random/index.js";
import { winTables } from "./arbitrary.js";
import { choixCases, pairsOf } from "./choix.js";
import { close } from "./close.js";

/** The true posterior's mean and covariance for 2 or 3 items, by adding up a fine grid. */
function byGrid(data: Comparisons, deviation: number) {
  const n = data.items;
  const step = deviation / (n === 2 ? 40 : 12);
  const reach = Math.round((7 * deviation) / step);
  let mass = 0;
  const first = Array<number>(n).fill(0);
  const second = first.map(() => Array<number>(n).fill(0));
  const at = Array<number>(n).fill(0);
  const visit = (i: number): void => {
    if (i < n) {
      for (let k = -reach; k <= reach; k++) {
        at[i] = k * step;
        visit(i + 1);
      }
      return;
    }
    let log = 0;
    for (let j = 0; j < n; j++) log -= (at[j] / deviation) ** 2 / 2;
    for (let k = 0; k < data.winner.length; k++) {
      log += data.weight[k] * Math.log(sigmoid(at[data.winner[k]] - at[data.loser[k]]));
    }
    const weight = Math.exp(log);
    mass += weight;
    for (let a = 0; a < n; a++) {
      first[a] += weight * at[a];
      for (let b = 0; b < n; b++) second[a][b] += weight * at[a] * at[b];
    }
  };
  visit(0);
  const mean = first.map((value) => value / mass);
  return { mean, covariance: second.map((row, a) => row.map((value, b) => value / mass - mean[a] * mean[b])) };
}

describe("Posteriors of abilities", () => {
  it("tilted moments: against a million-point sum, narrow to wide, near to far", () => {
    for (const [mean, variance, power] of [
      [0, 1, 1],
      [2, 0.01, 1],
      [-30, 4, 1],
      [-5, 400, 1],
      [40, 9, 1],
      [0.3, 2, 0.25],
      [0, 1e-8, 1],
    ]) {
      const deviation = Math.sqrt(variance);
      const [low, high] = [mean - 12 * deviation, mean + power * variance + 12 * deviation];
      let [mass, first, second] = [0, 0, 0];
      const points = 1_000_000;
      for (let k = 0; k < points; k++) {
        const x = low + ((high - low) * (k + 0.5)) / points;
        const weight = Math.exp(power * Math.log(sigmoid(x)) - (x - mean) ** 2 / (2 * variance));
        mass += weight;
        first += weight * (x - mean);
        second += weight * (x - mean) ** 2;
      }
      const shift = first / mass;
      const got = tilted(mean, variance, power);
      expect((got.mean - mean) / deviation).to.be.closeTo(shift / deviation, 1e-8);
      expect(got.variance / (second / mass - shift ** 2)).to.be.closeTo(1, 1e-8);
      expect(got.logMass).to.be.closeTo(
        Math.log((mass * (high - low)) / points / Math.sqrt(2 * Math.PI * variance)),
        1e-9,
      );
    }
  });

  for (const one of choixCases.filter(({ kind }) => kind === "ep")) {
    it(`choix: ${one.desc}`, () => {
      const { mean, covariance } = epPosterior(pairsOf(one), { deviation: 1 / Math.sqrt(one.alpha!) });
      // choix takes its moments from a mixture of five probits; under a wide prior that costs up to 0.015.
      const tolerance = one.integrated ? 1e-8 : 2e-2;
      close(mean, one.mean, tolerance);
      close(covariance, one.covariance, tolerance / one.alpha!);
    });
  }

  it("two items and three, against quadrature: EP close, Laplace fair", () => {
    const two = comparisonsFromWins([
      [0, 4],
      [1, 0],
    ]);
    const three = comparisonsFromPairs([
      [0, 1],
      [0, 1],
      [1, 2],
      [0, 2],
    ]);
    for (const data of [two, three]) {
      const truth = byGrid(data, 1.5);
      const ep = epPosterior(data, { deviation: 1.5 });
      close(ep.mean, truth.mean, 0.01);
      close(ep.covariance, truth.covariance, 0.02);
      const laplace = laplacePosterior(data, { deviation: 1.5 });
      close(laplace.mean, truth.mean, 0.25);
      close(laplace.covariance, truth.covariance, 0.25);
      // An ability is skewed away from 0 where an item won most: the mode lags behind the mean.
      expect(laplace.mean[0]).to.be.below(truth.mean[0]);
      const [truthP, epP] = [truth, ep].map((posterior) => predictiveProbability(posterior, 0, 1));
      expect(epP).to.be.closeTo(truthP, 0.005);
    }
    // One comparison is one factor: then EP's moments are exact.
    const one = comparisonsFromPairs([[0, 1]]);
    const exact = epPosterior(one, { deviation: 2 });
    const grid = byGrid(one, 2);
    close(exact.mean, grid.mean, 1e-6);
    close(exact.covariance, grid.covariance, 1e-6);
  });

  it("one difference of Laplace's, without the matrix, is Bradley-Terry's under the same prior", () => {
    const items = 130;
    const judged = simulateJudgements(key(6), Array.from(normal(key(7), items)), [{}], 900);
    const laplace = laplacePosterior(judged, { deviation: 0.8 });
    const prior = { gaussian: 0.8 };
    const { theta } = bradleyTerry.fit(judged, { prior });
    for (const [i, j] of [
      [0, 1],
      [3, 77],
      [129, 64],
    ]) {
      const { covariance: c, mean } = laplace;
      expect(theta[i] - theta[j]).to.be.closeTo(mean[i] - mean[j], 1e-6);
      const error = bradleyTerry.differenceError(theta, judged, i, j, { prior });
      expect(error ** 2).to.be.closeTo(c[i][i] + c[j][j] - 2 * c[i][j], 1e-6);
    }
  });

  it("Laplace is the mode and its curvature; features span the same posterior", () => {
    const data = comparisonsFromPairs([
      [0, 1],
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
    const prior = { gaussian: 1.2 };
    const laplace = laplacePosterior(data, { deviation: 1.2 });
    close(laplace.mean, bradleyTerry.fit(data, { prior }).theta, 1e-8);
    close(
      bradleyTerry.gaugeCovariance(laplace.covariance, "sum-zero"),
      bradleyTerry.covariance(laplace.mean, data, { prior }),
      1e-8,
    );
    const identity = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    for (const method of [laplacePosterior, epPosterior]) {
      const [plain, spanned] = [method(data, { deviation: 1.2 }), method(data, { deviation: 1.2, features: identity })];
      close(spanned.mean, plain.mean, 1e-7);
      close(spanned.covariance, plain.covariance, 1e-7);
    }
  });

  it("features with digits that round: the precision stays symmetric, and EP is defined", () => {
    const features = Array.from({ length: 6 }, (_, i) => [Math.sin(i + 1), Math.cos(3 * i), 0.1 * (i % 2 ? 1.3 : -1)]);
    const data = comparisonsFromPairs(
      [0, 1, 2, 3, 4].flatMap((i) => [[i, i + 1] as [number, number], [5 - i, i / 2 > 1 ? 0 : 4 - i]]),
    );
    const [ep, laplace] = [epPosterior, laplacePosterior].map((method) => method(data, { deviation: 1, features }));
    close(ep.mean, laplace.mean, 0.1);
  });

  it("weights are repetitions; labels turned round turn the mean round; relabelling relabels", () => {
    fc.assert(
      fc.property(winTables, (wins) => {
        const data = comparisonsFromWins(wins.map((row) => row.map((count) => Math.min(count, 3))));
        const rows = [...data.weight].flatMap((count, k) => Array<number>(count).fill(k));
        const repeated = comparisonsFromColumns(
          rows.map((k) => data.winner[k]),
          rows.map((k) => data.loser[k]),
        );
        const turned = { ...data, winner: data.loser, loser: data.winner };
        const flip = (column: Int32Array) => column.map((i) => data.items - 1 - i);
        for (const method of [laplacePosterior, epPosterior]) {
          const found = method(data, { deviation: 1 });
          close(method(repeated, { deviation: 1 }).mean, found.mean, 1e-7);
          close(
            method(turned, { deviation: 1 }).mean,
            found.mean.map((m) => -m),
            1e-7,
          );
          close(method(turned, { deviation: 1 }).covariance, found.covariance, 1e-7);
          const relabelled = method({ ...data, winner: flip(data.winner), loser: flip(data.loser) }, { deviation: 1 });
          close(relabelled.mean, [...found.mean].reverse(), 1e-7);
          expect(found.mean.reduce((a, b) => a + b)).to.be.closeTo(0, 1e-7);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("no data leave the prior; an item that always wins has a finite posterior; 10^5 identical pairs too", () => {
    for (const method of [laplacePosterior, epPosterior]) {
      const nothing = method(comparisonsFromPairs([], { items: 2 }), { deviation: 3 });
      close(nothing.mean, [0, 0], 0);
      close(
        nothing.covariance,
        [
          [9, 0],
          [0, 9],
        ],
        1e-12,
      );
      expect(probabilityBetter(nothing, 0, 1)).to.equal(0.5);
      const sure = comparisonsFromColumns(Array(100_000).fill(0), Array(100_000).fill(1));
      const { mean, covariance } = method(sure, { deviation: 1 });
      expect(mean[0] - mean[1]).to.be.within(9, 13);
      expect(covariance[0][0]).to.be.within(0.3, 1);
      expect(probabilityBetter({ mean, covariance }, 0, 1)).to.be.above(0.99999);
      for (const deviation of [0, -1, Number.NaN]) {
        expect(() => method(sure, { deviation })).to.throw(DomainError, "deviation");
      }
    }
    const half = epPosterior(comparisonsFromPairs([[0, 1]], { weight: [0.5] }), { deviation: 1 });
    const grid = byGrid(comparisonsFromPairs([[0, 1]], { weight: [0.5] }), 1);
    close(half.mean, grid.mean, 1e-6);
  });

  it("credible intervals and probabilities are those of the Gaussian", () => {
    const posterior = {
      mean: [1, 0],
      covariance: [
        [0.25, 0],
        [0, 0],
      ],
    };
    const [{ low, high }, certain] = credibleIntervals(posterior);
    expect(low).to.be.closeTo(1 - 1.959963985 / 2, 1e-8);
    expect(high).to.be.closeTo(1 + 1.959963985 / 2, 1e-8);
    expect(certain).to.deep.equal({ low: 0, high: 0 });
    expect(probabilityBetter(posterior, 0, 1)).to.be.closeTo(0.977249868, 1e-9);
    expect(predictiveProbability(posterior, 0, 1)).to.be.within(0.6, sigmoid(1));
    expect(() => probabilityBetter(posterior, 0, 2)).to.throw(DomainError, "0 to 1");
  });
});
