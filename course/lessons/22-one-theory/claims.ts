// What lesson 22 says its experiments show: nearly all of it exact, and a few things held over keys.
import { correlatedMajority, correlatedMajorityLimit, flatMajority } from "rlhf-lab/agents";
import { anaesthetists1979, minneapolisWard2 } from "rlhf-lab/data";
import {
  bestLie,
  bits,
  channelCapacity,
  coadaptation,
  composeChannels,
  coveringPolicy,
  desirabilityPolicy,
  entropy,
  type GroupUtilities,
  informationBottleneck,
  labelerChannel,
  maximalCorrelation,
  maximalLottery,
  meanValuePolicy,
  mutualInformation,
  pooledPolicy,
  pooledPreferences,
  pooledReward,
  priceOfKl,
  randomDictatorship,
  rateDistortion,
  referencePoint,
  regularisedMirrorStep,
  regularisedNaturalStep,
  regularisedPlainStep,
  seekingPolicy,
} from "rlhf-lab/information";
import { exactKL, exactRegularisedObjective, exactRegularisedOptimum } from "rlhf-lab/numerics";
import {
  annotationsFromColumns,
  bradleyTerry,
  comparisonsFromWins,
  dawidSkene,
  pairwiseTally,
  rankingsFromBallots,
} from "rlhf-lab/preferences";
import { normal, split, uniform } from "rlhf-lab/random";
import { linearReward } from "rlhf-lab/rewards";
import {
  conditionalLogProbs,
  lastTokenContexts,
  placeContexts,
  sequenceLogProbs,
  sequenceLogProbsOf,
  type TreePolicy,
  treePolicy,
} from "rlhf-lab/trees";
import {
  askPersons,
  engagementPath,
  gibbsLearning,
  lengthLoop,
  personsDifferences,
  personsWorld,
  phraseTask,
  phraseText,
  twoCampsWorld,
} from "rlhf-lab/worlds";
import { moodComparisons, moodDifferences, moodFeatures, moodTask } from "rlhf-lab/worlds/text";
import { both, every, exactly, experiment, mean } from "../../../scripts/claims/claim.js";

const world = personsWorld();
const moods = moodTask();
const normalised = (weights: readonly number[]) => {
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / total);
};
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (x, i) => Math.abs(x - b[i])).reduce((most, x) => Math.max(most, x), 0);

export default [
  experiment("one formula under its names", {
    keys: 10,
    run: (key) => {
      const [kRef, kReward] = split(key);
      const reference = normalised(Array.from(uniform(kRef, 6, 0.1, 1)));
      const reward = Array.from(normal(kReward, 6));
      const logRef = reference.map(Math.log);
      const optimum = exactRegularisedOptimum(logRef, reward, 0.5).logProbs;
      const step = { eta: 2, beta: 0 };
      const bayes = normalised(reference.map((p, y) => p * Math.exp(reward[y] / 0.5))).map(Math.log);
      const z = reward.map((r) => Math.exp(r / 0.5));
      const before = reference.reduce((sum, p, y) => sum + p * z[y], 0);
      return {
        off: Math.max(
          largest(bayes, optimum),
          largest(regularisedMirrorStep(logRef, logRef, reward, step), optimum),
          largest(regularisedNaturalStep(logRef, logRef, reward, step), optimum),
          largest(
            reference.map((p, y) => Math.log((p * z[y]) / before)),
            optimum,
          ),
        ),
      };
    },
  }).shows({ "22/seven-names": every(({ off }) => off < 1e-14) }),

  exactly("capacity of labelers", () => {
    const at = (m: number, options = {}) => bits(channelCapacity(labelerChannel([m, -m], options)).capacity);
    return {
      plain: [0.1, 0.5, 1, 2, 4].map((m) => at(m)),
      lapse: at(2, { lapse: 0.2 }),
      tie: at(2, { tie: 1 }),
      small: 0.1 ** 2 / (8 * Math.LN2),
    };
  }).shows({
    "22/clicks-are-small": every(
      ({ plain, lapse, tie, small }) =>
        plain.every((b) => b < 1) &&
        Math.abs(plain[0] / small - 1) < 0.01 &&
        plain[2] < 0.17 &&
        lapse < plain[3] &&
        tie < plain[3],
    ),
  }),

  exactly("what anaesthetists tell", () => {
    const doctors = anaesthetists1979();
    const fit = dawidSkene(annotationsFromColumns(doctors.patient, doctors.observer, doctors.class));
    const prior = normalised(Array.from(fit.prior));
    const K = prior.length;
    return [0, 1].map((w) => {
      const P = prior.map((_, t) => normalised(prior.map((_, c) => fit.confusion[(w * K + t) * K + c])));
      return { right: prior.reduce((sum, p, c) => sum + p * P[c][c], 0), told: mutualInformation(prior, P), P };
    });
  }).shows({
    "22/right-is-not-informative": every(
      ([first, second]) =>
        second.right < first.right - 0.02 &&
        second.told > first.told + 0.03 &&
        second.P[2][2] > 0.95 &&
        second.P[3][3] > 0.95 &&
        second.P[1][2] > 0.25 &&
        first.P[2][2] < 0.7 &&
        first.P[3][3] < 0.7,
    ),
  }),

  experiment("bits an answer on Moby Dick", {
    keys: 10,
    run: (key) => {
      const [kExam, kFew, kMany] = split(key, 3);
      const exam = moodComparisons(kExam, moods, 2000, { from: 118, to: moods.chapters.length });
      const features = moodFeatures(moods, exam);
      const said = Array.from(moodDifferences(exam), (d) => {
        const p = 1 / (1 + Math.exp(-d));
        return 1 - bits(entropy([p, 1 - p]));
      }).reduce((a, b) => a + b / 2000, 0);
      const used = (k: typeof key, n: number) => {
        const data = moodFeatures(moods, moodComparisons(k, moods, n));
        const { theta } = linearReward.fit(data, { l2: 3 / n, tolerance: 1e-4 });
        return 1 - bits(linearReward.margins(theta, features).reduce((s, d) => s + Math.log1p(Math.exp(-d)) / 2000, 0));
      };
      return { said, few: used(kFew, 300), many: used(kMany, 3000) };
    },
  }).shows({
    "22/used-is-less-than-said": every(({ said, few, many }) => few < many && many < said && said < 0.6),
  }),

  exactly("persons under the ceiling", () => {
    const ceiling = (rate: number) => {
      // The Lagrangian bounds the curve from above at every slope: U*(r) <= max_beta-line; the least over slopes.
      const lines = [0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 5].map((beta) => {
        const point = rateDistortion(world.prior, world.utility, beta, { tolerance: 1e-6 });
        return point.utility + beta * (rate - point.rate) + beta * 1e-5;
      });
      return Math.min(...lines);
    };
    return [1, 2, 3, 4, 6, 9, 12].map((n) => {
      const asked = askPersons(world, n);
      return {
        ...asked,
        over: asked.bayesUtility - ceiling(asked.reply),
        mapOver: asked.mapUtility - ceiling(asked.reward),
      };
    });
  }).shows({
    "22/nothing-above-the-ceiling": every(
      (path) =>
        path.every(
          ({ over, mapOver, answers, reward, reply }) =>
            over < 1e-3 && mapOver < 1e-3 && reward <= answers + 1e-12 && reply <= answers + 1e-12,
        ) && Math.abs(path[0].over) < 0.01,
    ),
    "22/likeliest-is-not-best": every(
      (path) => path[0].mapUtility < 0.5 * path[0].bayesUtility && path.every((p) => p.mapUtility < p.bayesUtility),
    ),
  }),

  exactly("flipped answers", () =>
    personsDifferences(world).flatMap((row) => {
      const question = labelerChannel(row, { temperature: 1.5 });
      const told = mutualInformation(world.prior, question);
      return [0.1, 0.2, 0.4].map((e) => {
        const flip = [
          [1 - e, e],
          [e, 1 - e],
        ];
        return { kept: mutualInformation(world.prior, composeChannels(question, flip)) / told, most: (1 - 2 * e) ** 2 };
      });
    }),
  ).shows({
    "22/flips-cost-squares": every((rows) =>
      rows.every(({ kept, most }) => kept <= most + 1e-12 && kept > 0.85 * most),
    ),
  }),

  exactly("refitting the reference", () => {
    const best = rateDistortion(world.prior, world.utility, 0.5, { tolerance: 1e-7 });
    let reference: ArrayLike<number> = world.writing;
    const objective: number[] = [];
    for (let round = 0; round <= 200; round++) {
      const point = referencePoint(world.prior, world.utility, reference, 0.5);
      objective.push(point.utility - 0.5 * point.kl);
      reference = point.marginal;
    }
    return { objective: [0, 1, 3, 10, 60, 200].map((t) => objective[t]), best: best.utility - 0.5 * best.rate };
  }).shows({
    "22/refits-climb": every(
      ({ objective, best }) =>
        objective.slice(1).every((o, i) => o > objective[i]) && objective[5] < best && best - objective[5] < 1e-3,
    ),
  }),

  experiment("the bottleneck around its critical weight", {
    keys: 10,
    run: (key) => {
      const wished = (y: number) => normalised(world.utility.map((u) => Math.exp(u[y])));
      const few = Array.from(world.writing, (p, y) => ({ p, y }))
        .sort((a, b) => b.p - a.p)
        .slice(0, 40);
      const [prior, wishes] = [normalised(few.map(({ p }) => p)), few.map(({ y }) => wished(y))];
      const critical = 1 / maximalCorrelation(prior, wishes) ** 2;
      const options = { clusters: 8, restarts: 4, iterations: 300 };
      const [below, above] = split(key).map(
        (k, i) => informationBottleneck(k, prior, wishes, critical * (i === 0 ? 0.95 : 1.1), options).kept,
      );
      return { below, above };
    },
  }).shows({ "22/nothing-kept-until": every(({ below, above }) => below < 1e-6 && above > 0.05) }),

  exactly("the price of a nat", () => {
    const { reference, utility } = phraseTask();
    return [0.3, 1, 2].map((kappa) => {
      const { beta } = priceOfKl(reference[0], utility[0], kappa);
      const [more, less] = [kappa + 1e-3, kappa - 1e-3].map((k) => priceOfKl(reference[0], utility[0], k).value);
      return { beta, slope: (more - less) / 2e-3 };
    });
  }).shows({
    "22/beta-is-the-price": every((points) => points.every(({ beta, slope }) => Math.abs(slope / beta - 1) < 1e-3)),
  }),

  exactly("three kinds of steps", () => {
    const { reference, utility } = phraseTask();
    const [ref, worth] = [reference[0], utility[0]];
    const value = exactRegularisedOptimum(ref, worth, 0.5).value;
    const gap = (step: (pi: Float64Array) => Float64Array, steps: number) => {
      let pi: Float64Array = Float64Array.from(ref);
      for (let t = 0; t < steps; t++) pi = step(pi);
      return value - exactRegularisedObjective(pi, ref, worth, 0.5);
    };
    const options = { eta: 1, beta: 0.5 };
    return {
      mirror: gap((pi) => regularisedMirrorStep(pi, ref, worth, options), 20),
      natural: gap((pi) => regularisedNaturalStep(pi, ref, worth, options), 20),
      plain: gap((pi) => regularisedPlainStep(pi, ref, worth, options), 40),
    };
  }).shows({
    "22/steps": every(({ mirror, natural, plain }) => natural < 1e-6 && mirror < 1e-2 && plain > 0.3),
  }),

  exactly("decoding by mean and by soft values", () => {
    const { tree, reference, utility } = phraseTask();
    const [ref, worth] = [reference[0], utility[0]];
    const conditionals = conditionalLogProbs(tree, ref);
    const objective = (conditional: Float64Array) =>
      exactRegularisedObjective(sequenceLogProbs(tree, conditional), ref, worth, 0.5);
    return {
      mean: objective(meanValuePolicy(tree, conditionals, worth, 0.5)),
      soft: objective(desirabilityPolicy(tree, conditionals, worth, 0.5)),
      best: exactRegularisedOptimum(ref, worth, 0.5).value,
    };
  }).shows({
    "22/soft-value-is-no-mean": every(({ mean, soft, best }) => Math.abs(soft - best) < 1e-9 && mean < best - 0.3),
  }),

  exactly("the loop", () => {
    const swing = (beta: number, data: "newest" | "newest and reference" | "pooled") => {
      const [a, b, c, d] = lengthLoop({ beta, data, rounds: 80 })
        .slice(-4)
        .map(({ length }) => length);
      return Math.max(a, b, c, d) - Math.min(a, b, c, d);
    };
    return {
      newest: [1, 0.7, 0.5].map((beta) => swing(beta, "newest")),
      mixed: [0.5, 0.1].map((beta) => swing(beta, "newest and reference")),
      pooled: [1, 0.7, 0.5, 0.3, 0.1].map((beta) => swing(beta, "pooled")),
    };
  }).shows({
    "22/the-loop-swings": every(
      ({ newest, mixed, pooled }) =>
        newest[0] < 0.01 &&
        newest[1] > 15 &&
        newest[2] > 30 &&
        mixed[0] < 0.1 &&
        mixed[1] > 10 &&
        pooled.every((s) => s < 0.2),
    ),
  }),

  exactly("two who adapt", () =>
    [
      { k: 0.3, rho: 0.1 },
      { k: 0.1, rho: 0.3 },
      { k: 0.3, rho: 0.1, kappa: 0.02 },
    ].map((rates) => {
      const { theta, b } = coadaptation({ theta: 1, b: -1 }, rates, 4000);
      return { theta: theta[4000], b: b[4000] };
    }),
  ).shows({
    "22/who-is-aligned-to-whom": every(
      ([fastModel, fastPerson, anchored]) =>
        Math.abs(fastModel.theta - 0.5) < 1e-6 &&
        Math.abs(fastModel.b - fastModel.theta) < 1e-6 &&
        Math.abs(fastPerson.theta + 0.5) < 1e-6 &&
        Math.abs(anchored.b - 1) < 1e-6,
    ),
  }),

  exactly("a click saturates", () =>
    [0, 2, 5, 10, 20].map((s) => ({
      p: pooledPreferences(
        [0.6, 0.4],
        [
          [2, 0],
          [-s, 0],
        ],
      )[0][1],
      worth: 0.6 * 2 - 0.4 * s,
    })),
  ).shows({
    "22/clicks-saturate": every(
      (path) => path.every(({ p }) => p > 0.5) && path[4].worth < -6 && Math.abs(path[4].p - path[3].p) < 1e-3,
    ),
  }),

  exactly("a copy of one reply", async () => {
    const shares = [0.4, 0.35, 0.25];
    const u = [
      [2, 0, -1],
      [-1, 2, 0],
      [0, -1, 2],
    ];
    const look = async (utilities: number[][]) => {
      const P = pooledPreferences(shares, utilities);
      const theta = Array.from(pooledReward(shares, utilities));
      const lottery = await maximalLottery(P.map((row) => Array.from(row, (p) => 2 * p - 1)));
      return { first: theta.indexOf(Math.max(...theta)), lottery: Array.from(lottery) };
    };
    return { plain: await look(u), copied: await look(u.map((row) => [...row, row[1]])) };
  }).shows({
    "22/copies-turn-the-winner": every(
      ({ plain, copied }) =>
        plain.first === 1 && copied.first === 0 && plain.lottery[0] > 0.999 && copied.lottery[0] > 0.999,
    ),
  }),

  exactly("the circle of Minneapolis", async () => {
    const { names, ballots } = minneapolisWard2();
    const tally = pairwiseTally(rankingsFromBallots(ballots, { names }));
    const margins = tally.map((row, i) => Array.from(row, (n, j) => n - tally[j][i]));
    const { theta } = bradleyTerry.fit(comparisonsFromWins(tally.map((row) => Array.from(row))));
    const lottery = await maximalLottery(margins);
    const first = (values: ArrayLike<number>) => names[Array.from(values).indexOf(Math.max(...Array.from(values)))];
    return { wins: margins.map((row) => row.filter((m) => m > 0).length), pooled: first(theta), lot: first(lottery) };
  }).shows({
    "22/a-real-circle": every(
      ({ wins, pooled, lot }) => wins.every((n) => n === 1) && /Arab/.test(pooled) && /Wonsley/.test(lot),
    ),
  }),

  exactly("a Gibbs learner of 32 rules", () => [1, 5, 20].map((inverse) => ({ ...gibbsLearning(15, inverse) }))).shows({
    "22/remembering-costs": both(
      every(
        (path) =>
          path.every(({ gap, bound, priorBound }) => gap <= bound && bound <= priorBound) &&
          path[0].gap < path[1].gap &&
          path[1].gap < path[2].gap,
      ),
      every(([first]) => Math.abs(first.gap - 0.0125) < 1e-3),
    ),
  }),

  exactly("covering and seeking two camps", () => {
    const { task, people, replies } = twoCampsWorld();
    const camps = (logProbs: Float64Array) =>
      [0, 1].map((camp) => replies.reduce((sum, r) => sum + (r.camp === camp ? Math.exp(logProbs[r.reply]) : 0), 0));
    const likeliest = (logProbs: Float64Array) =>
      phraseText(task.tree.sequences[logProbs.indexOf(Math.max(...logProbs))]);
    return [placeContexts(task.tree), lastTokenContexts(task.tree)].map((contexts) => {
      const imitator = coveringPolicy(task.tree, contexts, people);
      const covering = sequenceLogProbsOf(imitator);
      // Small rates, swept: all end at the same place.
      const seeking = [0.02, 0.05, 0.1].map((rate) =>
        sequenceLogProbsOf(seekingPolicy(imitator, people, { rate }).policy),
      );
      return {
        covering: camps(covering),
        likeliest: likeliest(covering),
        seeking: seeking.map(camps),
        seeks: seeking.map(likeliest).join(),
        reverse: seeking.map((q) => exactKL(q, people)),
        imitators: exactKL(covering, people),
      };
    });
  }).shows({
    "22/covering-and-seeking": every(
      ([none, one]) =>
        none.likeliest === "very whale" &&
        none.covering[0] + none.covering[1] < 0.2 &&
        none.covering[0] > 0.04 &&
        none.covering[1] > 0.04 &&
        none.seeks === "good whale,good whale,good whale" &&
        none.seeking.every(([first, second]) => first > 0.98 && second < 0.01) &&
        [one.covering, ...one.seeking].every(([first, second]) => first > 0.5 && second > 0.4) &&
        [one.imitators, ...one.reverse].every((kl) => kl < 0.15),
    ),
  }),

  exactly("where seeking rests", () => {
    const { task, people } = twoCampsWorld();
    const contexts = placeContexts(task.tree);
    const ends = (start: TreePolicy) =>
      [0.02, 0.05, 0.1, 0.2, 0.5, 1].map((rate) => seekingPolicy(start, people, { rate }).path.pop() as number);
    return {
      imitator: ends(coveringPolicy(task.tree, contexts, people)),
      nothing: ends(treePolicy(task.tree, new Float64Array(3 * task.tree.vocabulary), contexts)),
    };
  }).shows({
    "22/where-seeking-rests": every(
      ({ imitator, nothing }) =>
        imitator.slice(0, 4).every((kl) => Math.abs(kl - 1.132) < 1e-3) &&
        [...imitator.slice(4), ...nothing].every((kl) => Math.abs(kl - 3.357) < 1e-3),
    ),
  }),

  exactly("planners of engagement", () =>
    [0, 0.9, 0.99].map((discount) => {
      const { items, tastes, engagements } = engagementPath({ discount });
      const earned = engagements.reduce((sum, e) => sum + e, 0);
      return { item: items[0], first: engagements[0], after: [tastes[10], tastes[50]], earned };
    }),
  ).shows({
    "22/plans-for-the-taste": every(
      ([blind, middle, far]) =>
        blind.after[1] > 0.6 &&
        far.item === 1 &&
        far.first < 0.4 * blind.first &&
        middle.first < blind.first &&
        blind.after[0] < middle.after[0] &&
        middle.after[0] < far.after[0] &&
        far.after[0] > 0.5 &&
        far.earned > blind.earned,
    ),
  }),

  exactly("juries", () => ({
    shared: [1, 11, 101, 1001].map((n) => correlatedMajority(n, 3, 2)),
    limit: correlatedMajorityLimit(3, 2),
    independent: flatMajority(101, 0.6),
    below: flatMajority(101, 0.45),
  })).shows({
    "22/juries-stop": every(
      ({ shared, limit, independent, below }) =>
        Math.abs(shared[0] - 0.6) < 1e-9 &&
        shared.every((p) => p < limit) &&
        limit - shared[1] < 0.03 &&
        limit < 0.7 &&
        independent > 0.97 &&
        below < 0.2,
    ),
  }),

  exactly("lies to a pool and to a drawn group", () => {
    const shares = [0.5, 0.3, 0.2];
    const u = [
      [3, 0, 2, 1],
      [0, 3, 1.5, 1],
      [0, 0, 1, 2.5],
    ];
    const order = (report: ArrayLike<number>) => [0, 1, 2, 3].sort((a, b) => report[b] - report[a]).join("");
    return u.map((_, g) => {
      const pooled = bestLie((reported) => pooledPolicy(shares, reported, { beta: 0.25 }), u, g);
      const drawn = bestLie((reported) => randomDictatorship(shares, reported), u, g);
      return {
        gain: pooled.best - pooled.honest,
        drawnGain: drawn.best - drawn.honest,
        drawnLess: drawn.honest < pooled.honest,
        claims: order(pooled.report),
      };
    });
  }).shows({
    "22/lies-pay": every(
      (groups) =>
        groups.every(({ gain, drawnGain }) => gain > 0.15 && drawnGain === 0) &&
        groups.filter(({ drawnLess }) => drawnLess).length === 2 &&
        groups.map(({ claims }) => claims).join() === "0231,2130,3210",
    ),
  }),

  experiment("lies to pools of all kinds", {
    keys: 20,
    run: (key) => {
      const worlds = split(key, 10).map((k) => {
        const values = uniform(k, 15, 0, 3);
        const u = [0, 1, 2].map((g) => Array.from(values.slice(4 * g, 4 * g + 4)));
        const shares = normalised(Array.from(values.slice(12), (x) => x + 0.5));
        const gains = (rule: (reported: GroupUtilities) => Float64Array) =>
          u.map((_, g) => bestLie(rule, u, g)).filter(({ honest, best }) => best > honest + 1e-3).length;
        return {
          pooled: gains((reported) => pooledPolicy(shares, reported, { beta: 0.25 })),
          drawn: gains((reported) => randomDictatorship(shares, reported)),
        };
      });
      return {
        pooled: worlds.reduce((sum, w) => sum + w.pooled / 30, 0),
        drawn: worlds.reduce((sum, w) => sum + w.drawn, 0),
      };
    },
  }).shows({
    "22/lies-pay-elsewhere": both(
      mean(({ pooled }) => pooled, { above: 0.9 }),
      every(({ drawn }) => drawn === 0),
    ),
  }),
];
