import { split } from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { exactExpectation } from "rlhf-lab/numerics";
import { tiltUpToKl } from "rlhf-lab/policy";
import { type Key, normal } from "rlhf-lab/random";
import {
  ballCurves,
  chiSquareBallWorst,
  coherence,
  conditionalValueAtRisk,
  drawFunction,
  entropicRisk,
  entropicValueAtRisk,
  expectedImprovement,
  fourLosses,
  gaussianProcess,
  groupRobust,
  groupRobustDescent,
  klBallWorst,
  knowledgeGradients,
  maxMinUtility,
  meanVariance,
  probabilityOfImprovement,
  type RiskMeasure,
  type SafeOptMethod,
  safeOptTrial,
  squaredExponential,
  totalVariationWorst,
  valueAtRisk,
} from "rlhf-lab/robust";
import {
  askingRules,
  carefulPolicyStudy,
  conformalAlongKl,
  ensembleRules,
  pessimismAlongKl,
  proxyWorld,
  setAgainstPoints,
  transformerEnsemble,
  utilityOnPath,
  whomToAsk,
} from "rlhf-lab/studies";
import { disposeTree } from "rlhf-lab/tensor";
import {
  eightPosteriors,
  epistemicError,
  offlineArms,
  phraseTask,
  posteriorMethods,
  predictionSpread,
  robustStrait,
  winnersInterval,
} from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share, undecided } from "../../../scripts/claims/claim.js";

const world = proxyWorld();
const careful = carefulPolicyStudy(
  phraseTask(),
  transformer({ vocabulary: 7, context: 6, width: 32, layers: 1, heads: 2 }),
);
const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

export default [
  experiment("eight posteriors of two weights", {
    keys: 10,
    run: (key) => {
      const run = eightPosteriors(key);
      const error = Object.fromEntries(posteriorMethods.map((method) => [method, epistemicError(run, method)]));
      const said = run.methods["other starts"].splits.map(({ epistemic }) => epistemic);
      const tooMuch = run.methods.bootstrap.splits.map(({ epistemic }, q) => epistemic - run.exact.splits[q].epistemic);
      return { error, said, tooMuch: average(tooMuch) };
    },
  }).shows({
    "18/who-is-near-the-posterior": both(
      mean(({ error }) => error.HMC, { below: 0.01 }),
      mean(({ error }) => error["full Gaussian (VI)"], { below: 0.01 }),
      mean(({ error }) => error["SGLD, step 0.01"], { below: 0.015 }),
      mean(({ error }) => error.Laplace, { below: 0.03 }),
      mean(({ tooMuch }) => tooMuch, { below: 0 }),
      mean(({ error }) => error.bootstrap - error["anchored bootstrap"], { above: 0 }),
      mean(({ error }) => error["dropout 0.1"], { above: 0.03 }),
      mean(({ error }) => error["dropout 0.5"], { above: 0.05 }),
      mean(({ error }) => error["SGLD, step 0.5"] - error["SGLD, step 0.01"], { above: 0.01 }),
    ),
    "18/other-starts-agree": every(({ said }) => said.every((epistemic) => epistemic < 1e-6)),
  }),

  experiment("the sd of a prediction as rows come in", {
    keys: 10,
    run: (key) => {
      const [few, many] = [20, 1000].map((n) => predictionSpread(key, n));
      return { few: { ...few }, many: { ...many } };
    },
  }).shows({
    "18/dropout-never-learns": both(
      every(({ few, many }) => few.exact / many.exact > 5),
      mean(({ few, many }) => many.dropout / few.dropout, { between: [0.8, 1.4] }),
      mean(({ many }) => many.anchored / many.exact, { between: [0.9, 1.1] }),
      mean(({ many }) => many.bootstrap / many.exact, { between: [0.9, 1.1] }),
      every(({ many }) => many.quiet / many.exact < 0.1),
    ),
  }),

  exactly("the interval of the apparent best", () =>
    [1, 2, 4, 256].map((items) => ({ items, ...winnersInterval(items) })),
  ).shows({
    "18/the-winners-interval": every(
      ([one, two, four, many]) =>
        Math.abs(one.coverage - 0.95) < 1e-6 &&
        Math.abs(two.coverage - 0.95) < 1e-6 &&
        four.coverage < 0.93 &&
        many.coverage < 0.5,
    ),
  }),

  experiment("a conformal promise along the optimisation", {
    keys: 20,
    run: (key) => conformalAlongKl(key, world, { kls: [0, 2, 8] }).map((point) => ({ ...point })),
  }).shows({
    "18/conformal-along-the-way": both(
      mean(([reference]) => reference.plain, { between: [0.87, 0.93] }),
      mean(([, , far]) => far.plain, { below: 0.75 }),
      mean(([, near]) => near.weighted, { above: 0.89 }),
      mean(([, , far]) => far.weighted, { above: 0.95 }),
      mean(([, , far]) => far.infinite, { above: 0.85 }),
      mean(([, , far]) => far.effective, { below: 12 }),
    ),
  }),

  experiment("careful rewards from 100 comparisons", {
    keys: 40,
    run: (key) => pessimismAlongKl(key, world),
  }).shows({
    "18/care-helps-a-little": both(
      ...[0, 1, 2].map((i) =>
        mean((run: ReturnType<typeof pessimismAlongKl>) => run["mean - 1 sd"][i] - run.mean[i], { between: [0, 0.3] }),
      ),
      ...[0, 1, 2].map((i) =>
        mean((run: ReturnType<typeof pessimismAlongKl>) => run["mean - 2 sd"][i] - run.mean[i], { between: [0, 0.5] }),
      ),
      mean((run) => run["true utility"][2] - run.mean[2], { above: 1 }),
    ),
    "18/one-draw-is-worse": both(
      mean((run) => run["one draw"][0] - run.mean[0], { below: 0 }),
      mean((run) => run["one draw"][1] - run.mean[1], { below: 0 }),
    ),
    "18/centring-pays": both(
      mean((run) => run["mean - 1 sd"][0] - run["mean - 1 sd, not centred"][0], { above: 0 }),
      mean((run) => run["mean - 1 sd"][1] - run["mean - 1 sd, not centred"][1], { above: 0 }),
    ),
  }),

  experiment("the set's minimum against each reply's", {
    keys: 10,
    run: (key) => {
      const { points, set } = setAgainstPoints(key, world);
      return { points: { ...points }, set: { ...set } };
    },
  }).shows({
    "18/the-set-is-surer": both(
      every(({ points, set }) => set.guaranteed > points.guaranteed - 0.01),
      mean(({ points, set }) => set.guaranteed - points.guaranteed, { above: 0.05 }),
      every(({ points }) => points.told < points.guaranteed),
    ),
    "18/the-points-are-luckier": mean(({ points, set }) => points.utility - set.utility, { above: 0 }),
  }),

  experiment("ten arms that somebody else compared", {
    keys: 200,
    run: (key) => {
      const at = (comparisons: number, bestIsCommon: boolean) =>
        offlineArms(split(key, 8)[comparisons % 7], { comparisons, bestIsCommon }, [0, 1.5]);
      return { few: at(20, true), hundred: at(100, true), common: at(300, true), rare: at(300, false) };
    },
  }).shows({
    "18/pessimism-needs-coverage": both(
      mean(({ common }) => common[0], { above: 0.4 }),
      mean(({ common }) => common[1], { below: 0.05 }),
      mean(({ few }) => few[1] - few[0], { above: 0 }),
      mean(({ hundred }) => hundred[1], { below: 0.05 }),
      mean(({ rare }) => rare[1] - rare[0], { above: 0.1 }),
    ),
  }),

  experiment("where the second hundred questions come from", {
    keys: 30,
    run: (key) => Object.fromEntries(askingRules.map((rule) => [rule, whomToAsk(key, world, rule).utility])),
  }).shows({
    "18/ask-where-the-policy-is": both(
      mean((run) => run.policy[0] - run.reference[0], { above: 0.1 }),
      mean((run) => run.policy[1] - run.reference[1], { above: 0.1 }),
      mean((run) => run.policy[0] - run["reference, by gain"][0], { above: 0.1 }),
    ),
    "18/cleverness-adds-a-little": mean((run) => run["policy, by gain"][0] - run.policy[0], { between: [0, 0.4] }),
  }),

  exactly("balls around four outcomes", () => {
    const { losses, p } = fourLosses;
    return {
      kl: [0, 0.1, Math.LN10].map((rho) => klBallWorst(losses, p, rho).value),
      chiSquare: [0.5, 9].map((rho) => chiSquareBallWorst(losses, p, rho).value),
      formula: 2.8 + Math.sqrt(9 * 6.96),
      variation: [0.2, 1].map((rho) => totalVariationWorst(losses, p, rho).value),
      tilts: ballCurves(losses, p, [0.1]).kl.map(({ q, multiplier }) =>
        losses.map((loss, i) => Math.log(q[i] / p[i]) - (loss - losses[0]) / multiplier),
      )[0],
    };
  }).shows({
    "18/balls-end": every(
      ({ kl, chiSquare, formula, variation, tilts }) =>
        Math.abs(kl[0] - 2.8) < 1e-9 &&
        Math.abs(kl[1] - 4.12763178) < 1e-6 &&
        Math.abs(kl[2] - 10) < 1e-6 &&
        Math.abs(chiSquare[0] - 4.665476) < 1e-6 &&
        Math.abs(chiSquare[1] - 10) < 1e-9 &&
        formula > 10.7 &&
        Math.abs(variation[0] - 4.6) < 1e-9 &&
        variation[1] === 10 &&
        tilts.every((tilt) => Math.abs(tilt - tilts[0]) < 1e-6),
    ),
  }),

  exactly("two groups and three actions", async () => {
    const withCompromise = (worth: number) => [
      [3, 0, worth],
      [0, 3, worth],
    ];
    const [good, poor] = await Promise.all([1.6, 1.4].map((worth) => groupRobust(withCompromise(worth))));
    const runs = [30, 100, 1000, 3000].map((n) =>
      groupRobustDescent(withCompromise(1.4), { rate: Math.sqrt(1 / n), steps: n }),
    );
    return {
      good: [...good.policy, good.value],
      poor: [...poor.policy, poor.value],
      ends: runs.map(({ value }) => value),
      last: runs.map(({ last }) => last),
    };
  }).shows({
    "18/group-robust": every(
      ({ good, poor, ends, last }) =>
        [0, 0, 1, 1.6].every((x, i) => Math.abs(good[i] - x) < 1e-6) &&
        [0.5, 0.5, 0, 1.5].every((x, i) => Math.abs(poor[i] - x) < 1e-6) &&
        ends[3] > 1.45 &&
        ends.every((end) => end <= 1.5 + 1e-9) &&
        last.every((action) => action !== 2),
    ),
  }),

  exactly("axioms on three pairs of losses", () => {
    const bonds = { X: [0, 100, 0, 100], Y: [0, 0, 100, 100], p: [0.9216, 0.0384, 0.0384, 0.0016] };
    const lottery = { X: [1, 1], Y: [1, -9], p: [0.5, 0.5] };
    const same = { X: [0, 10], Y: [0, 10], p: [0.5, 0.5] };
    const of = (risk: RiskMeasure) =>
      [bonds, lottery, same].map(({ X, Y, p }) => {
        const { monotone, translation, homogeneous, subadditive } = coherence(risk, X, Y, { p });
        return [monotone, translation, homogeneous, subadditive].map(({ holds }) => holds);
      });
    const coins = [0, 1, 1, 2];
    return {
      value: of((x, p) => valueAtRisk(x, p, 0.05)),
      tail: of((x, p) => conditionalValueAtRisk(x, p, 0.05)),
      entropicTail: of((x, p) => entropicValueAtRisk(x, p, 0.05)),
      worst: of((x, p) => conditionalValueAtRisk(x, p, 0)),
      entropic: of((x, p) => entropicRisk(x, p, 0.1)),
      meanVariance: of((x, p) => meanVariance(x, p, 1)),
      once: conditionalValueAtRisk(coins, [0.25, 0.25, 0.25, 0.25], 0.5),
      nested: conditionalValueAtRisk(
        [0, 1].map((first) => first + conditionalValueAtRisk([0, 1], [0.5, 0.5], 0.5)),
        [0.5, 0.5],
        0.5,
      ),
    };
  }).shows({
    "18/coherence": every(
      ({ value, tail, entropicTail, worst, entropic, meanVariance: variance, once, nested }) =>
        !value[0][3] &&
        [...tail, ...entropicTail, ...worst].flat().every((holds) => holds) &&
        entropic.some((row) => !row[2]) &&
        !variance[1][0] &&
        once === 1.5 &&
        nested === 2,
    ),
  }),

  exactly("Ellsberg's bets", () => {
    const urn = Array.from({ length: 61 }, (_, black) => [30 / 90, black / 90, (60 - black) / 90]);
    const [one, two] = [
      [
        [100, 0, 0],
        [0, 100, 0],
      ],
      [
        [100, 0, 100],
        [0, 100, 100],
      ],
    ];
    const sign = (bets: number[][], priors: number[][]) => {
      const [a, b] = maxMinUtility(bets, priors).values;
      return Math.abs(a - b) < 1e-9 ? 0 : Math.sign(a - b);
    };
    return { worst: [sign(one, urn), sign(two, urn)], each: urn.map((p) => [sign(one, [p]), sign(two, [p])]) };
  }).shows({
    "18/ellsberg": every(({ worst, each }) => worst[0] === 1 && worst[1] === -1 && each.every(([a, b]) => a === b)),
  }),

  exactly("the strait in an unknown current", () => {
    const slips = [0.05, 0.1, 0.15, 0.2];
    const { optimal, robust } = robustStrait(0.4, { slips });
    const wide = robustStrait(0.8).robust.nominal;
    return {
      worst: [optimal.worst, robust.worst],
      charted: [optimal.nominal, robust.nominal],
      slipping: { optimal: optimal.slipping, robust: robust.slipping },
      wide,
    };
  }).shows({
    "18/robust-voyage": every(
      ({ worst, charted, slipping, wide }) =>
        worst[0] < 0 &&
        worst[1] > 0.06 &&
        charted[0] > charted[1] &&
        slipping.robust[3] > slipping.optimal[3] &&
        slipping.robust.slice(0, 3).every((value) => value > 3 * worst[1]) &&
        wide < 0.001,
    ),
  }),

  experiment("acquisitions after five measurements", {
    keys: 40,
    run: (key) => {
      const places = Array.from({ length: 101 }, (_, i) => [i / 100]);
      const kernel = squaredExponential({ length: 0.12 });
      const [a, b] = split(key);
      const truth = drawFunction(a, gaussianProcess(kernel, [], [], 0).jointly(places));
      const at = [8, 30, 52, 60, 90];
      const y = at.map((i, n) => truth[i] + 0.05 * normal(b, 5)[n]);
      const {
        mean: m,
        deviation,
        ...rest
      } = gaussianProcess(
        kernel,
        at.map((i) => places[i]),
        y,
        0.05,
      ).jointly(places);
      const best = at.reduce((top, i) => Math.max(top, m[i]), Number.NEGATIVE_INFINITY);
      const sdAt = (of: (i: number) => number) => {
        const values = places.map((_, i) => of(i));
        return deviation[values.indexOf(values.reduce((x, v) => Math.max(x, v)))];
      };
      const { choice } = knowledgeGradients({ mean: m, deviation, ...rest }, 0.05);
      return {
        pi: sdAt((i) => probabilityOfImprovement(m[i], deviation[i], best)),
        ei: sdAt((i) => expectedImprovement(m[i], deviation[i], best)),
        ucb: sdAt((i) => m[i] + 2 * deviation[i]),
        kg: deviation[choice],
      };
    },
  }).shows({
    "18/acquisitions-disagree": both(
      mean(({ pi, ei }) => ei - pi, { above: 0.05 }),
      mean(({ pi, ucb }) => ucb - pi, { above: 0.05 }),
      mean(({ pi, kg }) => kg - pi, { above: 0.05 }),
    ),
  }),

  experiment("thirty measurements that must not be bad", {
    keys: 60,
    run: (key) => {
      const of = (method: SafeOptMethod, more = {}) => {
        const { violations, regret, film, x } = safeOptTrial(key, { method, ...more });
        return { violated: violations > 0, regret, safe: film[film.length - 1].safe.length / x.length };
      };
      return {
        ucb: of("ucb"),
        improvement: of("expectedImprovement"),
        thompson: of("thompson"),
        safeUcb: of("safeUcb"),
        safeOpt: of("safeOpt"),
        wrong: of("safeOpt", { believedLength: 0.24 }),
        narrow: of("safeOpt", { width: 1 }),
      };
    },
  }).shows({
    "18/safeopt-widens": both(
      share(({ ucb }) => ucb.violated, { above: 0.6 }),
      share(({ improvement }) => improvement.violated, { above: 0.6 }),
      share(({ thompson }) => thompson.violated, { above: 0.6 }),
      share(({ safeOpt, safeUcb }) => safeOpt.violated || safeUcb.violated, { below: 0.05 }),
      mean(({ safeOpt, safeUcb }) => safeOpt.safe - safeUcb.safe, { above: 0.05 }),
      share(({ safeOpt, safeUcb }) => safeUcb.regret - safeOpt.regret > 0.05, { between: [0.01, 0.3] }),
    ),
    "18/safe-is-a-kernel": both(
      share(({ wrong }) => wrong.violated, { above: 0.4 }),
      share(({ narrow }) => narrow.violated, { above: 0.4 }),
    ),
  }),

  experiment("four reward models that read", {
    keys: 8,
    few: "transformer",
    run: (key: Key) =>
      transformerEnsemble(key, world).then(({ members: _, ...found }) => ({
        ...found,
        disagreement: found.disagreement.map((d) => ({ ...d })),
        follows: { ...found.follows },
      })),
  }).shows({
    "18/averaging-readers-helps": both(
      every(({ utility }) => utility.mean[0] > utility.one[0] && utility.mean[1] > utility.one[1]),
      mean(({ utility }) => utility.mean[1] - utility.one[1], { above: 0.3 }),
    ),
    "18/doubt-falls-error-does-not": both(
      mean(({ disagreement: [reference, , , four] }) => reference.ensemble - four.ensemble, { above: 0 }),
      mean(
        ({ disagreement: [reference, , , four] }) => four.error / four.ensemble - reference.error / reference.ensemble,
        {
          above: 0.2,
        },
      ),
      mean(({ disagreement: [reference] }) => reference.dropout / reference.ensemble, { below: 0.6 }),
    ),
    "18/no-gain-from-caution": both(
      mean(({ utility }) => average([0, 1, 2].map((i) => utility["mean - sd"][i] - utility.mean[i])), { below: 0.15 }),
      mean(({ utility }) => average([0, 1, 2].map((i) => utility.least[i] - utility.mean[i])), { below: 0.15 }),
    ),
  }),

  experiment("policies that four readers pay", {
    keys: [11, 12, 13, 14, 15, 16, 17, 18, 19, 20], // others than the four that were looked at first
    few: "transformer",
    run: async (key) => {
      const [readerKey, pupilKey, trainKey] = split(key, 3);
      const { members } = await transformerEnsemble(readerKey, world);
      const pupil = await careful.imitate(pupilKey);
      const rewards = { ...ensembleRules(members, pupil.logProbs), truth: world.utility };
      const at: Record<string, number> = {};
      for (const [name, reward] of Object.entries(rewards)) {
        const reached: number[] = [];
        // Each at its better rate; the slower has twice as long.
        for (const [rate, iterations] of [
          [0.004, 60],
          [0.002, 120],
        ]) {
          const path = await careful.run(trainKey, pupil.params, { reward, rate, iterations, until: 2 });
          reached.push(utilityOnPath(path, 2));
        }
        at[name] = reached.reduce((best, u) => (u > best ? u : best), Number.NEGATIVE_INFINITY);
      }
      disposeTree(pupil.params);
      return { at, best: exactExpectation(tiltUpToKl(pupil.logProbs, world.utility, 2), world.utility) };
    },
  }).shows({
    "18/trained-on-four": both(
      mean(({ best, at }) => best - at.truth, { between: [0.3, 0.5] }),
      mean(({ at }) => at.truth - at.one, { above: 0.25 }),
      share(({ at }) => at.mean > at.one, { between: [0.65, 0.75] }),
      undecided(({ at }) => at.mean - at.one),
    ),
    "18/trained-with-care": both(
      undecided(({ at }) => at["mean - sd"] - at.mean),
      undecided(({ at }) => at["mean - variance"] - at.mean),
      undecided(({ at }) => at.least - at.mean),
      mean(({ at }) => at["mean - sd"] - at.mean, { below: 0.2 }),
      mean(({ at }) => at["mean - variance"] - at.mean, { below: 0.2 }),
      mean(({ at }) => at.least - at.mean, { below: 0.2 }),
    ),
  }),
];
