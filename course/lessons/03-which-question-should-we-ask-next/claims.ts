// Lesson 03's sentences about results, held over keys: each key has worlds and answers of its own.

import { type Key, key, linspace, logSigmoid, normal, sigmoid, split, uniform } from "rlhf-lab";
import { baseball1987 } from "rlhf-lab/data";
import {
  active,
  bradleyTerry,
  comparisonsFromColumns,
  comparisonsFromWins,
  covariates,
  epPosterior,
  flipLabels,
  laplacePosterior,
  simulateComparisons,
} from "rlhf-lab/preferences";
import { askForLimit, draftsWorld, lengthsWorld } from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const { strategies } = active;
const budget = 60;
const deviation = 1;
const average = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Sixty questions in a world of drafts: how many were ties, and what was learned. */
function race(key: Key, versionSize: number, name: string, prior = deviation) {
  const [make, answers] = split(key);
  const world = draftsWorld(make, { versionSize });
  const run = active.askAndLearn(answers, world, { strategy: strategies[name], budget, deviation: prior });
  const weights = run.posterior.mean;
  const [traits, commas] = [weights.slice(0, -2), weights.slice(-2)];
  return {
    ties: run.asked.filter((q) => world.isTie[q]).length,
    loss: run.loss[budget],
    curve: run.loss,
    regret: run.regret[budget],
    commas: Math.hypot(...commas),
    // What it would predict if it did not believe anything of commas.
    withoutCommas: active.excessLoss(
      world.utility,
      world.features.map((row) => traits.reduce((sum, w, c) => sum + w * row[c], 0)),
      world.heldOut,
    ),
  };
}

/** What is unknown of ties and contests before the first answer: the largest and the smallest, in nats. */
function unknownAtFirst(key: Key, versionSize: number) {
  const world = draftsWorld(key, { versionSize });
  const blank = { mean: world.weights.map(() => 0), covariance: world.weights.map((_, i) => unit(world, i)) };
  const height = active.unknowns(world, blank);
  const [ties, contests] = [true, false].map((tie) => height.filter((_, q) => world.isTie[q] === tie));
  return { ties: [Math.min(...ties), Math.max(...ties)], contests: [Math.min(...contests), Math.max(...contests)] };
}
const unit = (world: { weights: number[] }, i: number) => world.weights.map((_, j) => (i === j ? 1 : 0));

/** After twenty random answers: the world, its belief by Laplace and by expectation propagation, all questions. */
function afterTwenty(key: Key) {
  const [make, answers] = split(key);
  const world = draftsWorld(make);
  const run = active.askAndLearn(answers, world, { strategy: strategies.random, budget: 20, deviation });
  const questions = world.questions.map(([i, j]) => world.features[i].map((value, c) => value - world.features[j][c]));
  const pair = (q: number, first: boolean) => world.questions[q][first ? 0 : 1];
  const data = comparisonsFromColumns(
    run.asked.map((q, n) => pair(q, run.answers[n] === 1)),
    run.asked.map((q, n) => pair(q, run.answers[n] !== 1)),
    { items: world.features.length },
  );
  const exact = epPosterior(data, { deviation, features: world.features });
  return { world, belief: run.posterior, exact, questions };
}
const best = (values: readonly number[]) => values.indexOf(Math.max(...values));
const largest = (values: readonly number[], size: number) =>
  values
    .map((_, q) => q)
    .sort((a, b) => values[b] - values[a])
    .slice(0, size);

/**
 * One weight with prior Normal(0, deviation^2), after wins and losses of a question with x = 1: exact, and by Laplace.
 */
function oneWeight(won: number, lost: number, deviation: number) {
  const grid = linspace(-20, 30, 8001);
  const log = grid.map((w) => -(w ** 2) / (2 * deviation ** 2) + won * logSigmoid(w) + lost * logSigmoid(-w));
  const mass = log.map((value) => Math.exp(value - Math.max(...log)));
  const total = mass.reduce((a, b) => a + b);
  const expected = (f: (w: number) => number) => mass.reduce((sum, m, i) => sum + (m / total) * f(grid[i]), 0);
  const winner = [...Array<number>(won).fill(0), ...Array<number>(lost).fill(1)];
  const data = comparisonsFromColumns(
    winner,
    winner.map((w) => 1 - w),
    { items: 2 },
  );
  const { mean: centre, covariance } = laplacePosterior(data, { deviation, features: [[1], [0]] });
  const centreOf = expected((w) => w);
  const about = { mean: centre[0], variance: covariance[0][0] };
  const { total: hard } = active.gaussianInformationGain(about);
  const probability = expected(sigmoid);
  return {
    mean: [centreOf, about.mean],
    deviation: [Math.sqrt(expected((w) => (w - centreOf) ** 2)), Math.sqrt(about.variance)],
    entropy: [active.binaryEntropy(probability), hard],
    gain: [
      active.binaryEntropy(probability) - expected((w) => active.binaryEntropy(sigmoid(w))),
      active.gaussianInformationGain(about).gain,
    ],
  };
}

const league = baseball1987();
const season = bradleyTerry.fit(comparisonsFromWins(league.wins, league));
const games: [number, number][] = [];
const recorded: number[] = [];
for (let i = 0; i < 7; i++) {
  for (let j = i + 1; j < 7; j++) {
    for (let game = 0; game < 13; game++) {
      games.push([i, j]);
      recorded.push(game < league.wins[i][j] ? 1 : 0);
    }
  }
}
const baseball = {
  features: league.names.map((_, i) => unit({ weights: [...season.theta] }, i)),
  utility: season.theta,
  questions: games,
  heldOut: games.filter((_, game) => game % 13 === 0),
  recorded,
};
const lookUp = (key: Key, name: string) =>
  active.askAndLearn(key, baseball, { strategy: strategies[name], budget: 80, deviation: 0.7 }).loss;

/** Batches after twenty answers: what greedy picks, the best scores and random questions teach together. */
function batches(key: Key) {
  const [a, b, c] = split(key, 3);
  const { belief, questions } = afterTwenty(a);
  const together = (picked: readonly number[]) => {
    let now = belief;
    return picked.reduce((sum, q) => {
      const gain = active.dOptimalGain(now, questions[q]);
      now = active.afterAsking(now, questions[q]);
      return sum + gain;
    }, 0);
  };
  const dice = (k: Key, size: number) => largest(Array.from(uniform(k, questions.length)), size);
  const alone = questions.map((x) => active.dOptimalGain(belief, x));
  const members = active.posteriorMembers(c, belief, 64);
  const opinions = questions.map((x) => active.memberProbabilities(members, x));
  const single = opinions.map((probabilities) => active.informationGain(probabilities).gain);
  const joint = (picked: readonly number[]) => active.batchInformationGain(picked.map((q) => opinions[q]));
  const topSix = largest(single, 6);
  return {
    greedy: active.dOptimalBatch(belief, questions, 12).gain[11],
    top: together(largest(alone, 12)),
    random: together(dice(b, 12)),
    alone: average(largest(alone, 12).map((q) => alone[q])) * 12,
    jointGreedy: active.informationBatch(opinions, 6).gain[5],
    jointTop: joint(topSix),
    jointRandom: joint(dice(b, 6)),
    jointAlone: topSix.reduce((sum, q) => sum + single[q], 0),
  };
}

/** Texts of different length: loss, the weight of length, and an audit of a hundred random questions. */
function lengthsRun(key: Key, model: "straight" | "bent", name: string, questions = 50) {
  const [make, answers, audit] = split(key, 3);
  const world = lengthsWorld(make);
  const seen = { ...world, features: world[model] };
  const { loss, posterior } = active.askAndLearn(answers, seen, {
    strategy: strategies[name],
    budget: questions,
    deviation: 2,
  });
  const [pick, reply] = split(audit).map((k) => uniform(k, 100));
  const gaps = Array.from(pick, (u, n) => {
    const [i, j] = world.questions[Math.floor(u * world.questions.length)];
    const z = active.logOddsOf(
      posterior,
      world[model][i].map((value, c) => value - world[model][j][c]),
    ).mean;
    const first = reply[n] < sigmoid(world.utility[i] - world.utility[j]);
    return -Math.log(sigmoid(first ? z : -z)) - active.entropyOfLogOdds(z);
  });
  const gap = average(gaps);
  const error = Math.sqrt(average(gaps.map((g) => (g - gap) ** 2)) / 99);
  return { loss: loss[questions], early: loss[15], slope: posterior.mean[0], gap, alarm: gap / error };
}

/** Twelve items, each pair asked so often, answers with slips; the learner believes in a share of slips. */
function slippery(key: Key, times: number, slips: number, believed = slips): number {
  const [truth, draw, spoil] = split(key, 3);
  const utility = normal(truth, 12);
  const answers = flipLabels(spoil, simulateComparisons(draw, utility, times), slips);
  const { theta } = bradleyTerry.fit(answers, { noise: { flip: believed }, prior: { gaussian: 1 } });
  return active.excessLoss(utility, theta, everyPair);
}
/** The share of pairs in the right order, three tenths of slips that the learner knows nothing of. */
function inOrder(key: Key, times: number): number {
  const [truth, draw, spoil] = split(key, 3);
  const utility = normal(truth, 12);
  const answers = flipLabels(spoil, simulateComparisons(draw, utility, times), 0.3);
  const { theta } = bradleyTerry.fit(answers, { prior: { gaussian: 1 } });
  return average(everyPair.map(([i, j]) => ((utility[i] - utility[j]) * (theta[i] - theta[j]) > 0 ? 1 : 0)));
}
const everyPair = linspace(0, 143, 144)
  .map((c) => [Math.floor(c / 12), c % 12] as const)
  .filter(([i, j]) => i < j);

/** 144 answers, so many labelers for each pair, over pairs of so many texts. */
function spent(key: Key, labelers: number, texts: number): number {
  const answers = 144;
  const [make, pick, luck] = split(key, 3);
  const world = draftsWorld(make, { contests: 1104 });
  const contests = world.questions.filter(
    ([i, j], q) => !world.isTie[q] && Math.max(i, j) < 4 * texts, // four versions of each text
  );
  const [which, coin] = [uniform(pick, answers), uniform(luck, answers)];
  const [winner, loser]: [number[], number[]] = [[], []];
  for (let n = 0; n < answers; n++) {
    const [i, j] = contests[Math.floor(which[Math.floor(n / labelers)] * contests.length)];
    const first = coin[n] < sigmoid(world.utility[i] - world.utility[j]);
    winner.push(first ? i : j);
    loser.push(first ? j : i);
  }
  const data = comparisonsFromColumns(winner, loser, { items: world.features.length });
  const { theta } = covariates.fit(data, world.features, { ridge: 1 });
  return active.excessLoss(world.utility, theta, world.heldOut);
}

const sizes = [0.1, 0.3, 1] as const;

/** Forty answers about a limit among 64 places, a fifth of them slips: what is not known, in nats, after each. */
function interview(key: Key, way: "median" | "random" | "middle"): number[] {
  const all = linspace(1, 63, 63);
  const probabilities = all.map((q) => linspace(0, 63, 64).map((c) => (c < q ? 0.8 : 0.2)));
  const entropy = (p: readonly number[]) => p.reduce((sum, x) => sum - (x > 0 ? x * Math.log(x) : 0), 0);
  const choices = {
    median: (belief: readonly number[]) =>
      all[best(probabilities.map((yes) => active.informationGain(yes, belief).gain))],
    random: (_: readonly number[], luck: number) => all[Math.floor(luck * all.length)],
    middle: () => 32,
  };
  return askForLimit(key, { choose: choices[way] }).beliefs.map(entropy);
}

export default [
  experiment("sixty questions, three sizes of a comma", {
    keys: 20,
    run: (key) => {
      const by = (name: string) => sizes.map((size) => race(key, size, name));
      return { random: by("random"), uncertainty: by("uncertainty"), information: by("information gain") };
    },
  }).shows({
    "03/told-that-commas-are-small": every(({ information: [small] }) => small.ties === 0),
    "03/asked-no-tie-and-knows-more": mean(({ information: [a], random: [b] }) => a.loss - b.loss, { below: -0.03 }),
    "03/known-ties-waste-uncertainty": both(
      mean(({ uncertainty: [{ ties }] }) => ties, { between: [36, 44] }),
      mean(({ uncertainty: [a], random: [b] }) => a.loss - b.loss, { above: 0 }),
    ),
    "03/a-third-and-the-order-turns": both(
      mean(({ uncertainty: [, { ties }] }) => ties, { below: 15 }),
      mean(({ information: [, { ties }] }) => ties, { between: [4, 8] }),
      mean(({ uncertainty: [, a], random: [, b] }) => a.loss - b.loss, { below: 0.02 }),
    ),
    "03/who-does-not-know-asks-ties": both(
      every(({ uncertainty: [, , a], information: [, , b] }) => a.ties < 6 && b.ties > 10),
      mean(({ information: [, , a], random: [, , b] }) => a.loss - b.loss, { below: -0.03 }),
    ),
    "03/few-ties-and-still-behind": both(
      mean(({ uncertainty: [, , a], information: [, , b] }) => a.loss - b.loss, { above: 0.09 }),
      mean(({ uncertainty: [, , a], random: [, , b] }) => a.loss - b.loss, { above: 0.01 }),
    ),
    "03/knowledge-pays": mean(({ information: [told, , untold] }) => untold.loss - told.loss, { above: 0 }),
    "03/believes-three-coins": both(
      share(({ uncertainty: [, , { ties }] }) => ties === 3, { between: [0.8, 1] }),
      mean(({ uncertainty: [, , { commas }] }) => commas, { above: 0.75 }),
      mean(({ information: [, , { commas }] }) => commas, { below: 0.4 }),
      mean(({ uncertainty: [, , a], random: [, , b] }) => a.withoutCommas - b.withoutCommas, { below: -0.01 }),
      mean(({ uncertainty: [, , { withoutCommas }] }) => withoutCommas, { between: [0.03, 0.09] }),
    ),
    "03/several-times-fewer": (seen) => {
      const curve = (runs: (one: (typeof seen)[number]) => { curve: number[] }) =>
        linspace(0, budget, budget + 1).map((n) => average(seen.map((one) => runs(one).curve[n])));
      const saved = sizes.map((_, s) => {
        const level = curve(({ random }) => random[s])[budget];
        return (
          budget /
          active.answersNeeded(
            curve(({ information }) => information[s]),
            level,
          )
        );
      });
      return {
        holds: saved[0] > 3 && saved[0] < 10 && saved[2] > 1.5 && saved[2] < 4,
        seen: saved.map((times) => times.toFixed(1)).join(", "),
        wanted: "3 to 10 times at size 0.1, 1.5 to 4 at size 1",
      };
    },
  }),

  experiment("uncertainty against the dice", {
    keys: 60,
    run: (key) => race(key, 0.1, "uncertainty").loss - race(key, 0.1, "random").loss,
  }).shows({
    "03/behind-in-two-of-three": both(
      share((behind: number) => behind > 0, { between: [0.58, 0.78] }),
      mean((behind: number) => behind, { above: 0.02 }),
    ),
  }),

  experiment("sixty questions, other priors", {
    keys: 20,
    run: (key) => {
      const by = (prior: number) =>
        ["random", "uncertainty", "information gain"].map((name) => race(key, 0.1, name, prior).loss);
      return { half: by(0.5), two: by(2) };
    },
  }).shows({
    "03/other-priors-same-order": both(
      ...(["half", "two"] as const).flatMap((prior) => [
        mean(({ [prior]: loss }: Record<typeof prior, number[]>) => loss[2] - loss[0], { below: -0.01 }),
        mean(({ [prior]: loss }: Record<typeof prior, number[]>) => loss[1] - loss[2], { above: 0.03 }),
      ]),
    ),
  }),

  experiment("votes and volumes", {
    keys: 20,
    run: (key) => ({
      vote: race(key, 0.1, "vote entropy"),
      volume: race(key, 0.1, "D-optimal"),
      random: race(key, 0.1, "random"),
    }),
  }).shows({
    "03/votes-scatter": both(
      mean(({ vote }) => vote.ties, { between: [20, 31] }),
      mean(({ vote, random }) => vote.loss - random.loss, { between: [-0.08, 0.08] }),
    ),
    "03/volume-asks-no-tie": both(
      every(({ volume }) => volume.ties === 0),
      mean(({ volume, random }) => volume.loss - random.loss, { below: -0.03 }),
    ),
  }),

  experiment("a limit on a line", {
    keys: 40,
    run: (key) => ({
      median: interview(key, "median"),
      random: interview(key, "random"),
      middle: interview(key, "middle"),
    }),
  }).shows({
    // Nats taken away by each of the first ten answers; at most ln 2 - h(0.2) = 0.193.
    "03/median-at-capacity": mean(({ median }) => (median[0] - median[10]) / 10, { between: [0.15, 0.23] }),
    "03/line-random-and-middle": both(
      mean(({ median, random }) => random[40] - median[20], { above: 0 }),
      mean(({ middle }) => middle[40], { between: [Math.log(32) - 0.05, Math.log(32) + 0.1] }),
      mean(({ median }) => median[40], { below: 0.6 }),
    ),
  }),

  exactly("what is unknown of a comma", () => sizes.map((size) => unknownAtFirst(key(1), size))).shows({
    "03/the-prior-decides": every(
      ([small, , large]) =>
        small.ties[1] < 0.32 && large.ties[0] > 1.99 && Math.abs(large.ties[1] - 10 * small.ties[1]) < 1e-9,
    ),
  }),

  exactly("Laplace of one weight", () => ({ narrow: oneWeight(3, 0, 1), wide: oneWeight(3, 0, 4) })).shows({
    "03/laplace-leans-to-zero": every(
      ({
        narrow: {
          mean: [exact, laplace],
        },
      }) => exact - laplace > 0.01 && exact - laplace < 0.06,
    ),
    "03/laplace-gain-is-near": every(
      ({
        narrow: {
          gain: [exact, laplace],
        },
      }) => Math.abs(laplace / exact - 1) < 0.03,
    ),
    "03/laplace-wide-prior": every(
      ({
        wide: {
          mean: [exact, laplace],
          gain,
        },
      }) => Math.abs(exact - laplace - 1) < 0.2 && gain[1] / gain[0] > 1.7 && gain[1] / gain[0] < 2,
    ),
  }),

  experiment("after twenty answers", {
    keys: 12,
    run: (key) => {
      const { belief, exact, questions } = afterTwenty(key);
      const gainsOf = (posterior: typeof belief) =>
        questions.map((x) => active.gaussianInformationGain(active.logOddsOf(posterior, x)).gain);
      const [gains, other] = [gainsOf(belief), gainsOf(exact)];
      const [small, large] = [4, 64].map((size, s) => {
        const members = active.posteriorMembers(split(key, 5)[s + 2], belief, size);
        return gains[best(questions.map((x) => active.informationGain(active.memberProbabilities(members, x)).gain))];
      });
      const ten = active.posteriorMembers(split(key, 5)[4], belief, 10);
      const sampled = questions.map((x) => active.informationGain(active.memberProbabilities(ten, x)).gain);
      const volumes = questions.map((x) => active.dOptimalGain(belief, x));
      const top = Math.max(...gains);
      return {
        byLaplace: other[best(gains)] / Math.max(...other),
        byVolume: gains[best(volumes)] / top,
        byFour: small / top,
        bySixtyFour: large / top,
        ofTen: average(sampled) / average(gains),
        promised: Math.max(...volumes),
      };
    },
  }).shows({
    "03/laplace-picks-well": mean(({ byLaplace }) => byLaplace, { above: 0.95 }),
    "03/volume-picks-well": both(
      mean(({ byVolume }) => byVolume, { above: 0.95 }),
      share(({ promised }) => promised > Math.LN2, { between: [0.2, 0.9] }),
    ),
    "03/members-needed": both(
      mean(({ byFour }) => byFour, { below: 0.9 }),
      mean(({ bySixtyFour }) => bySixtyFour, { above: 0.93 }),
    ),
    "03/ten-members-see-less": mean(({ ofTen }) => ofTen, { between: [0.78, 0.97] }),
  }),

  experiment("a real season", {
    keys: 40,
    run: (key) => {
      const [random, uncertainty, information] = ["random", "uncertainty", "information gain"].map((name) =>
        lookUp(key, name),
      );
      return [40, 80].map((n) => ({
        information: information[n] - random[n],
        uncertainty: uncertainty[n] - random[n],
      }));
    },
  }).shows({
    "03/no-gain-in-a-league": both(
      mean(([forty]) => forty.information, { between: [-0.015, 0.015] }),
      mean(([, eighty]) => eighty.information, { between: [-0.012, 0.012] }),
    ),
    "03/uncertainty-behind-the-dice": mean(([, eighty]) => eighty.uncertainty, { above: 0 }),
  }),

  experiment("batches", { keys: 12, run: batches }).shows({
    "03/greedy-teaches-more": both(
      every(({ greedy, top }) => greedy > top),
      mean(({ greedy, top }) => greedy / top, { between: [1.04, 1.25] }),
      mean(({ jointGreedy, jointTop }) => jointGreedy / jointTop, { between: [1.05, 1.4] }),
    ),
    "03/promises-overlap": both(
      mean(({ top, alone }) => top / alone, { below: 0.65 }),
      mean(({ jointTop, jointAlone }) => jointTop / jointAlone, { below: 0.8 }),
    ),
    "03/random-is-far-behind": mean(({ top, random }) => top / random, { above: 2 }),
  }),

  experiment("quality and quantity", {
    keys: 60,
    run: (key) => ({
      four: slippery(key, 4, 0),
      sixteen: slippery(key, 16, 0),
      tenth: slippery(key, 25, 0.1),
      third: slippery(key, 25, 0.3),
      thirdOfAsMany: slippery(key, 4, 0.3),
      untold: slippery(key, 64, 0.3, 0),
      untoldMore: slippery(key, 256, 0.3, 0),
      toldMore: slippery(key, 256, 0.3),
    }),
  }).shows({
    "03/an-exchange-rate": (seen) => {
      const of = (name: keyof (typeof seen)[number]) => average(seen.map((one) => one[name]));
      const ratios = [of("tenth") / of("sixteen"), of("third") / of("four"), of("thirdOfAsMany") / of("four")];
      return {
        holds: ratios[0] > 1 && ratios[0] < 1.45 && ratios[1] > 1 && ratios[1] < 1.7 && ratios[2] > 2,
        seen: `losses ${ratios.map((ratio) => ratio.toFixed(2)).join(", ")} times the clean learner's`,
        wanted: "1 to 1.45 times, 1 to 1.7 times; above 2 with as many answers",
      };
    },
    "03/no-rate-for-untold-slips": both(
      mean(({ untoldMore }) => untoldMore, { above: 0.05 }),
      mean(({ untold, untoldMore }) => untold - untoldMore, { below: 0.012 }),
      mean(({ toldMore }) => toldMore, { below: 0.01 }),
    ),
  }),

  experiment("the order under untold slips", {
    keys: 20,
    run: (key) => [4, 64].map((times) => inOrder(key, times)),
  }).shows({
    "03/order-survives-untold-slips": both(
      mean(([four]) => four, { between: [0.7, 0.8] }),
      mean(([, many]) => many, { between: [0.9, 0.95] }),
    ),
  }),

  experiment("labelers, pairs and texts", {
    keys: 20,
    run: (key) => ({
      one: spent(key, 1, 24),
      three: spent(key, 3, 24),
      twelve: spent(key, 12, 24),
      sixTexts: spent(key, 1, 6),
      dozenTexts: spent(key, 1, 12),
    }),
  }).shows({
    "03/labelers-or-pairs": both(
      mean(({ three, one }) => three - one, { between: [-0.008, 0.012] }),
      mean(({ twelve, one }) => twelve - one, { above: 0.003 }),
    ),
    "03/few-texts-teach-little": both(
      mean(({ sixTexts, one }) => sixTexts - one, { above: 0.04 }),
      mean(({ dozenTexts, one }) => dozenTexts - one, { below: 0.015 }),
    ),
  }),

  experiment("the wrong model", {
    keys: 20,
    run: (key) => {
      const of = (model: "straight" | "bent", questions = 50) =>
        ["random", "D-optimal"].map((name) => lengthsRun(key, model, name, questions));
      const [information, bentInformation] = (["straight", "bent"] as const).map((model) =>
        lengthsRun(key, model, "information gain"),
      );
      return { straight: of("straight"), more: of("straight", 150), bent: of("bent"), information, bentInformation };
    },
  }).shows({
    "03/clever-and-wrong": both(
      mean(({ straight: [random, volume] }) => volume.loss - random.loss, { above: 0.1 }),
      mean(({ straight: [random], information }) => information.loss - random.loss, { above: 0 }),
    ),
    "03/extremes-say-longer-is-worse": both(
      mean(({ straight: [, volume] }) => volume.slope, { below: -0.3 }),
      mean(({ straight: [random] }) => random.slope, { above: 0.1 }),
    ),
    "03/more-answers-do-not-help": both(
      mean(({ more: [, volume], straight: [, fewer] }) => volume.loss - fewer.loss, { above: 0 }),
      mean(({ more: [random] }) => random.loss, { between: [0.05, 0.13] }),
    ),
    "03/right-model-little-to-choose": both(
      mean(({ bent: [random, volume] }) => volume.loss - random.loss, { between: [-0.04, 0.02] }),
      mean(({ bent: [random], bentInformation }) => bentInformation.loss - random.loss, { between: [-0.05, 0.08] }),
    ),
    "03/right-model-early": mean(({ bent: [random, volume] }) => volume.early - random.early, { below: 0 }),
    "03/audit-hears-false-confidence": both(
      mean(({ straight: [, volume] }) => volume.gap, { above: 0.2 }),
      mean(({ straight: [random] }) => random.gap, { between: [-0.03, 0.1] }),
      mean(({ bent: [, volume] }) => volume.gap, { between: [-0.05, 0.03] }),
    ),
    "03/audit-of-a-hundred-rings-in-half": share(({ straight: [, volume] }) => volume.alarm > 3, {
      between: [0.3, 0.75],
    }),
  }),
];
