// Lesson 04's sentences about results, held over keys where something is drawn.

import { foldIn, type Key, linspace, quantile, split, standardDeviation, uniform } from "rlhf-lab";
import { anaesthetists1979, minneapolisWard2 } from "rlhf-lab/data";
import {
  type Annotations,
  accuracies,
  annotationsFromColumns,
  bordaScores,
  bradleyTerry,
  cohenKappa,
  comparisonsFromWins,
  condorcetWinner,
  copelandScores,
  crowdBradleyTerry,
  dawidSkene,
  dawidSkeneAccuracies,
  fleissKappa,
  glad,
  independenceViolation,
  independentRules,
  instantRunoff,
  judgementsFromColumns,
  kemeny,
  kemenyLocal,
  kendallDistance,
  labelerConsistency,
  logOddsWeight,
  mace,
  majorityCycle,
  majorityVote,
  mixedJudges,
  oneCoin,
  orderByScore,
  outliers,
  pairwiseTally,
  permutations,
  personsOf,
  plackettLuce,
  pluralityScores,
  rankingsFromBallots,
  rankingsFromOrders,
  type SimulatedAnnotations,
  type SimulatedCrowd,
  scaledBradleyTerry,
  scaledLogLikelihood,
  simulateAnnotations,
  simulateJudgements,
  smithSet,
  spammedCrowd,
  spammers,
  tiringCrowd,
  weightedVote,
  withBuriers,
  withCopies,
} from "rlhf-lab/preferences";
import { randint } from "rlhf-lab/random";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const average = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const wrongOf = ({ truth }: SimulatedAnnotations, { label }: { label: ArrayLike<number> }) =>
  average(Array.from(label, (said, i) => Number(said !== truth[i])));

// The doctors.
const doctors = anaesthetists1979();
const forms = annotationsFromColumns(doctors.patient, doctors.observer, doctors.class);
const reading = (w: number, time = 0) =>
  Array.from(
    { length: 45 },
    (_, i) => doctors.class.filter((_, k) => doctors.patient[k] === i && doctors.observer[k] === w)[time],
  );
const readings = [reading(0), reading(0, 1), reading(0, 2), reading(1), reading(2), reading(3), reading(4)];
const firstReadings = annotationsFromColumns(
  [0, 1, 2, 3, 4].flatMap((w) => reading(w).map((_, i) => i)),
  [0, 1, 2, 3, 4].flatMap((w) => reading(w).map(() => w)),
  [0, 1, 2, 3, 4].flatMap((w) => reading(w)),
);

/** Mean kappa of doctor 1's readings among themselves and with doctor 4's. */
function agreementOfDoctor1(patients: ArrayLike<number>): { own: number; doctor4: number } {
  const drawn = readings.map((said) => Array.from(patients, (i) => said[i]));
  const kappa = (a: number, b: number) => cohenKappa(drawn[a], drawn[b]);
  return {
    own: average([kappa(0, 1), kappa(0, 2), kappa(1, 2)]),
    doctor4: average([kappa(0, 5), kappa(1, 5), kappa(2, 5)]),
  };
}

/** The one class that most answers name, or undefined. */
function mostNamed(answers: readonly number[]): number | undefined {
  const votes = [0, 1, 2, 3].map((c) => answers.filter((answer) => answer === c).length);
  const best = votes.flatMap((count, c) => (count === Math.max(...votes) ? [c] : []));
  return best.length === 1 ? best[0] : undefined;
}

const errorOf = (p: readonly number[], weight: (p: number) => number) => {
  let wrong = 0;
  for (let who = 0; who < 2 ** p.length; who++) {
    const right = p.map((_, w) => ((who >> w) & 1) === 1);
    const probability = p.reduce((c, q, w) => c * (right[w] ? q : 1 - q), 1);
    const lead = p.reduce((sum, q, w) => sum + (right[w] ? weight(q) : -weight(q)), 0);
    wrong += probability * (Math.abs(lead) < 1e-9 ? 0.5 : Number(lead < 0));
  }
  return wrong;
};

/** EM for five people who are right in 80 %, with the M-step's tables divided by rows, or by columns. */
function emOnShares(key: Key, rare: number, by: "row" | "column"): number {
  const [truths, answers] = split(key);
  const truth = Array.from(uniform(truths, 300), (u) => Number(u < rare));
  const labels = Array.from({ length: 5 }, (_, w) =>
    Array.from(uniform(foldIn(answers, w), 300), (u, i) => (u < 0.8 ? truth[i] : 1 - truth[i])),
  );
  let posterior = truth.map((_, i) => {
    const yes = average(labels.map((said) => said[i]));
    return [1 - yes, yes];
  });
  const sums = (said: number[]) =>
    [0, 1].map((t) =>
      [0, 1].map((c) => posterior.reduce((sum, probability, i) => sum + (said[i] === c ? probability[t] : 0), 1e-300)),
    );
  for (let round = 0; round < 60; round++) {
    const prior = [0, 1].map((t) => average(posterior.map((probability) => probability[t])) + 1e-300);
    const tables = labels.map((said) => {
      const table = sums(said);
      const total = (t: number, c: number) => (by === "row" ? table[t][0] + table[t][1] : table[0][c] + table[1][c]);
      return table.map((row, t) => row.map((x, c) => x / total(t, c)));
    });
    posterior = truth.map((_, i) => {
      const log = [0, 1].map((t) =>
        labels.reduce((sum, said, w) => sum + Math.log(tables[w][t][said[i]]), Math.log(prior[t])),
      );
      const weights = log.map((value) => Math.exp(value - Math.max(...log)));
      return weights.map((weight) => weight / (weights[0] + weights[1]));
    });
  }
  return average(posterior.map((probability) => probability[1]));
}

const oracle = (crowd: SimulatedCrowd) =>
  weightedVote(
    crowd.data,
    crowd.labelers.map((p) => (typeof p === "number" ? logOddsWeight(p) : 0)),
  );

/** The shares wrong of all methods of section 4. */
function errorsOf(crowd: SimulatedCrowd) {
  const { data } = crowd;
  return {
    majority: wrongOf(crowd, majorityVote(data)),
    coin: wrongOf(crowd, oneCoin(data)),
    strongCoin: wrongOf(crowd, oneCoin(data, { right: 30, wrong: 15 })),
    tables: wrongOf(crowd, dawidSkene(data, { smoothing: 0.5 })),
    glad: wrongOf(crowd, glad(data, { iterations: 25 })),
    mace: wrongOf(crowd, mace(data)),
    oracle: wrongOf(crowd, oracle(crowd)),
  };
}

const mixedCrowd = (key: Key) =>
  simulateAnnotations(key, [...linspace(0.55, 0.95, 12), 0.5, 0.5, 0.1, 0.2], 400, { share: 0.6 });

/** The answers of those who are not in `out`. */
function without(data: Annotations, out: ReadonlySet<number>): Annotations {
  const rows = Array.from(data.labeler.keys()).filter((k) => !out.has(data.labeler[k]));
  const pick = (column: Int32Array) => rows.map((k) => column[k]);
  return annotationsFromColumns(pick(data.task), pick(data.labeler), pick(data.label), data);
}

const sheetOf = (key: Key) => simulateAnnotations(key, [...new Array<number>(9).fill(0.75), 0.5], 200);
const goldOf = (truth: ArrayLike<number>, count: number) =>
  new Map(Array.from({ length: count }, (_, i) => [i, truth[i]]));

const tastes = [
  { theta: [4, 3, 2, 1, 0, -1], sharpness: 3 },
  { theta: [-1, 0, 1, 2, 3, 4], sharpness: 3 },
  { theta: [0, 1, 4, 3, 2, -1], sharpness: 3 },
  { theta: [4, 3, 2, 1, 0, -1], sharpness: 0.3 },
  { theta: [0, 0, 0, 0, 0, 0], sharpness: 1 },
];

/** Shares of pairs in the wrong order: plain, with a sharpness each, with a flip rate each. */
function disorderOf(key: Key, bad: number): number[] {
  const [draw, listen] = split(key);
  const ability = uniform(draw, 12, -2, 2);
  const heard = simulateJudgements(listen, ability, mixedJudges(15, bad), 40);
  const fits = [
    bradleyTerry.fit(heard, { prior: { gaussian: 2 } }).theta,
    scaledBradleyTerry(heard).theta,
    crowdBradleyTerry(heard).theta,
  ];
  return fits.map((theta) => kendallDistance(orderByScore(theta), orderByScore(ability)) / 66);
}

// The election.
const { names, ballots } = minneapolisWard2();
const [ARAB, GORDON, WONSLEY] = ["Arab", "Gordon", "Wonsley"].map((name) => names.indexOf(name));
const cast = rankingsFromBallots(ballots, { names });
const votes = pairwiseTally(cast);

const noWinner = (key: Key, items: number, gap: number) => {
  const utility = Array.from({ length: items }, (_, i) => -gap * i);
  const without = split(key, 200).filter((k) => {
    return condorcetWinner(pairwiseTally(plackettLuce.simulate(k, utility, 25))) === undefined;
  });
  return without.length / 200;
};

/** Pairs in the wrong order, and the favourite's place, under four rules. */
async function buried(key: Key, part: number) {
  const sincere = plackettLuce.simulate(key, [2, 1.4, 0.9, 0.4, -0.2, -0.8], 60);
  const ballots = withBuriers(sincere, part, 0, 1);
  const tally = pairwiseTally(ballots);
  const orders = {
    borda: orderByScore(bordaScores(tally)),
    copeland: orderByScore(copelandScores(tally)),
    kemeny: (await kemeny(tally)).order,
    plackettLuce: orderByScore(plackettLuce.fit(ballots, { prior: { gaussian: 3 } }).theta),
  };
  const far = (order: number[]) => kendallDistance(order, [0, 1, 2, 3, 4, 5]);
  return {
    borda: far(orders.borda),
    copeland: far(orders.copeland),
    kemeny: far(orders.kemeny),
    plackettLuce: far(orders.plackettLuce),
    places: [orders.borda.indexOf(0), orders.kemeny.indexOf(0)],
    same: String(orders.borda) === String(orders.kemeny),
  };
}

export default [
  experiment("doctor 1 and doctor 4, patients redrawn", {
    keys: 10,
    run: (key) => {
      const seen = split(key, 400).map((k) => agreementOfDoctor1(randint(k, 45, 0, 45)));
      const ends = (values: number[]) => [0.025, 0.975].map((p) => quantile(values, p));
      return { own: ends(seen.map(({ own }) => own)), difference: ends(seen.map(({ own, doctor4 }) => own - doctor4)) };
    },
  }).shows({
    "04/doctor-1-no-closer-to-themself": every(({ difference: [low, high] }) => low < -0.05 && high > 0.05),
    "04/asked-again-is-not-repeated": every(({ own: [, high] }) => high < 0.9),
  }),

  experiment("five doctors who do not look", {
    keys: 30,
    run: (key) => {
      const draws = uniform(key, 225);
      const kappa = (often: number) =>
        fleissKappa(
          annotationsFromColumns(
            Array.from(draws, (_, k) => Math.floor(k / 5)),
            Array.from(draws, (_, k) => k % 5),
            Array.from(draws, (u) => (u < often ? 0 : 3)),
          ),
        );
      return [kappa(0.5), kappa(0.95)];
    },
  }).shows({
    "04/luck-has-no-kappa": both(
      mean(([coins]) => coins, { between: [-0.03, 0.03] }),
      mean(([, nearlyAlways]) => nearlyAlways, { between: [-0.03, 0.03] }),
      (seen) => {
        const spreads = [0, 1].map((which) => standardDeviation(seen.map((kappas) => kappas[which])));
        return {
          holds: spreads.every((spread) => spread > 0.02 && spread < 0.08),
          seen: `spread ${spreads.map((spread) => spread.toFixed(3))}`,
          wanted: "0.02 to 0.08",
        };
      },
    ),
  }),

  exactly("votes, enumerated", () => {
    const crowds = {
      alike: [0.7, 0.7, 0.7, 0.7, 0.7],
      expert: [0.95, 0.65, 0.6, 0.6, 0.55],
      coins: [0.9, 0.5, 0.5, 0.5, 0.5],
      liar: [0.9, 0.7, 0.65, 0.6, 0.05],
    };
    const three = (p: readonly number[]) => [
      errorOf(p, () => 1),
      errorOf(p, (q) => 1 / (q * (1 - q))),
      errorOf(p, (q) => logOddsWeight(q)),
    ];
    return {
      alike: three(crowds.alike),
      expert: three(crowds.expert),
      coins: three(crowds.coins),
      liar: three(crowds.liar),
      eleven: three(new Array<number>(11).fill(0.4)),
      certain: String(logOddsWeight(1)),
      both: String(logOddsWeight(1) - logOddsWeight(1)),
    };
  }).shows({
    "04/three-rules": every(({ alike, expert, coins, liar }) => {
      const one = Math.abs(alike[0] - alike[1]) < 1e-12 && Math.abs(alike[0] - alike[2]) < 1e-12;
      const better = [expert, coins, liar].every(([majority, , best]) => best < majority / 2);
      return one && better && expert[1] < expert[0] && coins[1] < coins[0] && liar[1] > liar[0];
    }),
    "04/many-heads": every(({ eleven: [majority, , best] }) => Math.abs(majority - 0.7535) < 5e-5 && best < 0.25),
    "04/never-wrong-is-not-a-number": every(({ certain, both }) => certain === "Infinity" && both === "NaN"),
  }),

  exactly("EM on the doctors", () => {
    const tables = dawidSkene(forms, { iterations: 60, tolerance: 0, smoothing: 0 });
    const coin = oneCoin(forms, { iterations: 60, tolerance: 0, right: 0, wrong: 0 });
    const habits = mace(forms, { iterations: 60, tolerance: 0, smoothing: 0 });
    const once = dawidSkene(firstReadings, { iterations: 300, tolerance: 0, smoothing: 0 });
    const certainty = (fit: typeof once) =>
      readings[0].map((_, i) => Math.max(...fit.posterior.slice(4 * i, 4 * i + 4)));
    const said = (i: number) => readings.map((own) => own[i]);
    const unsure = certainty(once);
    const lowest = unsure.indexOf(Math.min(...unsure));
    const patients = readings[0].map((_, i) => i);
    const byVote = majorityVote(forms).label;
    const differ = patients.filter((i) => byVote[i] !== tables.label[i]);
    const ofDoctors = (i: number, doctor1: number) => mostNamed([doctor1, ...said(i).slice(3)]);
    return {
      shares: Array.from(tables.prior, (q) => q.toFixed(2)),
      ends: [tables, habits, coin].map((fit) => fit.logLikelihoods.at(-1)!),
      climbs: [tables, habits, coin].every(({ logLikelihoods: up }) =>
        up.every((v, n) => n === 0 || v >= up[n - 1] - 1e-9),
      ),
      twoAsThree: tables.confusion[(1 * 4 + 1) * 4 + 2],
      oneBelow: [tables.confusion[(0 * 4 + 2) * 4 + 1], tables.confusion[(0 * 4 + 3) * 4 + 2]],
      differ: differ.map((i) => i + 1),
      worse: differ.every((i) => tables.label[i] > byVote[i]),
      asDoctor2: differ.every((i) => tables.label[i] === readings[3][i]),
      tied: differ.filter((i) => mostNamed(said(i)) === undefined).map((i) => i + 1),
      firstSays: differ.filter((i) => ofDoctors(i, said(i)[0]) !== tables.label[i]).map((i) => i + 1),
      usualSays: differ
        .filter((i) => ofDoctors(i, mostNamed(said(i).slice(0, 3))!) !== tables.label[i])
        .map((i) => i + 1),
      patient12: said(11).map((c) => c + 1),
      sizes: [2, 3].map((t) => Array.from(tables.label).filter((label) => label === t).length),
      changed: patients.filter((i) => once.label[i] !== tables.label[i]).length,
      certainty: [certainty(tables)[lowest], unsure[lowest]],
    };
  }).shows({
    "04/doctors-class-shares": every(
      ({ shares, ends: [tables, habits, coin], climbs }) =>
        String(shares) === "0.40,0.42,0.11,0.07" && tables > habits && tables > coin && climbs,
    ),
    "04/severity-has-a-face": every(
      ({ twoAsThree, oneBelow }) => Math.abs(twoAsThree - 0.31) < 0.01 && Math.min(...oneBelow) > 0.3,
    ),
    "04/three-were-one": every(
      ({ differ, worse, tied, firstSays, usualSays, patient12 }) =>
        String(differ) === "2,12,36" &&
        worse &&
        String(tied) === "12" &&
        String(firstSays) === "2" &&
        String(usualSays) === "2,36" &&
        String(patient12) === "2,2,2,3,3,4,3",
    ),
    "04/doctor-2-decides": every(({ asDoctor2, sizes }) => asDoctor2 && String(sizes) === "5,3"),
    "04/three-witnesses": every(
      ({ changed, certainty: [three, one] }) => changed === 0 && Math.abs(three - 0.95) < 0.005 && one < 0.55,
    ),
  }),

  exactly("a rare disease", () => ({
    withPrior: (0.01 * 0.8 ** 3) / (0.01 * 0.8 ** 3 + 0.99 * 0.2 ** 3),
    without: 0.8 ** 3 / (0.8 ** 3 + 0.2 ** 3),
  })).shows({
    "04/unanimous-ill": every(
      ({ withPrior, without }) => Math.abs(withPrior - 0.39) < 0.005 && Math.abs(without - 0.98) < 0.005,
    ),
  }),

  experiment("an M-step that divides by columns", {
    keys: 20,
    run: (key) => ({
      mended: emOnShares(key, 0.3, "row"),
      broken: emOnShares(key, 0.3, "column"),
      even: emOnShares(key, 0.5, "column"),
    }),
  }).shows({
    "04/bug-takes-all": every(
      ({ mended, broken, even }) => mended > 0.15 && mended < 0.45 && broken < 0.01 && Math.min(even, 1 - even) < 0.01,
    ),
  }),

  experiment("spammers, yes-sayers and coins", {
    keys: 20,
    run: (key) => {
      const at = (share: number, place: number) => errorsOf(spammedCrowd(foldIn(key, place), share));
      const coins = spammedCrowd(foldIn(key, 6), 0.4, { spam: "coins" });
      return {
        few: at(0.1, 1),
        four: at(0.4, 4),
        six: at(0.6, 5),
        eight: at(0.8, 8),
        coins: { majority: wrongOf(coins, majorityVote(coins.data)), coin: wrongOf(coins, oneCoin(coins.data)) },
      };
    },
  }).shows({
    "04/models-pay": both(
      mean(({ few }) => few.majority - few.coin, { above: 0 }),
      mean(({ few }) => few.majority - few.tables, { above: 0 }),
      mean(({ few }) => few.majority - few.glad, { above: 0 }),
      mean(({ few }) => few.majority - few.mace, { above: 0 }),
    ),
    "04/one-number-falls": both(
      mean(({ four }) => four.coin - four.majority, { above: 0.05 }),
      mean(({ four }) => four.glad - four.majority, { above: 0.01 }),
    ),
    "04/coins-do-not-fool-it": mean(({ coins }) => coins.majority - coins.coin, { above: 0 }),
    "04/a-prior-does-not-help": mean(({ four }) => four.strongCoin - four.majority, { above: 0.05 }),
    "04/tables-hold": both(
      mean(({ four }) => four.majority - Math.max(four.tables, four.mace), { above: 0.03 }),
      mean(({ six }) => six.majority - Math.max(six.tables, six.mace), { above: 0.05 }),
      mean(({ eight }) => eight.majority - eight.tables, { above: 0 }),
      mean(({ eight }) => eight.majority - eight.mace, { above: 0 }),
    ),
  }),

  experiment("twelve people, two coins, two liars", {
    keys: 40,
    run: (key) => {
      const crowd = mixedCrowd(key);
      const { data, truth } = crowd;
      const fit = dawidSkene(data);
      const real = accuracies(data, truth);
      const byMajority = accuracies(data, majorityVote(data).label);
      const found = spammers(data, fit, 0.03);
      const named = (kind: string) => found.filter((s) => s.kind === kind).map(({ labeler }) => labeler);
      const spam = new Set(named("spammer"));
      return {
        weak: [12, 13, 14, 15].map((w) => byMajority[w] - real[w]),
        strong: [9, 10, 11].map((w) => byMajority[w] - real[w]),
        learned: Math.max(...dawidSkeneAccuracies(fit).map((p, w) => Math.abs(p - real[w]))),
        spammers: [...spam],
        outliers: outliers(data).map(({ labeler }) => labeler),
        all: wrongOf(crowd, fit),
        kept: wrongOf(crowd, dawidSkene(without(data, spam))),
      };
    },
  }).shows({
    "04/majority-flatters": every(
      ({ weak, strong, learned }) => average(weak) > 0.05 && average(strong) < -0.03 && learned < 0.05,
    ),
    "04/outliers-are-liars": both(
      share(({ outliers }) => outliers.includes(14) && outliers.includes(15), { above: 0.9 }),
      every(({ outliers }) => !outliers.includes(12) && !outliers.includes(13)),
    ),
    "04/threshold-hits-the-honest": both(
      share(({ spammers }) => spammers.includes(12) && spammers.includes(13), { above: 0.9 }),
      share(({ spammers }) => spammers.some((w) => w < 12), { above: 0.7 }),
    ),
    "04/weak-voices-cost-nothing": mean(({ all, kept }) => all - kept, { between: [-0.005, 0.003] }),
  }),

  exactly("a coin that is right in 55 % of 240", () => {
    // P(at least 132 of 240), by logarithms of binomial coefficients.
    let log = -240 * Math.log(2);
    let tail = 0;
    for (let k = 0; k <= 240; k++) {
      if (k >= 132) tail += Math.exp(log);
      log += Math.log(240 - k) - Math.log(k + 1);
    }
    return tail;
  }).shows({ "04/a-coin-at-55": every((tail) => Math.abs(tail - 1 / 15) < 0.005) }),

  experiment("people who tire", {
    keys: 20,
    run: (key) => {
      const crowd = tiringCrowd(key);
      const persons = personsOf(crowd.data, 4);
      return {
        majority: wrongOf(crowd, majorityVote(crowd.data)),
        person: wrongOf(crowd, dawidSkene(persons, { smoothing: 0.5 })),
        quarter: wrongOf(crowd, dawidSkene(crowd.data, { smoothing: 0.5 })),
        oracle: wrongOf(crowd, oracle(crowd)),
      };
    },
  }).shows({
    "04/weigh-the-hour": both(
      mean(({ majority, person }) => majority - person, { between: [-0.02, 0.01] }),
      mean(({ majority, quarter }) => quarter - 0.6 * majority, { below: 0 }),
      mean(({ quarter, oracle }) => quarter - oracle, { below: 0.015 }),
    ),
  }),

  experiment("copies of one sheet", {
    keys: 20,
    run: (key) => {
      const sheet = sheetOf(key);
      const at = (copies: number) => {
        const data = withCopies(sheet.data, 9, copies);
        return { majority: wrongOf(sheet, majorityVote(data)), tables: wrongOf(sheet, dawidSkene(data)) };
      };
      const ten = withCopies(sheet.data, 9, 10);
      const rest = (label: ArrayLike<number>) =>
        average(Array.from(label, (said, i) => Number(said !== sheet.truth[i])).slice(50));
      const answers = Array.from({ length: 20 }, (_, w) =>
        Array.from(ten.label).filter((_, k) => ten.labeler[k] === w),
      );
      const before = answers.map((own, v) => answers.slice(0, v).map((other) => cohenKappa(own, other)));
      return {
        none: at(0),
        three: at(3),
        ten: at(10),
        outliers: outliers(ten).map(({ labeler }) => labeler),
        gold: rest(dawidSkene(ten, { gold: goldOf(sheet.truth, 50) }).label),
        mostAlike: Math.max(...before.slice(0, 9).flat()),
        kept: before.flatMap((kappas, w) => (kappas.every((kappa) => kappa < 0.9) ? [w] : [])),
      };
    },
  }).shows({
    "04/three-copies-take-em": both(
      mean(({ three }) => three.tables, { between: [0.4, 0.55] }),
      mean(({ none }) => none.tables, { below: 0.1 }),
    ),
    "04/majority-holds-longer": both(
      mean(({ three }) => three.majority, { between: [0.15, 0.25] }),
      mean(({ ten }) => ten.majority, { between: [0.45, 0.55] }),
    ),
    "04/honest-outliers": every(({ outliers }) => outliers.length >= 2 && outliers.every((w) => w < 9)),
    "04/gold-does-not-cure-copies": mean(({ gold }) => gold, { above: 0.4 }),
    "04/one-of-each-block": every(({ mostAlike, kept }) => mostAlike < 0.5 && String(kept) === "0,1,2,3,4,5,6,7,8,9"),
  }),

  experiment("three are right, four answer backwards", {
    keys: 20,
    run: (key) => {
      const crowd = simulateAnnotations(key, [0.85, 0.8, 0.75, 0.2, 0.25, 0.2, 0.3], 300);
      const free = dawidSkene(crowd.data, { smoothing: 0 });
      const known = dawidSkene(crowd.data, { smoothing: 0, gold: goldOf(crowd.truth, 3) });
      return {
        majority: wrongOf(crowd, majorityVote(crowd.data)),
        free: wrongOf(crowd, free),
        known: wrongOf(crowd, known),
        climbed: [free, known].map((fit) => fit.logLikelihoods.at(-1)!),
      };
    },
  }).shows({
    "04/mirror": both(
      every(({ majority }) => majority > 0.5 && majority < 0.65),
      every(({ free }) => free > 0.9),
      share(({ known }) => known < 0.1, { above: 0.9 }),
    ),
    "04/mirror-is-as-likely": every(
      ({ climbed: [free, known] }) => free < -1000 && free >= known - 1e-9 && free - known < 8,
    ),
  }),

  experiment("judges, honest and bad", {
    keys: 20,
    run: (key) => ({
      none: disorderOf(foldIn(key, 0), 0),
      six: disorderOf(foldIn(key, 6), 0.6),
      eight: disorderOf(foldIn(key, 8), 0.8),
    }),
  }).shows({
    "04/numbers-keep-the-order": both(
      mean(({ six }) => Math.max(six[1], six[2]), { below: 0.15 }),
      mean(({ six, none }) => Math.max(six[1], six[2]) - none[1], { below: 0.07 }),
      mean(({ six }) => six[0], { between: [0.19, 0.31] }),
    ),
    "04/numbers-find-the-mirror": both(
      share(({ eight }) => eight[1] > 0.5, { between: [0.25, 0.75] }),
      share(({ eight }) => eight[2] > 0.5, { between: [0.25, 0.75] }),
      share(({ eight }) => eight[0] > 0.5, { between: [0.25, 0.75] }),
      mean(({ eight }) => Math.abs(eight[1] - 0.5) - Math.abs(eight[0] - 0.5), { above: 0.1 }),
    ),
  }),

  exactly("two freedoms", () => {
    const data = judgementsFromColumns([0, 0, 1], [0, 1, 2], [1, 2, 0]);
    const at = (theta: number, alpha: number) =>
      scaledLogLikelihood(
        [1, 0.2, -0.4].map((x) => x * theta),
        [1.5, 0.3].map((x) => x * alpha),
        data,
      );
    return [at(1, 1), at(0.5, 2), at(-1, -1)];
  }).shows({
    "04/two-freedoms": every(
      ([now, scaled, turned]) => Math.abs(now - scaled) < 1e-12 && Math.abs(now - turned) < 1e-12,
    ),
  }),

  exactly("ward 2", async () => {
    const games = comparisonsFromWins(votes);
    const { theta } = bradleyTerry.fit(games);
    const winners = [pluralityScores(cast), bordaScores(votes)].map((scores) => orderByScore(scores)[0]);
    const majorities = [votes[ARAB][GORDON], votes[GORDON][WONSLEY], votes[WONSLEY][ARAB]];
    return {
      winners: [...winners, (await kemeny(votes)).order[0]],
      elected: instantRunoff(cast).winner,
      by: votes[WONSLEY][ARAB] - votes[ARAB][WONSLEY],
      gordonOverWonsley: votes[GORDON][WONSLEY] > votes[WONSLEY][GORDON],
      copeland: copelandScores(votes),
      smith: smithSet(votes).length,
      ofAll: majorities.map((m) => Math.round((100 * m) / 8915)),
      arabAhead: theta[ARAB] > theta[WONSLEY],
      pValue: bradleyTerry.goodnessOfFit(theta, games).pValue,
      probabilities: bradleyTerry.probabilities(theta).flat(),
    };
  }).shows({
    "04/wonsley-by-19": every(
      ({ winners, elected, by, gordonOverWonsley, copeland, smith }) =>
        winners.every((w) => w === ARAB) &&
        elected === WONSLEY &&
        by === 19 &&
        gordonOverWonsley &&
        copeland.every((c) => c === 1) &&
        smith === 3,
    ),
    "04/no-majority-of-all": every(({ ofAll }) => Math.min(...ofAll) === 42 && Math.max(...ofAll) === 49),
    "04/straightened": every(
      ({ arabAhead, pValue, probabilities }) =>
        arabAhead && pValue > 0.03 && pValue < 0.1 && probabilities.every((p) => Math.abs(p - 0.5) < 0.01),
    ),
  }),

  experiment("people of firm taste, alone and together", {
    keys: 24,
    run: (key) => {
      const interviews = tastes.map(({ theta, sharpness }, w) =>
        simulateJudgements(foldIn(key, w), theta, [{ sharpness }], 150),
      );
      const together = judgementsFromColumns(
        interviews.flatMap(({ winner }, w) => Array.from(winner, () => w)),
        interviews.flatMap(({ winner }) => Array.from(winner)),
        interviews.flatMap(({ loser }) => Array.from(loser)),
      );
      const { theta, alpha } = scaledBradleyTerry(together);
      return {
        circles: interviews.map((own) => labelerConsistency(own)[0].share),
        alpha: Array.from(alpha),
        meant: Array.from(crowdBradleyTerry(together).reliability),
        first: orderByScore(theta)[0],
      };
    },
  }).shows({
    "04/firm-tastes-have-no-circles": both(
      every(({ circles }) => circles.slice(0, 3).every((share) => share < 0.06)),
      mean(({ circles }) => circles[4], { between: [0.15, 0.35] }),
    ),
    "04/a-taste-called-a-lie": every(
      ({ alpha, meant, first }) =>
        Math.max(alpha[1], meant[1] - 0.5) < -0.1 &&
        Math.abs(meant[2] - 0.5) < 0.2 &&
        (first !== 0 || Math.abs(alpha[2]) < 0.2 * alpha[0]),
    ),
    "04/whose-truth-is-chance": share(({ first }) => first === 0, { between: [0.2, 0.8] }),
  }),

  experiment("elections without a Condorcet winner", {
    keys: 20,
    run: (key) => ({
      random: [3, 5, 7].map((items) => noWinner(foldIn(key, items), items, 0)),
      common: [3, 5, 7].map((items) => noWinner(foldIn(key, 10 + items), items, 0.4)),
    }),
  }).shows({
    "04/guilbaud": mean(({ random }) => random[0], { between: [0.06, 0.1] }),
    "04/more-items-more-circles": both(
      mean(({ random }) => random[1] - random[0], { above: 0.05 }),
      mean(({ random }) => random[2] - random[1], { above: 0.05 }),
    ),
    "04/common-taste-few-circles": mean(({ common }) => Math.max(...common), { below: 0.04 }),
  }),

  experiment("buriers", {
    keys: 30,
    run: async (key) => ({
      none: await buried(foldIn(key, 0), 0),
      fifth: await buried(foldIn(key, 2), 0.2),
      half: await buried(foldIn(key, 5), 0.5),
    }),
  }).shows({
    "04/honest-noise-same-order": share(({ none }) => none.same, { above: 0.8 }),
    "04/places-feel-burying": both(
      mean(({ fifth }) => fifth.borda, { between: [0.8, 1.3] }),
      mean(({ fifth }) => fifth.plackettLuce - fifth.borda, { above: 0.3 }),
      mean(({ fifth }) => fifth.kemeny, { between: [0.1, 0.6] }),
      mean(({ fifth }) => fifth.copeland, { between: [0.1, 0.6] }),
    ),
    "04/kemeny-gives-all": both(
      share(({ half }) => half.places[1] === 5, { above: 0.9 }),
      mean(({ half }) => half.places[0], { between: [2.7, 3.6] }),
    ),
  }),

  experiment("local search for Kemeny's order", {
    keys: 20,
    run: async (key) => {
      const tally = pairwiseTally(plackettLuce.simulate(key, new Array<number>(10).fill(0), 15));
      return (await kemeny(tally)).disagreement === kemenyLocal(tally).disagreement;
    },
  }).shows({ "04/local-usually-optimal": share((same) => same, { above: 0.7 }) }),

  exactly("Arrow, by looking", () => {
    const orders = permutations(3);
    const elections = orders.flatMap((a) => orders.flatMap((b) => orders.map((c) => [a, b, c])));
    const rules = independentRules();
    return {
      circles: elections.filter((all) => majorityCycle(pairwiseTally(rankingsFromOrders(all)))).length,
      breaches: [
        independenceViolation(pluralityScores),
        independenceViolation((r) => bordaScores(pairwiseTally(r))),
        independenceViolation((r) => copelandScores(pairwiseTally(r))),
      ].map((found) => found !== undefined),
      dictator: independenceViolation((r) => [0, 1, 2].map((i) => -Array.from(r.order).indexOf(i))) === undefined,
      rules: rules.length,
      orderly: rules.filter(({ disorders }) => disorders === 0).map(({ dictator }) => dictator ?? -1),
    };
  }).shows({
    "04/four-ways-fail": every(
      ({ circles, breaches, dictator }) => circles === 12 && breaches.every((broken) => broken) && dictator,
    ),
    "04/only-dictators": every(({ rules, orderly }) => rules === 729 && String(orderly.sort()) === "0,1"),
  }),

  experiment("Bradley-Terry and Borda", {
    keys: 20,
    run: (key) => {
      const [a, b] = split(key);
      const utility = [1, 0.8, 0.6, 0.4, 0.2, 0];
      const agree = (tally: number[][]) => {
        const { theta } = bradleyTerry.fit(comparisonsFromWins(tally), { prior: { gaussian: 3 } });
        const borda = bordaScores(tally);
        return borda.every((x, i) => borda.every((y, j) => x <= y || theta[i] > theta[j]));
      };
      return {
        equally: agree(pairwiseTally(plackettLuce.simulate(a, utility, 15))),
        unequally: agree(pairwiseTally(plackettLuce.simulate(b, utility, 40, { length: 3 }))),
      };
    },
  }).shows({
    "04/bradley-terry-is-borda": every(({ equally }) => equally),
    "04/unequal-pairs-part": share(({ unequally }) => !unequally, { above: 0.3 }),
  }),
];
