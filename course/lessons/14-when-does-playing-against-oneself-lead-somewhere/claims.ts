import { type Key, split } from "rlhf-lab";
import {
  bestAnswers,
  colonelBlotto,
  counterfactualRegret,
  exploitability,
  gameNashConv,
  kuhnPoker,
  multiplicativeWeights,
  replicatorFlow,
} from "rlhf-lab/games";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactKL } from "rlhf-lab/numerics";
import { normal } from "rlhf-lab/random";
import {
  againstFlatteringCritic,
  againstHarshestCritic,
  bestReply,
  bradleyTerryUnderSampling,
  editDistance,
  eloRatings,
  evolve,
  exploit,
  giniSimpson,
  mapElites,
  mirrorStep,
  nashAverage,
  nashMdStep,
  onlineIpoMap,
  type PopulationOptions,
  perturb,
  populationToy,
  regressionGenerations,
  regularisedEquilibrium,
  resampleGenerations,
  selfLabelled,
  selfPlay,
  spinStep,
  sppoStep,
  stepsToOpen,
  takeover,
  tournamentSelection,
  trainPopulation,
  vonNeumannWinner,
  winRateLogits,
} from "rlhf-lab/selfplay";
import { type CritiqueJudge, critiqueReviseStudy } from "rlhf-lab/studies";
import { disposeTree } from "rlhf-lab/tensor";
import {
  countedPreferences,
  criticPanel,
  cyclicAgents,
  cyclicReplies,
  fondJudge,
  phraseSearch,
  phraseTask,
  rightReplies,
  rockPaperScissors,
  zipfShares,
} from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share, undecided } from "../../../scripts/claims/claim.js";

const { preferences, ref } = cyclicReplies;
const average = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const largest = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => Math.max(a, b));
const argmax = (values: ArrayLike<number>) => Array.from(values).indexOf(largest(values));
const logOf = (p: ArrayLike<number>) => Float64Array.from(p, Math.log);
const only = (y: number) => preferences.map((_, i) => (i === y ? 1 : 0));
const lost = (policy: ArrayLike<number>) => exploitability(preferences, policy, policy);

const begin = [0.5, 0.3, 0.2];
const rps = (x: ArrayLike<number>) => exploitability(rockPaperScissors, x, x);
const product = (x: ArrayLike<number>) => x[0] * x[1] * x[2];

/** KL from the regularised equilibrium after so many steps. */
function away(tau: number, steps: number, step: (policy: Float64Array, t: number) => ArrayLike<number>): number {
  const goal = regularisedEquilibrium(preferences, { ref, tau });
  return exactKL(logOf(goal), logOf(selfPlay(ref, step, { steps }).last));
}

const toy = populationToy();
const keepTies: PopulationOptions["exploit"] = (workers, scores) => exploit(workers, scores, { ties: "keep" });
const explore: PopulationOptions["explore"] = (k, h) => perturb(k, h, { noise: 0.1 });
function bestQ(k: Key, options: Partial<PopulationOptions>): number {
  return largest(
    trainPopulation(k, { ...toy, steps: 200, every: 10, ...options }).map(({ theta }) => toy.score(theta)),
  );
}

const task = phraseTask();
const [reference, utility] = [task.reference[0], task.utility[0]];
const { kindOf, bestOfKind, start: draw, mutate, fitness } = phraseSearch(task);
function searches(k: Key) {
  const [startKey, runKey] = split(k);
  const common = { start: draw(startKey, 100), mutate, fitness };
  const genetic = { ...common, generations: 39, size: 2, change: 0.1 };
  const distance = (a: number, b: number) => editDistance(task.tree.sequences[a], task.tree.sequences[b]);
  const archive = mapElites(runKey, { ...common, cell: (y) => kindOf[y], evaluations: 4000 });
  const of = (ys: readonly number[]) => ({
    mean: average(ys.map((y) => utility[y])),
    kinds: new Set(ys.map((y) => kindOf[y])).size,
    best: largest(ys.map((y) => utility[y])),
  });
  return {
    plain: of(evolve(runKey, genetic)),
    sharing: of(evolve(runKey, { ...genetic, sharing: { distance, radius: 2, shift: 5 } })),
    optima: [...archive].filter(([kind, { fitness }]) => fitness === bestOfKind.get(kind)).length,
  };
}

const right = rightReplies(task);
const rightAfter = (acceptance: ArrayLike<number>, rounds: number) =>
  exactExpectation(selfLabelled(reference, acceptance, rounds), right);

const zipf = zipfShares(50);

const short = phraseTask({ length: 4 });
const writer = transformer({ vocabulary: 7, context: 6, width: 32, layers: 1, heads: 2 });
const study = critiqueReviseStudy(short, writer);

export default [
  exactly("four replies in a circle", async () => {
    const path: number[] = [];
    let policy: ArrayLike<number> = ref;
    for (let round = 0; round < 9; round++) {
      path.push(bestReply(preferences, policy));
      policy = only(path[round]);
    }
    const winners: number[] = [];
    for (const corner of [0, 1, 2]) {
      const mu = [0.1, 0.1, 0.1, 0.1].map((p, y) => (y === corner ? 0.7 : p));
      winners.push(argmax(bradleyTerryUnderSampling(preferences, mu)));
    }
    return { path, winners, all: argmax(bradleyTerryUnderSampling(preferences)) };
  }).shows({
    "14/best-replies-go-round": every(
      ({ path }) => path.every((y, t) => t < 3 || y === path[t - 3]) && new Set(path).size === 3,
    ),
    "14/sampling-crowns": every(({ winners }) => winners.join() === "2,0,1"),
  }),

  experiment("comparisons of each pair", {
    keys: 30,
    run: async (k) => {
      const worst = (policy: ArrayLike<number>) => -lost(policy);
      const at = async (n: number) => {
        const counted = countedPreferences(k, n);
        return {
          mixture: worst(await vonNeumannWinner(counted)),
          favourite: worst(only(argmax(bradleyTerryUnderSampling(counted)))),
        };
      };
      return { few: await at(5), many: await at(320) };
    },
  }).shows({
    "14/more-data-helps-the-mixture": both(
      mean(({ many }) => many.mixture, { above: -0.02 }),
      mean(({ few, many }) => many.mixture - few.mixture, { above: 0.07 }),
      mean(({ many }) => many.favourite, { below: -0.19 }),
    ),
  }),

  exactly("rock, paper, scissors", () => {
    const weights = (options: object) =>
      multiplicativeWeights(rockPaperScissors, begin, { rate: 0.1, steps: 3000, ...options });
    const plain = weights({});
    return {
      conserved: Math.abs(product(replicatorFlow(rockPaperScissors, begin, { time: 200 }).last) - 0.03),
      early: product(weights({ steps: 600 }).last),
      late: product(plain.last),
      last: rps(plain.last),
      optimistic: rps(weights({ optimistic: true }).last),
      entropy: rps(weights({ entropy: 0.2 }).last),
      average: rps(plain.average),
    };
  }).shows({
    "14/replicator-conserves": every(({ conserved }) => conserved < 1e-9),
    "14/plain-steps-spiral-out": every(({ early, late, last }) => early < 0.03 && late < early && last > 0.9),
    "14/optimism-and-entropy-arrive": every(({ optimistic, entropy }) => optimistic < 0.002 && entropy < 1e-9),
  }),

  exactly("Kuhn's poker", () => {
    const poker = kuhnPoker();
    const { average: mixed, last } = counterfactualRegret(poker, { iterations: 100 });
    const rock = multiplicativeWeights(rockPaperScissors, begin, { rate: 0.1, steps: 10_000 });
    return {
      average: gameNashConv(poker, mixed) / 2,
      last: gameNashConv(poker, last) / 2,
      rock: [rps(rock.average), rps(rock.last)],
    };
  }).shows({
    "14/the-average-arrives": every(
      (seen) => seen.average < 0.01 && seen.last > 10 * seen.average && seen.rock[0] < 0.01 && seen.rock[1] > 0.5,
    ),
  }),

  exactly("steps on four replies", () => {
    const tau = 0.03;
    const home = { ref, tau };
    const circles = [0.5, 1, 2].map((eta) => {
      let most = 0;
      const { average: mixed } = selfPlay(ref, (policy) => sppoStep(preferences, policy, eta), {
        steps: 3000,
        watch: (policy, t) => {
          if (t > 1500) most = Math.max(most, lost(policy));
        },
      });
      return { most, average: lost(mixed) };
    });
    const md = (eta: number) => away(tau, 3000, (policy) => nashMdStep(preferences, policy, { ...home, eta }));
    return {
      circles,
      md: [md(0.1), md(0.5), md(1), md(2)],
      falling: away(tau, 3000, (policy, t) => nashMdStep(preferences, policy, { ...home, eta: 2 / (tau * (t + 2)) })),
      mirror: away(tau, 3000, (policy) => mirrorStep(preferences, policy, { ...home, eta: 1 })),
      large: away(tau, 3000, (policy) => mirrorStep(preferences, policy, { ...home, eta: 4 })),
      ipo: [0.3, 0.15, 0.1, 0.03].map((t) =>
        away(t, 500, (policy) => onlineIpoMap(preferences, policy, { ref, tau: t })),
      ),
      menu: [1, 0.3, 0.1, 0.03, 0.01].map((t) => {
        const policy = regularisedEquilibrium(preferences, { ref, tau: t });
        return { lost: lost(policy), kl: exactKL(logOf(policy), logOf(ref)) };
      }),
    };
  }).shows({
    "14/sppo-circles-its-average-arrives": every(({ circles }) =>
      circles.every((seen) => seen.most > 0.29 && seen.average < 0.005),
    ),
    "14/nash-md-stops-beside": every(
      ({ md, falling, mirror }) =>
        md.every((kl, i) => kl > 1e-6 && (i === 0 || kl > md[i - 1])) && falling < 1e-6 && Math.abs(mirror) < 1e-12,
    ),
    "14/a-lower-price-is-safer-and-farther": every(({ menu }) =>
      menu.every(({ lost, kl }, i) => i === 0 || (lost < menu[i - 1].lost && kl > menu[i - 1].kl)),
    ),
    "14/online-ipo-cycles-at-small-prices": every(
      ({ ipo, large }) => ipo[0] < 1e-9 && ipo[1] < 1e-9 && ipo[2] > 0.1 && ipo[3] > 1 && large > 0.1,
    ),
  }),

  exactly("Colonel Blotto", async () => {
    const { strategies, payoffs } = colonelBlotto(10, 3);
    const start = strategies.findIndex((soldiers) => soldiers.join() === "0,0,10");
    const run = async (against: "latest" | "uniform" | "nash") => {
      const metas = await bestAnswers(payoffs, { start, answers: 100, against });
      const end = metas[metas.length - 1];
      return { answers: metas.length - 1, distinct: new Set(end.population).size, end: end.exploitability };
    };
    return { latest: await run("latest"), uniform: await run("uniform"), nash: await run("nash") };
  }).shows({
    "14/latest-only-is-narrow": every(
      ({ latest, uniform, nash }) =>
        latest.distinct < 10 &&
        latest.end === 1 &&
        uniform.end > 0.1 &&
        uniform.end < 0.2 &&
        nash.end < 1e-9 &&
        nash.answers < 30 &&
        nash.distinct < 30,
    ),
  }),

  experiment("the toy of population-based training", {
    keys: 30,
    run: (k) => ({ both: bestQ(k, { explore, exploit: keepTies }), exploring: bestQ(k, { explore }) }),
  }).shows({
    "14/pbt-needs-both": both(
      mean((seen) => seen.both, { between: [1.16, 1.2] }),
      mean((seen) => seen.exploring, { between: [0.9, 1.1] }),
      mean((seen) => seen.both - seen.exploring, { above: 0.05 }),
    ),
  }),

  exactly("two workers that tie", () => {
    const first = split([1, 2])[0]; // nothing is drawn
    return {
      keep: bestQ(first, { exploit: keepTies }),
      copy: bestQ(first, { exploit: (workers, scores) => exploit(workers, scores) }),
    };
  }).shows({
    "14/ties-decide-exploit-only": every(({ keep, copy }) => keep < 0.39 && copy > 1.17 && copy < 1.175),
  }),

  experiment("ten equals, measured", {
    keys: 20,
    run: (k) => {
      const excess = split(k, 400).map((own) => {
        const [noiseKey, pickKey] = split(own);
        const scores = normal(noiseKey, 10);
        return scores[tournamentSelection(pickKey, scores, { size: 80, winners: 1 })[0]];
      });
      return { excess: average(excess), sixth: takeover(0.001, { size: 5, generations: 6 })[6] };
    },
  }).shows({
    "14/winners-look-better": both(
      mean(({ excess }) => excess, { between: [1.48, 1.58] }),
      every(({ sixth }) => sixth > 0.99),
    ),
  }),

  exactly("clones", async () => {
    const of = async (clones: number) => {
      const rates = cyclicAgents(clones);
      const elo = eloRatings(rates.map((row, i) => row.map((rate, j) => (i === j ? 0 : 10 * rate))));
      const { skills } = await nashAverage(winRateLogits(rates));
      return { elo: Array.from(elo), skills: Array.from(skills) };
    };
    return { one: await of(1), six: await of(6) };
  }).shows({
    "14/clones-move-elo": every(
      ({ one, six }) =>
        one.elo.every((r) => Math.abs(r) < 1e-6) &&
        six.elo[0] < -150 &&
        six.elo[1] > 150 &&
        [...one.skills, ...six.skills].every((skill) => Math.abs(skill) < 1e-6),
    ),
  }),

  experiment("replies that evolve", { keys: 12, run: searches }).shows({
    "14/the-archive-has-all": both(
      every(({ optima }) => optima === 20),
      share(({ plain }) => plain.best < 3.5, { between: [0.01, 0.5] }),
    ),
    "14/sharing-pays-with-the-mean": every(
      ({ plain, sharing }) => sharing.kinds > plain.kinds + 2 && sharing.mean < plain.mean - 1,
    ),
  }),

  experiment("judges of one's own answers", {
    keys: 20,
    run: (k) => {
      const liked = fondJudge(k, right);
      const anew = right.map((r) => (r === 1 ? 0.9 : 0.1));
      return { liked: [1, 2, 8].map((t) => rightAfter(liked, t)), anew: [1, 3, 8].map((t) => rightAfter(anew, t)) };
    },
  }).shows({
    "14/systematic-errors-stay": both(
      every(({ liked }) => liked[0] < 0.9 && Math.abs(liked[2] - liked[0]) < 1e-9 && liked[1] === liked[2]),
      every(({ anew }) => anew[1] > 0.99 && anew[2] > 0.9999),
    ),
  }),

  exactly("the model as its own judge", () => {
    const most = largest(reference);
    const own = reference.map((log) => Math.exp(log - most));
    return { before: rightAfter(own, 0), after: rightAfter(own, 8) };
  }).shows({
    "14/own-probability-teaches-nothing": every(({ before, after }) => before > 0.17 && after < before / 2),
  }),

  exactly("SPIN", () => {
    const data = [0.4, 0.3, 0.2, 0.1].map(Math.log);
    const path = (lambda: number) => {
      let policy: ArrayLike<number> = [...data].reverse();
      return Array.from({ length: 8 }, () => {
        policy = spinStep(policy, data, lambda);
        return exactKL(data, policy);
      });
    };
    return { two: path(2), one: path(1), half: path(0.5), low: path(0.4) };
  }).shows({
    "14/spin-diverges-below-half": every(
      ({ two, one, half, low }) =>
        two[7] < 1e-4 &&
        Math.abs(one[0]) < 1e-12 &&
        Math.abs(half[7] - half[1]) < 1e-9 &&
        half[7] > 0.3 &&
        low[7] > low[5] &&
        low[5] > low[3] &&
        low[7] > 10,
    ),
  }),

  experiment("generations", {
    keys: 20,
    run: (k) => {
      const [wordsKey, pointsKey] = split(k);
      const words = (options: object) =>
        giniSimpson(resampleGenerations(wordsKey, zipf, { n: 100, generations: 60, ...options })[60]);
      const errors = (data: "replace" | "accumulate") =>
        average(
          split(pointsKey, 10).map((own) => regressionGenerations(own, { d: 10, n: 100, generations: 20, data })[19]),
        );
      return {
        alone: words({}),
        real: words({ real: 0.5 }),
        kept: words({ data: "accumulate" }),
        replaced: errors("replace"),
        accumulated: errors("accumulate"),
      };
    },
  }).shows({
    "14/collapse-and-its-cures": both(
      mean(({ alone }) => alone, { between: [0.4, 0.6] }),
      every(({ real, kept }) => real > 0.85 && kept > 0.87),
      mean(({ replaced }) => replaced, { above: 1.5 }),
      mean(({ accumulated }) => accumulated, { below: 0.2 }),
    ),
  }),

  experiment("a lock of eight positions", {
    keys: 12,
    run: (k) => ({ progress: stepsToOpen(k, { length: 8, teacher: "progress" }) }),
  }).shows({
    "14/progress-is-between": every(({ progress }) => progress > 150 && progress < 800),
  }),

  exactly("a lock, whole and grown", () => {
    const first = split([1, 2])[0]; // nothing is drawn
    const steps = (teacher: "whole" | "grow") => [6, 7, 8].map((length) => stepsToOpen(first, { length, teacher }));
    return { whole: steps("whole"), grow: steps("grow") };
  }).shows({
    "14/easy-first": every(
      ({ whole, grow }) =>
        whole[2] > 12_000 &&
        whole[2] < 4 * whole[1] &&
        whole[2] > 3 * whole[1] &&
        whole[1] > 3 * whole[0] &&
        grow[2] < 100,
    ),
  }),

  exactly("a writer and three critics", async () => {
    const [harsh, flattered] = [await againstHarshestCritic(criticPanel), await againstFlatteringCritic(criticPanel)];
    return { sure: harsh.value, flattered: flattered.value, fourth: flattered.writer[3] };
  }).shows({
    "14/min-max-is-backwards": every(
      ({ sure, flattered, fourth }) =>
        Math.abs(sure - 0.58) < 1e-9 && Math.abs(flattered - 0.2) < 1e-9 && fourth > 1 - 1e-9,
    ),
  }),

  experiment("generate, critique, revise", {
    keys: 8,
    few: "transformer",
    run: async (k) => {
      const [imitateKey, runKey] = split(k);
      const start = await study.imitate(imitateKey);
      const run = async (judge: CritiqueJudge, options = {}) => {
        const seen = await study.run(runKey, start, { judge, ...options });
        const end = (values: readonly number[]) => values[values.length - 1];
        return {
          start: seen.utility[0],
          second: seen.utility[2],
          utility: end(seen.utility),
          rise: end(seen.judged) - seen.judged[0] - (end(seen.utility) - seen.utility[0]),
          diversity: end(seen.diversity),
          before: seen.diversity[0],
        };
      };
      const observed = {
        nobody: await run("nobody"),
        itself: await run("itself"),
        frozen: await run("frozen"),
        again: await run("asked again"),
        truth: await run("truth"),
        held: await run("itself", { real: 0.5 }),
        frozenFew: await run("frozen", { comparisons: 45 }),
        againFew: await run("asked again", { comparisons: 45 }),
        frozenMany: await run("frozen", { comparisons: 720 }),
        againMany: await run("asked again", { comparisons: 720 }),
      };
      disposeTree(start);
      return observed;
    },
  }).shows({
    "14/truth-arrives-nobody-drifts": both(
      every(({ truth }) => truth.utility > 2.9 && Math.abs(truth.start) < 0.4),
      mean(({ nobody }) => nobody.utility - nobody.start, { between: [-1, 0.5] }),
    ),
    "14/itself-collapses": both(
      every(({ itself }) => itself.diversity < 2),
      mean(({ itself }) => itself.utility, { between: [0.4, 1.9] }),
      share(({ itself }) => [0, 1, 2].some((worth) => Math.abs(itself.utility - worth) < 0.1), { between: [0.8, 1] }),
    ),
    "14/critic-drifts-from-truth": mean(({ frozen }) => frozen.rise, { above: 0.2 }),
    "14/asking-again-starts-more-slowly": mean(({ frozen, again }) => frozen.second - again.second, { above: 0.2 }),
    "14/which-ends-higher-is-open": undecided(({ frozen, again }) => again.utility - frozen.utility),
    "14/real-data-holds": both(
      every(({ held }) => held.diversity > 15),
      mean(({ held }) => held.utility - held.start, { between: [0, 0.6] }),
    ),
    "14/many-comparisons-end-near-the-truth": both(
      mean(({ frozenMany }) => frozenMany.utility, { above: 2.5 }),
      mean(({ againMany }) => againMany.utility, { above: 2.8 }),
      mean(({ againMany, againFew }) => againMany.utility - againFew.utility, { above: 0.5 }),
    ),
    "14/few-comparisons-are-luck": both(
      undecided(({ frozen, frozenFew }) => frozen.utility - frozenFew.utility),
      share(({ frozen }) => frozen.utility < 2, { between: [0.1, 0.7] }),
      share(({ frozen }) => frozen.utility > 2.8, { between: [0.1, 0.7] }),
      share(({ frozenFew }) => frozenFew.utility < 2, { between: [0.1, 0.7] }),
      share(({ frozenFew }) => frozenFew.utility > 2.8, { between: [0.1, 0.7] }),
    ),
    "14/few-are-better-asked-at-once": share(({ frozenFew, againFew }) => frozenFew.utility > againFew.utility, {
      between: [0.6, 0.9],
    }),
  }),
];
