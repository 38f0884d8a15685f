import { expect } from "chai";
import { differenceGradient, differenceHessian } from "../../../lib/src/numerics/index.js";
import { sparseObjective } from "../../../lib/src/preferences/bradleyTerry/sparse.js";
import {
  bradleyTerry,
  comparisonsFromColumns,
  mergeComparisons,
  spectral,
} from "../../../lib/src/preferences/index.js";
import { key, normal, randint, split } from "../../../lib/src/random/index.js";
import { close } from "../close.js";

/** Random pairs of `items`, and a circle of wins each way, so that a finite estimate exists. */
function data(items: number, rows: number) {
  const [a, b] = split(key(31));
  const first = randint(a, rows, 0, items);
  const gap = randint(b, rows, 1, items);
  const circle = Array.from({ length: items }, (_, i) => i);
  return comparisonsFromColumns(
    [...first, ...circle, ...circle.map((i) => (i + 1) % items)],
    [...first.map((i, k) => (i + gap[k]) % items), ...circle.map((i) => (i + 1) % items), ...circle],
    { weight: [...Array.from(first, (i) => 1 + (i % 3)), ...Array<number>(2 * items).fill(0.5)] },
  );
}

describe("Bradley-Terry beyond 100 items, without a matrix", () => {
  it("value, gradient and curvature are those of the likelihood, with a prior and without, also far out", () => {
    const small = mergeComparisons(data(6, 30));
    for (const prior of [undefined, { gaussian: 1.5 }, { pseudoCount: 0.3 }]) {
      const objective = sparseObjective(small, prior);
      for (const scale of [1, 30]) {
        const theta = normal(key(7), 6).map((t) => t * scale);
        const value = (t: ArrayLike<number>) =>
          bradleyTerry.logLikelihood(t, small) + (prior ? bradleyTerry.logPrior(t, prior) : 0);
        expect(objective.value(theta)).to.be.closeTo(value(theta), 1e-10 * Math.abs(value(theta)));
        const slope = (t: ArrayLike<number>) => objective.gradient(Float64Array.from(t));
        close(slope(theta), differenceGradient(value, theta), 1e-4);
        const operator = objective.curvature(theta) as ReturnType<typeof objective.curvature> & {
          times(v: Float64Array): Float64Array;
        };
        const level = prior ? 0 : operator.times(new Float64Array(6).fill(1))[0] / 6;
        const bend = differenceHessian(slope, theta).map((row) => row.map((entry) => level - entry));
        for (let i = 0; i < 6; i++) {
          const unit = Float64Array.from({ length: 6 }, (_, j) => Number(i === j));
          close(operator.times(unit), bend[i], 1e-4);
        }
      }
    }
  });

  it("150 items: where iterated spectral ranking ends too, with no slope left", () => {
    const many = data(150, 2000);
    const found = bradleyTerry.fit(many);
    close(spectral.iteratedLuceSpectralRanking(many).theta, found.theta, 1e-8);
    close(bradleyTerry.gradient(found.theta, many), new Float64Array(150), 1e-9);
    expect(found.logLikelihood).to.be.closeTo(bradleyTerry.logLikelihood(found.theta, many), 1e-9);
    for (const prior of [{ gaussian: 0.7 }, { pseudoCount: 2 }]) {
      const { theta } = bradleyTerry.fit(many, { prior });
      const pull = bradleyTerry.priorGradient(theta, prior);
      // In the sum-zero gauge only for the Gaussian: its mode has mean 0.
      const slope = bradleyTerry.gradient(theta, many).map((g, i) => g + pull[i]);
      close(slope, new Float64Array(150), "gaussian" in prior ? 1e-8 : 0.05);
    }
  });

  it("a chain of 400 items, the worst case for conjugate gradients", () => {
    const [items, times] = [400, 50];
    const [winner, loser, weight]: number[][] = [[], [], []];
    for (let i = 0; i + 1 < items; i++) {
      const wins = 10 + (i % 30);
      winner.push(i, i + 1);
      loser.push(i + 1, i);
      weight.push(wins, times - wins);
    }
    const { theta } = bradleyTerry.fit(comparisonsFromColumns(winner, loser, { weight }), { gauge: { reference: 0 } });
    // Along a chain each step is two items on their own: the log-odds of their share.
    let want = 0;
    for (let i = 0; i + 1 < items; i++) {
      want -= Math.log((10 + (i % 30)) / (times - 10 - (i % 30)));
      expect(theta[i + 1]).to.be.closeTo(want, 1e-6);
    }
  });
});
