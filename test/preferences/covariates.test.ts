import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError, ShapeError } from "../../lib/src/core/index.js";
import { differenceGradient, differenceHessian, mean, standardDeviation } from "../../lib/src/numerics/index.js";
import { featureDesign } from "../../lib/src/preferences/covariates/fit.js";
import {
  bradleyTerry,
  comparisonsFromColumns,
  comparisonsFromPairs,
  comparisonsFromWins,
  covariates,
  simulateComparisons,
} from "../../lib/src/preferences/index.js";
import { designGradient, designInformation, designLogLikelihood } from "../../lib/src/preferences/logistic/design.js";
import { key, normal, split } from "../../lib/src/random/index.js";
import { dataAndAbilities, winTables } from "./arbitrary.js";
import { close } from "./close.js";

const identity = (n: number, columns = n) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: columns }, (_, j) => Number(i === j)));
/** Items with two features each, and what they are worth. */
const features = Array.from({ length: 12 }, (_, i) => [...normal(key(70 + i), 2)]);
const truth = [0.8, -0.5];
const abilities = features.map(([a, b]) => truth[0] * a + truth[1] * b);

describe("Bradley-Terry with features", () => {
  it("the log-likelihood is Bradley-Terry's at theta = X w; gradient and information by differences", () => {
    fc.assert(
      fc.property(dataAndAbilities, ({ data, theta }) => {
        const X = theta.map((_, i) => [...normal(key(i), 3)]);
        const design = featureDesign(data, X);
        const w = [0.4, -0.7, 0.2];
        const value = (at: number[]) =>
          bradleyTerry.logLikelihood(
            X.map((row) => row.reduce((s, x, c) => s + x * at[c], 0)),
            data,
          );
        expect(designLogLikelihood(design, w)).to.be.closeTo(value(w), 1e-9);
        close(designGradient(design, w), differenceGradient(value, w), 1e-5);
        const bend = differenceHessian((at) => designGradient(design, at), w);
        close(designInformation(design, w).neg().to2DArray(), bend, 1e-5);
      }),
      { numRuns: 30 },
    );
  });

  it("one feature an item (but for a reference) is plain Bradley-Terry, errors included", () => {
    fc.assert(
      fc.property(winTables, (wins) => {
        const data = comparisonsFromWins(wins);
        const gauge = { reference: data.items - 1 };
        const plain = bradleyTerry.fit(data, { gauge });
        const found = covariates.fit(data, identity(data.items, data.items - 1));
        close(found.theta, plain.theta, 1e-7);
        expect(found.logLikelihood).to.be.closeTo(plain.logLikelihood, 1e-8);
        const errors = bradleyTerry.standardErrors(plain.theta, data, { gauge });
        close(found.standardErrors, errors.slice(0, -1), 1e-6);
      }),
      { numRuns: 30 },
    );
  });

  it("a ridge is a Gaussian prior: the same mode, and no data leave 0", () => {
    const data = comparisonsFromWins([
      [0, 5, 0],
      [0, 0, 2],
      [1, 0, 0],
    ]);
    close(
      covariates.fit(data, identity(3), { ridge: 4 }).w,
      bradleyTerry
        .fit(data, { prior: { gaussian: 0.5 }, gauge: { reference: 0 } })
        .theta.map((t, _, all) => t - mean(all)),
      1e-8,
    );
    const nothing = comparisonsFromPairs([], { items: 3 });
    close(
      covariates.fit(nothing, identity(3), { ridge: 4 }).covariance,
      [
        [0.25, 0, 0],
        [0, 0.25, 0],
        [0, 0, 0.25],
      ],
      1e-12,
    );
    expect(() => covariates.fit(nothing, identity(3))).to.throw(DomainError, "no comparisons");
  });

  it("one feature: the closed form, log-odds over the difference", () => {
    const data = comparisonsFromWins([
      [0, 30],
      [10, 0],
    ]);
    expect(covariates.fit(data, [[5], [3]]).w[0]).to.be.closeTo(Math.log(3) / 2, 1e-10);
  });

  it("intervals cover the truth in 95 percent of simulated studies, and unseen items are predicted", () => {
    let covered = 0;
    const estimates: number[] = [];
    const claimed: number[] = [];
    const studies = 300;
    for (const k of split(key(6), studies)) {
      const found = covariates.fit(simulateComparisons(k, abilities, 2), features);
      const { low, high } = covariates.intervals(found)[0];
      if (low <= truth[0] && truth[0] <= high) covered++;
      estimates.push(found.w[0]);
      claimed.push(found.standardErrors[0]);
    }
    // Binomial(300, 0.95) lies in [272, 297] with probability 0.999.
    expect(covered).to.be.within(272, 297);
    expect(standardDeviation(estimates) / mean(claimed)).to.be.within(0.85, 1.15);
    // Item 11 was never compared: its ability follows from its features.
    const some = simulateComparisons(key(7), abilities.slice(0, 11), 2000);
    const { theta } = covariates.fit({ ...some, items: 12 }, features);
    expect(theta[11]).to.be.closeTo(abilities[11], 0.05);
  });

  it("does not care how features are shifted; scaled features scale the coefficients; weights are repetitions", () => {
    const data = simulateComparisons(key(2), abilities, 3);
    const { w } = covariates.fit(data, features);
    close(
      covariates.fit(
        data,
        features.map(([a, b]) => [a + 7, b - 3]),
      ).w,
      w,
      1e-8,
    );
    close(
      covariates.fit(
        data,
        features.map(([a, b]) => [a * 10, b / 10]),
      ).w,
      [w[0] / 10, w[1] * 10],
      1e-6,
    );
    const rows = [...data.weight].flatMap((count, k) => Array<number>(count).fill(k));
    const repeated = comparisonsFromColumns(
      rows.map((k) => data.winner[k]),
      rows.map((k) => data.loser[k]),
      { items: 12 },
    );
    close(covariates.fit(repeated, features).w, w, 1e-9);
  });

  it("bad inputs: what is wrong with which feature", () => {
    const data = simulateComparisons(key(2), abilities, 3);
    const withThird = (third: (row: number[], i: number) => number) =>
      features.map((row, i) => [...row, third(row, i)]);
    const featureNames = ["length", "tone", "third"];
    const attempt =
      (X: number[][], options = {}) =>
      () =>
        covariates.fit(data, X, { featureNames, ...options });
    expect(attempt(withThird(() => 1))).to.throw(DomainError, "third is the same on both sides");
    expect(attempt(withThird(([a, b]) => 2 * a - b))).to.throw(DomainError, "third follows from the others");
    expect(
      attempt(
        withThird(([a, b]) => 2 * a - b),
        { ridge: 1 },
      ),
    ).not.to.throw();
    expect(attempt(features.slice(1))).to.throw(ShapeError, "12 rows");
    expect(attempt(withThird((_, i) => (i === 3 ? Number.NaN : i)))).to.throw(DomainError, "features[3][2]");
    expect(attempt([[1, 2, 3], ...features.slice(1)])).to.throw(ShapeError, "item 1");
    expect(attempt(features, { ridge: -1 })).to.throw(DomainError, "ridge");
    const sure = comparisonsFromColumns(Array(100_000).fill(1), Array(100_000).fill(0));
    expect(() => covariates.fit(sure, [[0], [2]], { featureNames: ["length"] })).to.throw(
      ConvergenceError,
      "length predicts",
    );
    const [w] = covariates.fit(sure, [[0], [2]], { ridge: 1 }).w;
    expect((2 * 100_000) / (1 + Math.exp(2 * w))).to.be.closeTo(w, 1e-7);
    const order = comparisonsFromPairs([
      [3, 2],
      [2, 1],
      [1, 0],
      [3, 0],
    ]);
    expect(() =>
      covariates.fit(order, [
        [0, 1],
        [1, 0],
        [2, 1],
        [3, 3],
      ]),
    ).to.throw(ConvergenceError, "without a mistake");
  });
});
