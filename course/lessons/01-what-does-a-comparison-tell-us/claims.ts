// Lesson 01's sentences about results, held over keys where something is drawn.

import { type Key, logSigmoid, sigmoid, split, standardDeviation } from "rlhf-lab";
import { baseball1987, statisticsJournals } from "rlhf-lab/data";
import {
  bradleyTerry,
  comparisonsFromWins,
  flipLabels,
  simulateComparisons,
  simulateTournament,
  transitivity,
  winMatrix,
  winShares,
} from "rlhf-lab/preferences";
import { both, every, exactly, experiment, mean } from "../../../scripts/claims/claim.js";

const league = baseball1987();
const games = comparisonsFromWins(league.wins, league);
const season = bradleyTerry.fit(games);
const won = league.wins.map((row) => row.reduce((sum, w) => sum + w));
const average = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** The largest error of an ability after each step of a fit. */
function errorsOf(method: typeof bradleyTerry.fit): number[] {
  const errors: number[] = [];
  const far = (theta: ArrayLike<number>) =>
    Math.max(...bradleyTerry.fixGauge(theta).map((t, i) => Math.abs(t - season.theta[i])));
  method(games, { watch: (theta) => errors.push(far(theta)) });
  return errors.filter((error) => error > 1e-12);
}

/** Abilities fitted to a tournament of five items whose labels were flipped. */
function fitFlipped(key: Key, rate: number, believed: number) {
  const [draw, spoil] = split(key);
  const answers = flipLabels(spoil, simulateComparisons(draw, truth, 100), rate);
  return bradleyTerry.fit(answers, { noise: { flip: believed }, prior: { gaussian: 3 } }).theta;
}
const truth = [2, 1, 0, -1, -2];

/** The share of three-item tournaments among equals that are cycles. */
function cycleShare(key: Key): number {
  const cycles = split(key, 500).filter((k) => {
    const scores = winMatrix(simulateComparisons(k, [0, 0, 0], 1)).map((row) => average(row));
    return scores.every((score) => score === scores[0]);
  });
  return cycles.length / 500;
}

/** The best, second and third team; the best has odds of 1.5 on top in one pair. */
function isBroken(gap: number, pair: "second" | "third"): boolean {
  const table = bradleyTerry.probabilities([gap + 1, gap, 0]);
  const j = pair === "second" ? 1 : 2;
  const odds = (1.5 * table[0][j]) / table[j][0];
  table[0][j] = odds / (1 + odds);
  table[j][0] = 1 - table[0][j];
  return transitivity(table).strong.length > 0;
}

export default [
  exactly("the season", () => {
    const [milwaukee, detroit] = season.theta;
    const bounds = bradleyTerry.intervals(season.theta, games);
    const journals = comparisonsFromWins(statisticsJournals().wins);
    const cited = bradleyTerry.intervals(bradleyTerry.fit(journals, { gauge: { reference: 0 } }).theta, journals, {
      gauge: { reference: 0 },
    });
    return {
      probability: sigmoid(season.theta[0] - season.theta[6]),
      byWins: won.map((_, i) => i).sort((a, b) => won[b] - won[a]),
      byAbility: won.map((_, i) => i).sort((a, b) => season.theta[b] - season.theta[a]),
      lowestTop: Math.min(...bounds.slice(0, 5).map(({ high }) => high)),
      highestBottom: Math.max(...bounds.slice(0, 5).map(({ low }) => low)),
      errors: (milwaukee - detroit) / bradleyTerry.differenceError(season.theta, games, 0, 1),
      pValue: bradleyTerry.goodnessOfFit(season.theta, games).pValue,
      widths: [bounds, cited.slice(1)].map((all) => all.map(({ low, high }) => high - low)),
      strong: transitivity(winShares(games)).strong.length,
      weak: transitivity(winShares(games)).weak.length,
    };
  }).shows({
    "01/milwaukee-beats-baltimore": every(({ probability }) => Math.abs(probability - 0.83) < 0.005),
    "01/order-of-win-rates": every(({ byWins, byAbility }) => String(byWins) === String(byAbility)),
    "01/five-overlap": every(({ lowestTop, highestBottom }) => lowestTop > highestBottom),
    "01/half-a-standard-error": every(({ errors }) => errors > 0.4 && errors < 0.6),
    "01/one-number-is-enough": every(({ pValue }) => Math.abs(pValue - 0.4) < 0.005),
    "01/journals-narrower": every(({ widths: [teams, journals] }) => Math.max(...journals) < 0.55 * Math.min(...teams)),
    "01/baseball-breaks-the-strong-form": every(({ strong, weak }) => strong === 20 && weak === 2 * 3),
  }),

  exactly("the curve and the likelihood", () => ({
    probabilities: [1, 2, 4].map((d) => bradleyTerry.probability(d)),
    oneTerm: [-3, 0, 3, 6, 12, 24].map((d) => 6 * logSigmoid(d)),
    bothTerms: [-0.1, 0, 0.1].map((d) => 6 * logSigmoid(Math.log(1.5) + d) + 4 * logSigmoid(-Math.log(1.5) - d)),
  })).shows({
    "01/nats-as-chances": every(
      ({ probabilities }) => String(probabilities.map((p) => Math.round(100 * p))) === "73,88,98",
    ),
    "01/one-term-has-no-top": every(
      ({ oneTerm, bothTerms: [left, top, right] }) =>
        oneTerm.every((value, i) => i === 0 || value > oneTerm[i - 1]) && top > left && top > right,
    ),
  }),

  exactly("the two ways up", () => ({
    newton: errorsOf(bradleyTerry.fit),
    minoriseMaximise: errorsOf(bradleyTerry.fitMinoriseMaximise),
  })).shows({
    // From 0.1 on each error is below the square of the one before it.
    "01/newton-doubles-digits": every(({ newton }) =>
      newton.every((error, k) => k === 0 || newton[k - 1] > 0.1 || error < newton[k - 1] ** 2),
    ),
    "01/mm-adds-digits": every(({ minoriseMaximise: errors }) =>
      errors.slice(5).every((error, k) => Math.abs(error / errors[k + 4] - errors[9] / errors[8]) < 0.05),
    ),
  }),

  exactly("the unbeaten team", () => {
    const unbeaten = league.wins.map((row) => [...row]);
    for (let other = 1; other < 7; other++) [unbeaten[0][other], unbeaten[other][0]] = [13, 0];
    const perfect = comparisonsFromWins(unbeaten);
    const priors = [{ pseudoCount: 0.1 }, { pseudoCount: 0.5 }, { gaussian: 4 }, { gaussian: 2 }, { gaussian: 1 }];
    const fits = priors.map((prior) => bradleyTerry.fit(perfect, { prior }).theta);
    return { leads: fits.map((theta) => theta[0] - theta[1]), rest: fits.map((theta) => theta[1] - theta[6]) };
  }).shows({
    "01/the-lead-is-the-priors": every(({ leads, rest }) => {
      const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
      return spread(leads.slice(0, 4)) > 1 && spread(rest.slice(0, 4)) < 0.15 && rest[4] < rest[3] - 0.05;
    }),
  }),

  experiment("flipped labels", {
    keys: 40,
    run: (key) => {
      const [a, b, c, d, e] = split(key, 5);
      return {
        naive: fitFlipped(a, 0.2, 0),
        knowing: fitFlipped(b, 0.2, 0.2),
        clean: fitFlipped(c, 0, 0),
        half: fitFlipped(d, 0.2, 0.1),
        more: fitFlipped(e, 0.2, 0.25),
      };
    },
  }).shows({
    "01/flips-shrink": both(
      mean(({ naive }) => naive[0], { below: 1.5 }),
      mean(({ naive }) => naive[1], { below: 0.9 }),
      mean(({ naive }) => naive[3], { above: -0.9 }),
      mean(({ naive }) => naive[4], { above: -1.5 }),
    ),
    "01/flips-keep-the-order": every(({ naive }) => naive.every((theta, i) => i === 0 || theta < naive[i - 1])),
    "01/known-rate-unbiased": both(
      mean(({ knowing }) => knowing[0], { between: [1.75, 2.25] }),
      mean(({ knowing }) => knowing[1], { between: [0.8, 1.2] }),
    ),
    "01/known-rate-costs-variance": (seen) => {
      const [known, clean] = [seen.map(({ knowing }) => knowing[0]), seen.map(({ clean }) => clean[0])].map((values) =>
        standardDeviation(values),
      );
      return {
        holds: known > 1.5 * clean,
        seen: `${known.toFixed(2)} against ${clean.toFixed(2)}`,
        wanted: "1.5 times",
      };
    },
    "01/wrong-rate-biased": both(
      mean(({ half }) => half[0], { below: 1.8 }),
      mean(({ more }) => more[0], { above: 2.2 }),
    ),
  }),

  experiment("cycles among equals", { keys: 20, run: cycleShare }).shows({
    "01/one-in-four-is-a-cycle": mean((cycles) => cycles, { between: [0.23, 0.27] }),
  }),

  experiment("tea, coffee and mate", {
    keys: 20,
    run: (key) => {
      const circle = [
        [0.5, 0.8, 0.2],
        [0.2, 0.5, 0.8],
        [0.8, 0.2, 0.5],
      ];
      const tastings = simulateTournament(key, circle, 100, ["tea", "coffee", "mate"]);
      const { theta } = bradleyTerry.fit(tastings);
      const test = bradleyTerry.goodnessOfFit(theta, tastings);
      return {
        probabilities: bradleyTerry.probabilities(theta).flat(),
        widest: Math.max(...bradleyTerry.intervals(theta, tastings).map(({ low, high }) => high - low)),
        pValue: test.pValue,
      };
    },
  }).shows({
    "01/the-shrug": every(({ probabilities }) =>
      probabilities.every((probability) => Math.abs(probability - 0.5) < 0.1),
    ),
    "01/only-the-test-warns": every(({ pValue, widest }) => pValue < 1e-6 && widest < 0.5),
  }),

  exactly("a home advantage", () => ({
    second: [0.3, 0.4, 0.41, 0.5].map((gap) => isBroken(gap, "second")),
    third: [0.01, 0.4, 2].map((gap) => isBroken(gap, "third")),
  })).shows({
    "01/home-advantage": every(
      ({ second, third }) => String(second) === "true,true,false,false" && !third.includes(true),
    ),
  }),
];
