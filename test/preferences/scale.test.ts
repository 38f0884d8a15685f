// All weights times a number say the same thing in another unit. With priors that keep step, no fit may notice.
import { expect } from "chai";
import fc from "fast-check";
import { ConvergenceError, DomainError } from "../../lib/src/core/index.js";
import {
  bradleyTerry,
  type Comparisons,
  comparisonsFromColumns,
  comparisonsFromPairs,
  comparisonsFromWins,
  covariates,
  crowdBradleyTerry,
  davidson,
  epPosterior,
  type Judgements,
  laplacePosterior,
  noisyBradleyTerry,
  orderEffect,
  plackettLuce,
  type Rankings,
  rankingsFromOrders,
  scaledBradleyTerry,
  scaledPlackettLuce,
  simulateJudgements,
  spectral,
} from "../../lib/src/preferences/index.js";
import { key, normal, split } from "../../lib/src/random/index.js";
import { winTables } from "./arbitrary.js";

type Weighted = { readonly weight: Float64Array };
const times = <T extends Weighted>(data: T, unit: number): T => ({ ...data, weight: data.weight.map((w) => w * unit) });

/** Everyone ranks three items at random, and each item leads and trails once, so that an estimate exists. */
const rankingsOf = (data: Comparisons): Rankings =>
  rankingsFromOrders(
    Array.from(data.winner, (won, k) => {
      const third = Array.from({ length: data.items }, (_, i) => i).find((i) => i !== won && i !== data.loser[k]);
      return third === undefined ? [won, data.loser[k]] : [won, data.loser[k], third];
    }),
    { items: data.items, weight: data.weight },
  );

/** [items, 1]: one feature, in a unit of its own. */
const feature = (items: number) => Array.from({ length: items }, (_, i) => [1e6 * Math.sin(3 * i + 1)]);
const ties = (data: Comparisons): Comparisons => ({ ...data, weight: data.weight.map((_, k) => 1 + (k % 3)) });
const ordered = (data: Comparisons) => ({ ...data, winnerFirst: Array.from(data.winner, (_, k) => k % 2) });

/** Fits with a second derivative, or a fixed point: whatever the data, to the last digits but six. */
const exact: Record<string, (data: Comparisons, unit: number) => number[]> = {
  "Bradley-Terry": (d, c) => bradleyTerry.fit(times(d, c)).theta,
  "Bradley-Terry, Gaussian prior": (d, c) =>
    bradleyTerry.fit(times(d, c), { prior: { gaussian: 1.5 / Math.sqrt(c) } }).theta,
  "Bradley-Terry, pseudo-games": (d, c) => bradleyTerry.fit(times(d, c), { prior: { pseudoCount: 0.5 * c } }).theta,
  "Bradley-Terry, at another temperature": (d, c) => bradleyTerry.fit(times(d, c), { noise: { temperature: 3 } }).theta,
  "Bradley-Terry by minorise-maximise": (d, c) => bradleyTerry.fitMinoriseMaximise(times(d, c)).theta,
  "Bradley-Terry by minorise-maximise, pseudo-games": (d, c) =>
    bradleyTerry.fitMinoriseMaximise(times(d, c), { prior: { pseudoCount: 0.5 * c } }).theta,
  "standard errors": (d, c) => {
    const data = times(d, c);
    return bradleyTerry.standardErrors(bradleyTerry.fit(data).theta, data).map((error) => error * Math.sqrt(c));
  },
  Davidson: (d, c) => {
    const { theta, nu } = davidson.fit(times(d, c), times(ties(d), c));
    return [...theta, Math.log(nu)];
  },
  "Plackett-Luce": (d, c) => plackettLuce.fit(rankingsOf(times(d, c))).theta,
  "Plackett-Luce, pseudo-games": (d, c) =>
    plackettLuce.fit(rankingsOf(times(d, c)), { prior: { pseudoCount: 0.5 * c } }).theta,
  "Plackett-Luce by minorise-maximise": (d, c) => plackettLuce.fitMinoriseMaximise(rankingsOf(times(d, c))).theta,
  "order effect": (d, c) => {
    const { theta, order } = orderEffect.fit(ordered(times(d, c)));
    return [...theta, order];
  },
  "order effect, with a prior": (d, c) => orderEffect.fit(ordered(times(d, c)), { deviation: 2 / Math.sqrt(c) }).theta,
  Laplace: (d, c) => laplacePosterior(times(d, c), { deviation: 1 / Math.sqrt(c) }).mean,
  "Luce spectral ranking": (d, c) => spectral.luceSpectralRanking(times(d, c)),
  "Luce spectral ranking, iterated": (d, c) => spectral.iteratedLuceSpectralRanking(times(d, c)).theta,
  "rank centrality": (d, c) => spectral.rankCentrality(times(d, c), { pseudoRate: 0.1 * c }),
};

/** All labelers answered; half of them are quick, one is backwards. */
const crowd: Judgements = simulateJudgements(
  key(4),
  [1.2, 0.4, 0, -0.5, -1.1],
  [{ sharpness: 2 }, { sharpness: 1.5 }, { sharpness: 1 }, { sharpness: 0.5 }, { flip: 0.8 }],
  120,
);
const crowdRankings = rankingsFromOrders(
  Array.from(crowd.winner, (won, k) => [won, crowd.loser[k]]),
  { items: 5 },
);

/** Fits that climb by gradients: to as many digits as their tolerance gives. */
const climbed: Record<string, (unit: number) => { numbers: ArrayLike<number>; converged: boolean }> = {
  "crowd Bradley-Terry": (c) => {
    const f = crowdBradleyTerry(times(crowd, c), { spread: 3 / Math.sqrt(c), right: 1, wrong: 1 });
    return { numbers: [...f.theta, ...f.reliability], converged: f.converged };
  },
  "noisy Bradley-Terry": (c) => {
    const f = noisyBradleyTerry(times(crowd, c), { spread: 3 / Math.sqrt(c) });
    return { numbers: [...f.theta, ...f.skill, ...f.bias], converged: f.converged };
  },
  "scaled Bradley-Terry": (c) => {
    const f = scaledBradleyTerry(times(crowd, c), { spread: 2 / Math.sqrt(c), sharpnessSpread: 1 / Math.sqrt(c) });
    return { numbers: [...f.theta, ...f.alpha], converged: f.converged };
  },
  "scaled Plackett-Luce": (c) => {
    const options = { spread: 2 / Math.sqrt(c), sharpnessSpread: 1 / Math.sqrt(c) };
    const f = scaledPlackettLuce(times(crowdRankings, c), crowd.labeler, options);
    return { numbers: [...f.theta, ...f.alpha], converged: f.converged };
  },
};

describe("weights times a number change nothing", () => {
  for (const [name, fit] of Object.entries(exact)) {
    it(`${name}: from 1e-12 to 1e12, to 1e-9`, () => {
      fc.assert(
        fc.property(
          winTables.filter((table) => table.length > 2),
          fc.integer({ min: -12, max: 12 }),
          (wins, exponent) => {
            const data = comparisonsFromWins(wins);
            let want: number[];
            try {
              want = fit(data, 1);
            } catch (error) {
              // Some tables are separable for covariates, or hide the order effect: then in every unit.
              expect(() => fit(data, 10 ** exponent)).to.throw((error as Error).constructor as ErrorConstructor);
              return;
            }
            const got = fit(data, 10 ** exponent);
            want.forEach((x, i) => {
              expect(got[i]).to.be.closeTo(x, 1e-9 * (1 + Math.abs(x)));
            });
          },
        ),
        { numRuns: 40 },
      );
    });
  }

  it("covariates: whatever the weights' unit and the feature's", () => {
    fc.assert(
      fc.property(winTables, fc.integer({ min: -12, max: 12 }), fc.integer({ min: -12, max: 12 }), (wins, a, b) => {
        const data = comparisonsFromWins(wins);
        const one = covariates.fit(data, feature(data.items));
        const unit = 10 ** b;
        const other = covariates.fit(
          times(data, 10 ** a),
          feature(data.items).map(([x]) => [x * unit]),
        );
        expect((other.w[0] * unit - one.w[0]) / one.standardErrors[0]).to.be.closeTo(0, 1e-9);
        expect((other.standardErrors[0] * unit * 10 ** (a / 2)) / one.standardErrors[0]).to.be.closeTo(1, 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  for (const [name, fit] of Object.entries(climbed)) {
    it(`${name}: from 1e-12 to 1e12, to 1e-5, converged alike`, () => {
      const want = fit(1);
      expect(want.converged).to.equal(true);
      for (const unit of [1e-12, 1e-9, 1e-5, 0.1, 7, 1e4, 1e8, 1e12]) {
        const got = fit(unit);
        expect(got.converged, `${unit}`).to.equal(true);
        for (let i = 0; i < want.numbers.length; i++) {
          expect(got.numbers[i], `${unit}: ${i}`).to.be.closeTo(want.numbers[i], 1e-5);
        }
      }
    });
  }

  it("beyond 100 items: Bradley-Terry, its errors, and under flips", () => {
    const items = 130;
    const data = simulateJudgements(key(2), Array.from(normal(key(3), items)), [{}], 6000);
    const round = Array.from({ length: items }, (_, i) => i);
    const all = comparisonsFromColumns(
      [...data.winner, ...round],
      [...data.loser, ...round.map((i) => (i + 1) % items)],
      { items },
    );
    const prior = (unit: number) => ({ prior: { gaussian: 2 / Math.sqrt(unit) } });
    for (const noise of [{}, { flip: 0.05 }]) {
      const want = bradleyTerry.fit(all, { noise, ...prior(1) }).theta;
      const error = bradleyTerry.differenceError(want, all, 3, 77, { noise, ...prior(1) });
      for (const unit of [1e-12, 1e12]) {
        const got = bradleyTerry.fit(times(all, unit), { noise, ...prior(unit) }).theta;
        for (let i = 0; i < items; i++) expect(got[i]).to.be.closeTo(want[i], 1e-9);
        const found = bradleyTerry.differenceError(got, times(all, unit), 3, 77, { noise, ...prior(unit) });
        expect(found * Math.sqrt(unit)).to.be.closeTo(error, 1e-9);
      }
    }
  });

  it("expectation propagation: a thousandth of a billionth of an answer moves the prior so far, a billion answers are the estimate", () => {
    const data = comparisonsFromWins([
      [0, 3, 2],
      [1, 0, 4],
      [2, 1, 0],
    ]);
    // Little: mean = deviation^2 times the slope at 0. (A factor's share is linear in its weight, to first order.)
    const little = epPosterior(times(data, 1e-12), { deviation: 1 });
    const slope = bradleyTerry.gradient([0, 0, 0], data);
    // Under the prior the log-odds of a pair have variance 2: the average surprise is still 1/2, but is
    // learned at the prior's width.
    const sum = little.mean.reduce((a, b) => a + b, 0);
    expect(sum).to.be.closeTo(0, 1e-24);
    little.mean.forEach((mean, i) => {
      expect(mean / 1e-12).to.be.closeTo(slope[i], 1e-3);
    });
    for (const unit of [1e6, 1e9, 1e12]) {
      const much = epPosterior(times(data, unit), { deviation: 1 });
      const { theta } = bradleyTerry.fit(data);
      // Their level is known by the prior alone, and so much less that a billionth of it is rounding.
      bradleyTerry.fixGauge(much.mean).forEach((mean, i) => {
        expect(mean).to.be.closeTo(theta[i], 0.2 / unit + 1e-12);
      });
    }
  });
});

describe("two or three answers among a great many", () => {
  it("Davidson: two wins and a million ties, or a billion: nu is ties / root of wins times losses", () => {
    for (const tied of [1e6, 1e9, 1e12]) {
      for (const unit of [1e-12, 1, 1e9]) {
        const wins = comparisonsFromPairs(
          [
            [0, 1],
            [1, 0],
          ],
          { weight: [unit, 3 * unit] },
        );
        const found = davidson.fit(wins, comparisonsFromPairs([[0, 1]], { weight: [tied * unit] }));
        expect(found.nu / (tied / Math.sqrt(3))).to.be.closeTo(1, 1e-9);
        expect(found.theta[1] - found.theta[0]).to.be.closeTo(Math.log(3), 1e-9);
      }
    }
  });

  it("Davidson: exists or not by the graph alone, however lopsided", () => {
    const fitted = (wins: [number, number][], ties: [number, number][]) => () =>
      davidson.fit(comparisonsFromPairs(wins, { items: 3 }), comparisonsFromPairs(ties, { items: 3 }));
    const one: [number, number][] = [
      [0, 1],
      [1, 2],
    ];
    // A chain of two wins that a tie spans: the tie holds it, since it allows the difference of one win only.
    expect(fitted(one, [[0, 2]])().theta[0]).to.be.above(0);
    expect(
      fitted(one, [
        [0, 1],
        [1, 2],
      ]),
    ).to.throw(ConvergenceError, "grow without end together");
    expect(
      fitted(
        [
          [0, 1],
          [1, 0],
        ],
        [[0, 1]],
      ),
    ).to.throw(ConvergenceError, "item 2");
  });

  it("Bradley-Terry: a chain of 150 or 400 items, each pair up to 10^12 : 1", () => {
    for (const [items, odds] of [
      [99, 1e12],
      [150, 1e6],
      [150, 1e12],
      [400, 1e9],
    ]) {
      const [winner, loser, weight]: number[][] = [[], [], []];
      for (let i = 0; i + 1 < items; i++) {
        winner.push(i, i + 1);
        loser.push(i + 1, i);
        weight.push(odds, 1);
      }
      const data = comparisonsFromColumns(winner, loser, { weight });
      const { theta } = bradleyTerry.fit(data);
      for (let i = 0; i + 1 < items; i++) expect(theta[i] - theta[i + 1]).to.be.closeTo(Math.log(odds), 1e-9);
      // The variance of a difference along a chain is the sum of 1 / (n p (1 - p)) = 1 + 1 / odds over its pairs.
      const error = bradleyTerry.differenceError(theta, data, 0, items - 1);
      expect(error).to.be.closeTo(Math.sqrt((items - 1) * (1 + 1 / odds)), 1e-9);
    }
  });

  it("Plackett-Luce: choices a billion to one", () => {
    for (const odds of [1e3, 1e9, 1e12]) {
      const data = rankingsFromOrders(
        [
          [0, 1, 2],
          [1, 2, 0],
          [2, 0, 1],
        ],
        { weight: [odds, 1, 1] },
      );
      const { theta } = plackettLuce.fit(data);
      const slope = plackettLuce.gradient(theta, data);
      for (const component of slope) expect(Math.abs(component)).to.be.below(1e-9);
      expect(theta[0] - theta[1]).to.be.above(Math.log(odds) - 2);
    }
  });
});

describe("what no estimator takes", () => {
  const wins = comparisonsFromWins([
    [0, 3, 2],
    [1, 0, 4],
    [2, 1, 0],
  ]);
  const [abilities] = split(key(1));
  const judged = simulateJudgements(abilities, [1, 0, -1], [{}, {}], 30);
  const ranked = rankingsFromOrders([
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]);
  const estimators: Record<string, [data: Weighted, fit: (data: never) => unknown]> = {
    "bradleyTerry.fit": [wins, (d: Comparisons) => bradleyTerry.fit(d)],
    "bradleyTerry.fit with a prior": [wins, (d: Comparisons) => bradleyTerry.fit(d, { prior: { gaussian: 1 } })],
    "bradleyTerry.fitMinoriseMaximise": [wins, (d: Comparisons) => bradleyTerry.fitMinoriseMaximise(d)],
    "davidson.fit": [wins, (d: Comparisons) => davidson.fit(d, ties(wins))],
    "davidson.fit, ties": [wins, (d: Comparisons) => davidson.fit(wins, d)],
    "plackettLuce.fit": [ranked, (d: Rankings) => plackettLuce.fit(d)],
    "plackettLuce.fitMinoriseMaximise": [ranked, (d: Rankings) => plackettLuce.fitMinoriseMaximise(d)],
    "covariates.fit": [wins, (d: Comparisons) => covariates.fit(d, feature(3))],
    "orderEffect.fit": [wins, (d: Comparisons) => orderEffect.fit(ordered(d))],
    laplacePosterior: [wins, (d: Comparisons) => laplacePosterior(d, { deviation: 1 })],
    epPosterior: [wins, (d: Comparisons) => epPosterior(d, { deviation: 1 })],
    "spectral.luceSpectralRanking": [wins, (d: Comparisons) => spectral.luceSpectralRanking(d)],
    "spectral.rankCentrality": [wins, (d: Comparisons) => spectral.rankCentrality(d)],
    crowdBradleyTerry: [judged, (d: Judgements) => crowdBradleyTerry(d)],
    noisyBradleyTerry: [judged, (d: Judgements) => noisyBradleyTerry(d)],
    scaledBradleyTerry: [judged, (d: Judgements) => scaledBradleyTerry(d)],
    scaledPlackettLuce: [ranked, (d: Rankings) => scaledPlackettLuce(d, [0, 1, 0])],
  };

  for (const [name, [data, fit]] of Object.entries(estimators)) {
    it(`${name}: weights that are none`, () => {
      for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
        const weight = data.weight.slice();
        weight[1] = bad;
        expect(() => fit({ ...data, weight } as never)).to.throw(DomainError, `weight of row 1`);
      }
    });
  }

  it("no answers, and a single item, are said to be so", () => {
    const none = comparisonsFromPairs([], { items: 3 });
    const single = comparisonsFromPairs([], { items: 1 });
    for (const fit of [bradleyTerry.fit, bradleyTerry.fitMinoriseMaximise, spectral.luceSpectralRanking]) {
      expect(() => fit(none)).to.throw(ConvergenceError, "no comparisons");
      expect(() => fit(single)).to.throw(ConvergenceError, "one item");
    }
    const quiet = { ...judged, weight: judged.weight.map(() => 0) };
    for (const fit of [crowdBradleyTerry, noisyBradleyTerry, scaledBradleyTerry]) {
      expect(() => fit(quiet)).to.throw(DomainError, "weight above 0");
    }
    expect(bradleyTerry.fit(single, { prior: { gaussian: 1 } }).theta).to.deep.equal([0]);
    expect(bradleyTerry.fit(none, { prior: { gaussian: 1 } }).theta).to.deep.equal([0, 0, 0]);
  });
});
