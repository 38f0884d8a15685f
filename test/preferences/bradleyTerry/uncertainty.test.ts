import { expect } from "chai";
import { ConvergenceError, DomainError, ShapeError } from "../../../lib/src/core/index.js";
import { baseball1987 } from "../../../lib/src/data/index.js";
import { mean, standardDeviation } from "../../../lib/src/numerics/index.js";
import {
  bradleyTerry,
  comparisonsFromColumns,
  comparisonsFromPairs,
  comparisonsFromWins,
  simulateComparisons,
} from "../../../lib/src/preferences/index.js";
import { key, split } from "../../../lib/src/random/index.js";

const { covariance, differenceError, goodnessOfFit, intervals, standardErrors } = bradleyTerry;
const league = baseball1987();
const games = comparisonsFromWins(league.wins, league);

describe("Bradley-Terry: uncertainty", () => {
  it("two items: the variance of the difference is 1/wins + 1/losses", () => {
    const data = comparisonsFromWins([
      [0, 30],
      [10, 0],
    ]);
    const { theta } = bradleyTerry.fit(data, { gauge: { reference: 1 } });
    const se = Math.sqrt(1 / 30 + 1 / 10);
    expect(standardErrors(theta, data, { gauge: { reference: 1 } })[0]).to.be.closeTo(se, 1e-12);
    expect(standardErrors(theta, data, { gauge: { reference: 1 } })[1]).to.be.closeTo(0, 1e-12);
    expect(standardErrors(theta, data)[0]).to.be.closeTo(se / 2, 1e-12);
    const [{ low, high }] = intervals(theta, data, { gauge: { reference: 1 }, level: 0.95 });
    expect(high - low).to.be.closeTo(2 * 1.959963985 * se, 1e-8);
  });

  it("the error of a difference does not depend on the gauge", () => {
    const { theta } = bradleyTerry.fit(games);
    const want = differenceError(theta, games, 0, 4);
    for (const reference of [0, 3, 6])
      expect(differenceError(theta, games, 0, 4, { gauge: { reference } })).to.be.closeTo(want, 1e-12);
    expect(standardErrors(theta, games, { gauge: { reference: 4 } })[0]).to.be.closeTo(want, 1e-12);
    for (const row of covariance(theta, games)) expect(row.reduce((a, b) => a + b)).to.be.closeTo(0, 1e-12);
    expect(() => differenceError(theta, games, 0, 7)).to.throw(DomainError, "0 to 6");
  });

  it("baseball: Agresti prints 0.343, 0.339, ... against Baltimore, and G2 = 15.7 on 15 degrees of freedom", () => {
    const { theta } = bradleyTerry.fit(games, { gauge: { reference: 6 } });
    const errors = standardErrors(theta, games, { gauge: { reference: 6 } });
    for (let i = 0; i < 6; i++) expect(errors[i]).to.be.within(0.33, 0.345);
    const test = goodnessOfFit(theta, games);
    expect(test.degrees).to.equal(15);
    expect(test.deviance).to.be.closeTo(15.7, 0.05);
    expect(test.pValue).to.be.closeTo(0.4, 0.01);
  });

  it("95 percent intervals cover the truth in 95 percent of simulated seasons", () => {
    const truth = [0.8, 0.2, -0.3, -0.7];
    const seasons = 400;
    const estimates: number[] = [];
    const claimed: number[] = [];
    let covered = 0;
    for (const k of split(key(1), seasons)) {
      const data = simulateComparisons(k, truth, 60);
      const { theta } = bradleyTerry.fit(data);
      const { low, high } = intervals(theta, data)[0];
      if (low <= truth[0] && truth[0] <= high) covered++;
      estimates.push(theta[0]);
      claimed.push(standardErrors(theta, data)[0]);
    }
    // Binomial(400, 0.95) lies in [367, 392] with probability 0.998.
    expect(covered).to.be.within(367, 392);
    expect(standardDeviation(estimates) / mean(claimed)).to.be.within(0.88, 1.12);
  });

  it("with a prior, no data gives back the prior; without one there is nothing to invert", () => {
    const nothing = comparisonsFromPairs([], { items: 2 });
    const [row] = covariance([0, 0], nothing, { prior: { gaussian: 3 } });
    // theta_0 - mean has variance 9 (1 - 1/2).
    expect(row[0]).to.be.closeTo(4.5, 1e-12);
    expect(() => standardErrors([0, 0], nothing)).to.throw(ConvergenceError);
    const even = comparisonsFromWins([
      [0, 1],
      [1, 0],
    ]);
    expect(() => standardErrors([1000, -1000], even)).to.throw(ConvergenceError, "Were the abilities fitted");
    expect(() =>
      goodnessOfFit(
        [0, 0],
        comparisonsFromPairs([
          [0, 1],
          [1, 0],
        ]),
      ),
    ).to.throw(DomainError, "nothing to test");
  });

  it("one difference among many items costs a step of the fit, and is what the whole covariance says", () => {
    const data = simulateComparisons(
      key(5),
      Array.from({ length: 110 }, (_, i) => (i % 7) / 4),
      2,
    );
    for (const options of [{ prior: { gaussian: 1.5 } }, { prior: { pseudoCount: 1 }, noise: { flip: 0.1 } }]) {
      const { theta } = bradleyTerry.fit(data, options);
      const whole = covariance(theta, data, options);
      for (const [i, j] of [
        [0, 109],
        [5, 6],
      ]) {
        const want = Math.sqrt(whole[i][i] + whole[j][j] - 2 * whole[i][j]);
        expect(differenceError(theta, data, i, j, options)).to.be.closeTo(want, 1e-9);
      }
    }
    expect(differenceError(new Float64Array(110), data, 4, 4, { prior: { gaussian: 1 } })).to.equal(0);
    // 3,000 items, each against the next on a ring: resistances in parallel, as in a circuit.
    const n = 3000;
    const ring = Array.from({ length: n }, (_, i) => i);
    const next = ring.map((i) => (i + 1) % n);
    const wide = comparisonsFromColumns([...ring, ...next], [...next, ...ring]);
    const each = 1 / (2 * 0.25);
    const want = Math.sqrt(1 / (1 / (each * 1000) + 1 / (each * 2000)));
    expect(differenceError(new Float64Array(n), wide, 0, 1000)).to.be.closeTo(want, 1e-8);
    const far = Float64Array.from(ring, (i) => (i === 0 ? 1e4 : 0));
    expect(() => differenceError(far, wide, 0, 1000)).to.throw(ConvergenceError, "Were the abilities fitted");
    expect(() => differenceError([0], wide, 0, 1)).to.throw(ShapeError, "theta");
  });

  it("the test of fit counts only abilities that met, and takes only maximum-likelihood estimates", () => {
    const table = [
      [0, 6, 9],
      [4, 0, 7],
      [2, 4, 0],
    ];
    const three = comparisonsFromWins(table);
    const { theta } = bradleyTerry.fit(three);
    const want = goodnessOfFit(theta, three);
    expect(want.degrees).to.equal(1);
    // A fourth item that met nobody; and a second league of the same results, which never met the first.
    const fourth = { ...three, items: 4 };
    expect(goodnessOfFit([...theta, 0], fourth)).to.deep.equal(want);
    const leagues = comparisonsFromColumns(
      [...three.winner, ...three.winner.map((i) => i + 3)],
      [...three.loser, ...three.loser.map((i) => i + 3)],
      { weight: [...three.weight, ...three.weight] },
    );
    const both = goodnessOfFit([...theta, ...theta.map((t) => t + 5)], leagues);
    expect(both.degrees).to.equal(2);
    expect(both.deviance).to.be.closeTo(2 * want.deviance, 1e-9);
    const shrunk = bradleyTerry.fit(three, { prior: { gaussian: 0.5 } }).theta;
    expect(() => goodnessOfFit(shrunk, three)).to.throw(DomainError, "without a prior");
  });

  it("the test of fit notices a cycle", () => {
    const circle = comparisonsFromWins([
      [0, 40, 10],
      [10, 0, 40],
      [40, 10, 0],
    ]);
    const { degrees, pValue } = goodnessOfFit(bradleyTerry.fit(circle).theta, circle);
    expect(degrees).to.equal(1);
    expect(pValue).to.be.below(1e-12);
  });
});
