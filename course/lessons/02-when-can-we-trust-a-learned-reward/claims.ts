// Lesson 02's sentences about results: rewards learned from the moods of Moby Dick, bounds beside what they
// bound, and policies misled.
import { foldIn, type Key, linspace, normal, quantile, split, uniform } from "rlhf-lab";
import { occupancy, optimalPolicy, policyReturn, randomMdp, uniformPolicy } from "rlhf-lab/mdp";
import { exactRegularisedObjective, exactRegularisedOptimum, normalCdf } from "rlhf-lab/numerics";
import { shuffle } from "rlhf-lab/random";
import {
  catoniBound,
  choiceConfidence,
  crossValidate,
  estimationBound,
  expectedCalibrationError,
  featureDifferences,
  featurePairs,
  finiteClassBound,
  fitPowerLaw,
  fitTemperature,
  foldsByPrompt,
  gaussianKL,
  hoeffdingBound,
  linearReward,
  marginLoss,
  maurerBound,
  mcAllesterBound,
  noiseCeiling,
  preferenceAccuracy,
  rademacherMarginBound,
  rampLoss,
  returnLost,
  rewardErrorBound,
  seegerBound,
  selectPairs,
} from "rlhf-lab/rewards";
import { featureInputs, mlpReward, rewardMargins, tokenInputs, transformerReward } from "rlhf-lab/rewards/tensor";
import { adam } from "rlhf-lab/tensor";
import { trainRewardModel } from "rlhf-lab/train";
import {
  comparisonTokens,
  type ItemWorld,
  itemComparisons,
  phraseComparisons,
  phraseTask,
  sphereComparisons,
} from "rlhf-lab/worlds";
import {
  joinComparisons,
  moodComparisons,
  moodDifferences,
  moodFeatures,
  moodPanels,
  moodTask,
  writeGreedily,
  writerComparisons,
} from "rlhf-lab/worlds/text";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const task = moodTask();
const chapters = task.chapters.length;
const average = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const accuracy = (theta: ArrayLike<number>, pairs: Parameters<typeof linearReward.margins>[1]) =>
  preferenceAccuracy(linearReward.margins(theta, pairs));
const bothWays = (words: readonly string[]) => Float64Array.of(...task.bag.counts(words), ...task.bag.presence(words));

/** What lesson 02 studies, chooses by and is examined on: three parts of the book. */
function moods(key: Key) {
  const [learnKey, heldKey, examKey] = split(key, 3);
  return {
    learned: moodComparisons(learnKey, task, 1500),
    held: moodComparisons(heldKey, task, 1000, { from: 100, to: 118 }),
    exam: moodComparisons(examKey, task, 4000, { from: 118, to: chapters }),
  };
}

const ece = (margins: ArrayLike<number>, bins: number) => {
  const { confidence, correct } = choiceConfidence(margins);
  return expectedCalibrationError(confidence, correct, { bins, range: [0.5, 1] });
};

/** How a reward model does on an exam, as it is and divided by the temperature of the held-out pairs. */
function examined(held: ArrayLike<number>, exam: Float64Array) {
  const temperature = fitTemperature(held);
  return {
    accuracy: preferenceAccuracy(exam),
    loss: marginLoss(exam),
    scaled: marginLoss(exam.map((margin) => margin / temperature)),
    temperature,
    validation: marginLoss(held),
  };
}

const penalties = [0.0003, 0.003, 0.03];
// Of a few settings each, those with the lowest validation loss, as in the lesson.
const recipes = { nothing: {}, l2: { l2: 0.02 }, dropout: { dropout: 0.9 }, patience: { patience: 16 } };

/** A unit-length vector for each pair; a pair without any words of the bag stays at 0. */
function unitDifferences(pairs: Parameters<typeof featureDifferences>[0]): Float64Array {
  const x = featureDifferences(pairs);
  for (let r = 0; r < pairs.rows; r++) {
    const row = x.subarray(r * pairs.width, (r + 1) * pairs.width);
    const length = Math.hypot(...row) || 1;
    for (let j = 0; j < row.length; j++) row[j] /= length;
  }
  return x;
}

/** Section 5: the error of a fit in the ball, in the norm of the data. */
function estimationError(key: Key, truth: Float64Array, n: number, ball: number): number {
  const pairs = sphereComparisons(key, truth, n, 2);
  const { theta } = linearReward.fitInBall(pairs, ball, { tolerance: 1e-6 });
  return linearReward.matrixNorm(
    theta.map((value, j) => value - truth[j]),
    linearReward.covariance(pairs),
  );
}

/**
 * Section 5: root mean square error of a difference of utilities, on fresh pairs of every kind, answered without slips.
 */
function consistencyError(key: Key, world: ItemWorld, n: number): number {
  const [learnKey, freshKey] = split(key);
  const { theta } = linearReward.fit(itemComparisons(learnKey, world, n).pairs, { l2: 1e-6, tolerance: 1e-6 });
  const fresh = itemComparisons(freshKey, { ...world, flip: 0, sameLast: false }, 2000);
  const margins = linearReward.margins(theta, fresh.pairs);
  return Math.sqrt(average(fresh.differences.map((d, k) => (d - margins[k]) ** 2)));
}
const worlds: Record<string, ItemWorld> = {
  all: { theta: [1, 0.5, -0.5] },
  unasked: { theta: [1, 0.5, -0.5], sameLast: true },
  flipped: { theta: [1, 0.5, -0.5], flip: 0.1 },
  curved: { theta: [1, 0.5, -0.5], curve: 0.5 },
};

const phrases = phraseTask();

export default [
  experiment("a linear reward of moods", {
    keys: 12,
    run: (key) => {
      const { learned, held, exam } = moods(key);
      const [learnPairs, heldPairs, examPairs] = [learned, held, exam].map((data) => moodFeatures(task, data));
      const ceiling = noiseCeiling(moodDifferences(exam)).accuracy;
      const fits = penalties.map((l2) => linearReward.fit(learnPairs, { l2, tolerance: 1e-4 }).theta);
      const theta = fits[1];
      const order = Array.from(theta.keys()).sort((a, b) => theta[b] - theta[a]);
      const error = 1 - accuracy(theta, learnPairs);
      // The first half of the vocabulary are glad and sad words, frequent ones first.
      const size = (weights: Float64Array, from: number) => average(weights.slice(from, from + 50).map(Math.abs));
      return {
        training: accuracy(theta, learnPairs),
        fresh: accuracy(theta, examPairs),
        bag: accuracy(task.valences, examPairs),
        ceiling,
        gladWords: order.slice(0, 6).filter((j) => task.valences[j] > 0).length,
        penalties: fits.map((weights) =>
          examined(linearReward.margins(weights, heldPairs), linearReward.margins(weights, examPairs)),
        ),
        shrunk: [0, 100].map((from) => size(fits[2], from) / size(fits[0], from)),
        falseBound: hoeffdingBound({ error, n: 1500, delta: 0.05 }),
      };
    },
  }).shows({
    "02/knows-its-examples-better": every(({ training, fresh }) => training - fresh > 0.08),
    "02/half-of-the-gap-is-the-bag": mean(({ fresh, bag, ceiling }) => (ceiling - bag) / (ceiling - fresh), {
      between: [0.5, 0.7],
    }),
    "02/ceiling-is-four-fifths": mean(({ ceiling }) => ceiling, { between: [0.8, 0.82] }),
    "02/glad-words-found": every(({ gladWords }) => gladWords >= 5),
    "02/penalty-mends-size": both(
      mean(({ penalties: [weak, middle] }) => weak.loss - middle.loss, { above: 0.02 }),
      mean(({ penalties: [, middle, strong] }) => strong.loss - middle.loss, { above: 0 }),
    ),
    "02/penalty-spoils-order": both(
      mean(({ penalties: [weak, middle] }) => weak.accuracy - middle.accuracy, { above: 0.003 }),
      mean(({ penalties: [, middle, strong] }) => middle.accuracy - strong.accuracy, { above: 0.02 }),
      mean(({ penalties: [weak, middle] }) => middle.scaled - weak.scaled, { above: 0.004 }),
    ),
    "02/rare-words-shrink-first": every(({ shrunk: [frequent, rare] }) => rare < 0.8 * frequent),
    "02/training-error-is-no-test": every(({ falseBound, fresh }) => 1 - fresh > falseBound),
  }),

  experiment("a network, held back in three ways", {
    keys: 10,
    run: async (key) => {
      const [dataKey, trainKey] = split(key);
      const { learned, held, exam } = moods(dataKey);
      const [learnPairs, heldPairs, examPairs] = [learned, held, exam].map((data) =>
        featureInputs(moodFeatures(task, data)),
      );
      const examine = async (recipe: { l2?: number; dropout?: number; patience?: number }) => {
        const model = mlpReward({ inputs: task.bag.vocabulary.length, hidden: [32], dropout: recipe.dropout });
        const { params } = await trainRewardModel(trainKey, {
          ...{ model, optimizer: adam({ rate: 0.002 }), train: learnPairs, steps: 200, batch: 256, l2: recipe.l2 },
          ...(recipe.patience && { validation: heldPairs, evaluateEvery: 5, patience: recipe.patience }),
        });
        const [h, e, t] = [heldPairs, examPairs, learnPairs].map((pairs) => rewardMargins(model, params, pairs));
        const [temperature, studied] = [fitTemperature(h), fitTemperature(t)];
        const honest = choiceConfidence(e.map((margin) => margin / temperature)).confidence;
        const luck = uniform(foldIn(trainKey, 1), honest.length);
        const came = honest.map((p, k) => (luck[k] < p ? 1 : 0));
        return {
          ...examined(h, e),
          honest: [10, 50].map((bins) => expectedCalibrationError(honest, came, { bins, range: [0.5, 1] })),
          ece: [
            ece(e, 10),
            ece(
              e.map((margin) => margin / temperature),
              10,
            ),
          ],
          studied: { temperature: studied, loss: marginLoss(e.map((margin) => margin / studied)) },
        };
      };
      return {
        nothing: await examine(recipes.nothing),
        l2: await examine(recipes.l2),
        dropout: await examine(recipes.dropout),
        patience: await examine(recipes.patience),
      };
    },
  }).shows({
    "02/left-alone-above-the-coin": mean(({ nothing }) => nothing.loss, { above: Math.LN2 }),
    "02/held-back-below-the-coin": every(({ l2, dropout, patience }) =>
      [l2, dropout, patience].every(({ loss }) => loss < Math.LN2),
    ),
    "02/left-alone-ranks-no-worse": both(
      mean(({ nothing, l2 }) => nothing.accuracy - l2.accuracy, { above: 0 }),
      mean(({ nothing, patience }) => nothing.accuracy - patience.accuracy, { above: 0 }),
    ),
    "02/scaled-it-is-level-or-ahead": both(
      mean(({ nothing, l2 }) => l2.scaled - nothing.scaled, { above: 0 }),
      mean(({ nothing, patience }) => patience.scaled - nothing.scaled, { above: 0 }),
      mean(({ nothing, dropout }) => dropout.scaled - nothing.scaled, { above: 0 }),
    ),
    "02/one-temperature": every(({ nothing }) => nothing.temperature > 1.5 && nothing.scaled < nothing.loss - 0.03),
    "02/scaled-is-below-the-coin": every(({ nothing }) => nothing.scaled < Math.LN2),
    "02/calibration-error-falls": every(({ nothing: { ece } }) => ece[1] < ece[0] / 2),
    "02/noisy-bins": every(({ nothing: { honest } }) => honest[0] > 0 && honest[1] > honest[0]),
    "02/temperature-of-studied-pairs": every(
      ({ nothing: { studied, loss } }) => studied.temperature < 1 && studied.loss > loss,
    ),
  }),

  experiment("cross-validation", {
    keys: 24,
    run: (key) => {
      const [orderKey, dataKey, freshKey, foldKey] = split(key, 4);
      const long = Array.from(task.chapters.keys()).filter((chapter) => task.chapters[chapter].length >= 5);
      const order = shuffle(orderKey, long);
      const data = moodFeatures(task, moodPanels(dataKey, task, order.slice(0, 60), 5));
      const fresh = moodFeatures(task, moodPanels(freshKey, task, order.slice(60), 5));
      const learn = (rows: Int32Array) =>
        linearReward.fit(selectPairs(data, rows), { l2: 0.003, tolerance: 1e-4 }).theta;
      const score = (weights: Float64Array, rows: Int32Array) => accuracy(weights, selectPairs(data, rows));
      const everyRow = Int32Array.from({ length: data.rows }, (_, row) => row);
      return {
        byPair: average(crossValidate(foldsByPrompt(foldKey, everyRow, 5), learn, score)),
        byPrompt: average(crossValidate(foldsByPrompt(foldKey, data.prompt, 5), learn, score)),
        fresh: accuracy(learn(everyRow), fresh),
      };
    },
  }).shows({
    "02/by-pair-leaks": every(({ byPair, byPrompt, fresh }) => byPair > byPrompt && byPair > fresh + 0.05),
    "02/by-prompt-is-honest": mean(({ byPrompt, fresh }) => byPrompt - fresh, { between: [-0.03, 0.03] }),
  }),

  experiment("readers of the phrase task", {
    keys: 4,
    few: "transformer",
    run: async (key) => {
      const [studyKey, testKey, trainKey] = split(key, 3);
      const data = (k: Key, n: number) => {
        const rows = phraseComparisons(k, phrases, n);
        return {
          comparisons: rows.map((row) => comparisonTokens(phrases, row)),
          differences: rows.map((row) => row.difference),
        };
      };
      const [study, test, more] = [data(studyKey, 4000), data(testKey, 4000), data(foldIn(studyKey, 1), 16000)];
      const counts = ({ comparisons }: typeof study, which: "chosen" | "rejected") =>
        comparisons.map(({ prompt: [prompt], [which]: reply }) => {
          const features = new Float64Array(14);
          for (const word of reply) features[7 * (prompt - 5) + word]++;
          return features;
        });
      const counted = (data: typeof study) => featurePairs(counts(data, "chosen"), counts(data, "rejected"));
      const inputs = ({ comparisons }: typeof study) => tokenInputs(comparisons, { length: 6 });
      const transformer = async (width: number, layers: number, rate: number) => {
        const model = transformerReward({ vocabulary: 7, context: 6, width, layers, heads: 2 });
        const { params } = await trainRewardModel(trainKey, {
          ...{ model, optimizer: adam({ rate }), train: inputs(study), steps: 300, batch: 64 },
        });
        return preferenceAccuracy(rewardMargins(model, params, inputs(test)));
      };
      return {
        counts: accuracy(linearReward.fit(counted(study)).theta, counted(test)),
        moreCounts: accuracy(linearReward.fit(counted(more)).theta, counted(test)),
        small: await transformer(8, 1, 0.01),
        large: await transformer(32, 2, 0.001),
        ceiling: noiseCeiling(test.differences).accuracy,
      };
    },
  }).shows({
    "02/readers-above-counts": both(
      every(({ counts, large, ceiling }) => large > counts + 0.01 && large < ceiling - 0.02),
      mean(({ counts, small }) => small - counts, { between: [-0.02, 0.06] }),
    ),
    "02/counts-stay": every(
      ({ counts, moreCounts, ceiling }) => moreCounts < counts + 0.01 && ceiling > moreCounts + 0.05,
    ),
  }),

  experiment("the rate of a linear reward", {
    keys: 10,
    run: (key) => {
      const [starKey, fitKey] = split(key);
      const truth = normal(starKey, 5).map((z, _, all) => z / Math.hypot(...all));
      const sizes = [50, 200, 800, 3200];
      const medians = sizes.map((n, i) =>
        quantile(
          split(foldIn(fitKey, i), 16).map((k) => estimationError(k, truth, n, 1.5)),
          0.5,
        ),
      );
      const stretched = [0.5, 3].map((length, i) =>
        quantile(
          split(foldIn(fitKey, 10 + i), 20).map((k) =>
            estimationError(
              k,
              truth.map((value) => length * value),
              800,
              1.5 * length,
            ),
          ),
          0.5,
        ),
      );
      const bound = (n: number, norm: number) => estimationBound({ n, width: 5, norm, radius: 2, delta: 0.1 });
      return {
        slope: fitPowerLaw(sizes, medians).slope,
        loose: bound(800, 1.5) / medians[2],
        measured: stretched[1] / stretched[0],
        bounded: bound(800, 4.5) / bound(800, 0.75),
      };
    },
  }).shows({
    "02/slope-of-one-half": mean(({ slope }) => slope, { between: [-0.56, -0.46] }),
    "02/ten-times-too-high": mean(({ loose }) => loose, { between: [8, 16] }),
    "02/firm-opinions": both(
      mean(({ measured }) => measured, { between: [1.2, 2] }),
      every(({ bounded }) => bounded > 900),
    ),
  }),

  experiment("consistency, and three ways to lose it", {
    keys: 10,
    run: (key) => {
      const at = (name: string, n: number, i: number) =>
        average(split(foldIn(foldIn(key, i), n), 4).map((k) => consistencyError(k, worlds[name], n)));
      const names = Object.keys(worlds);
      const slopes = [-1, 1].map((centre, i) => {
        const { pairs } = itemComparisons(foldIn(foldIn(key, 9), i), { theta: [0.2, 0.5], curve: 0.5, centre }, 2000);
        return linearReward.fit(pairs).theta[0];
      });
      const [few, many] = [400, 6400].map((n) => names.map((name, i) => at(name, n, i)));
      const flipped = linearReward.fit(itemComparisons(foldIn(key, 8), worlds.flipped, 6400).pairs).theta;
      const cosine =
        (flipped[0] + 0.5 * flipped[1] - 0.5 * flipped[2]) / (Math.hypot(...flipped) * Math.hypot(1, 0.5, 0.5));
      return { few, many, slopes, cosine, shrunk: average(flipped.map((value, j) => value / [1, 0.5, -0.5][j])) };
    },
  }).shows({
    "02/consistent": mean(({ few, many }) => many[0] / few[0], { between: [0.17, 0.35] }),
    "02/three-ways-to-lose-it": every(({ many }) => many[1] > 0.5 && many[2] > 0.3 && many[3] > 0.7),
    "02/flips-shrink-the-limit": both(
      mean(({ shrunk }) => shrunk, { between: [0.6, 0.75] }),
      every(({ cosine }) => cosine > 0.99),
    ),
    "02/the-limit-depends-on-the-question": every(({ slopes: [left, right] }) => left < 0 && right > 0),
  }),

  experiment("bounds on moods", {
    keys: 10,
    run: (key) => {
      const small = smallTask();
      const n = 4000;
      const delta = 0.05;
      const [otherKey, sampleKey, freshKey] = split(key, 3);
      const pairs = (k: Key, size: number) => moodFeatures(small, moodComparisons(k, small, size));
      const [others, sample] = [pairs(otherKey, n), pairs(sampleKey, n)];
      const [seen, unseen] = [unitDifferences(sample), unitDifferences(pairs(freshKey, 10000))];
      const wrong = (weights: ArrayLike<number>, x: Float64Array) =>
        1 - preferenceAccuracy(linearReward.rewards(weights, x));
      const trained = (data: typeof sample) => {
        const { theta } = linearReward.fit(data, { l2: 0.003, tolerance: 1e-4, method: "lbfgs" });
        return theta.map((value) => value / Math.hypot(...theta));
      };
      const [direction, elsewhere] = [trained(sample), trained(others)];
      const [cosines, freshCosines] = [seen, unseen].map((x) => linearReward.rewards(direction, x));
      const gibbs = (length: number, of: Float64Array) => average(of.map((cosine) => normalCdf(-length * cosine)));
      const scaled = (weights: Float64Array, length: number) => ({
        mean: weights.map((value) => length * value),
        deviation: 1,
      });
      const shortest = (prior: (length: number) => Parameters<typeof gaussianKL>[1], share: number) =>
        linspace(2, 40, 20)
          .map((length) => ({ length, kl: gaussianKL(scaled(direction, length), prior(length)) }))
          .map(({ length, kl }) => ({ kl, n, error: gibbs(length, cosines), delta: delta / share, length }))
          .reduce((a, b) => (maurerBound(b) < maurerBound(a) ? b : a));
      const blind = shortest(() => ({ deviation: 1 }), 1);
      const informed = shortest((length) => scaled(elsewhere, length), 20);
      const rounded = direction.map((value) => (Math.floor(Math.max(-2, Math.min(1.99, value / 0.1))) + 0.5) * 0.1);
      const test = wrong(direction, unseen);
      return {
        test: [test, hoeffdingBound({ error: test, n: 10000, delta })],
        margin: [
          test,
          rademacherMarginBound({ error: rampLoss(cosines, 0.2), n, delta, norm: 1, radius: 1, rho: 0.2 }),
        ],
        finite: [
          wrong(rounded, unseen),
          finiteClassBound({ error: wrong(rounded, seen), n, delta, logClassSize: 100 * Math.log(4) }),
        ],
        maurer: [gibbs(blind.length, freshCosines), maurerBound(blind)],
        others: [mcAllesterBound(blind), seegerBound(blind), catoniBound({ ...blind, c: 1 })],
        informed: [gibbs(informed.length, freshCosines), seegerBound(informed)],
        wide: average(cosines.map((cosine) => (Math.abs(cosine) > 0.2 ? 1 : 0))),
      };
    },
  }).shows({
    "02/every-bound-is-above": every(({ test, margin, finite, maurer, informed }) =>
      [test, margin, finite, maurer, informed].every(([actual, bound]) => bound > actual),
    ),
    "02/a-test-set-is-tightest": every(({ test, margin, finite, maurer, informed }) =>
      [margin, finite, maurer, informed].every(([, bound]) => bound > test[1] + 0.05),
    ),
    "02/margins-promise-nothing": every(({ margin }) => margin[1] > 1),
    "02/blind-prior-reaches-the-coin": mean(({ maurer }) => maurer[1], { between: [0.49, 0.51] }),
    "02/informed-prior-promises": every(({ informed }) => informed[1] < 0.46),
    "02/few-wide-margins": every(({ wide }) => wide < 0.01),
    "02/counting-reaches-the-coin": mean(({ finite }) => finite[1], { between: [0.48, 0.51] }),
  }),

  experiment("the best of a thousand coins", {
    keys: 20,
    run: (key) => {
      const wrong = split(key, 1000).map((k) => average(uniform(k, 100).map((u) => (u < 0.5 ? 1 : 0))));
      const error = Math.min(...wrong);
      return {
        fixed: hoeffdingBound({ error, n: 100, delta: 0.05 }),
        chosen: finiteClassBound({ error, n: 100, delta: 0.05, logClassSize: Math.log(1000) }),
      };
    },
  }).shows({
    "02/chosen-coins": both(
      share(({ fixed }) => fixed >= 0.5, { below: 0.2 }),
      every(({ chosen }) => chosen >= 0.5),
    ),
  }),

  experiment("policies for wrong rewards", {
    keys: 20,
    run: (key) => {
      const seen = split(key, 20).map((k) => {
        const [worldKey, sizeKey, noiseKey] = split(k, 3);
        const mdp = randomMdp(worldKey, { states: 6, actions: 3, discount: 0.9 });
        const far = randomMdp(worldKey, { states: 6, actions: 3, discount: 0.999 });
        const { policy, choice } = optimalPolicy(mdp);
        const size = 10 ** uniform(sizeKey, 1, -1.5, 0.5)[0];
        const noise = uniform(noiseKey, 18, -size, size);
        const sup = Math.max(...noise.map(Math.abs));
        const spite = policy.map((probability) => (probability > 0 ? -size : size));
        const overrated = policy.map((_, pair) => (pair % 3 === (choice[Math.floor(pair / 3)] + 1) % 3 ? 4 : 0));
        const people = policy.map((probability) => 0.999 * probability + 0.001 / 3);
        const share = occupancy(mdp, people);
        const best = policyReturn(mdp, policy);
        return {
          over: Math.max(
            returnLost(mdp, noise) / rewardErrorBound(sup, 0.9),
            returnLost(mdp, spite) / rewardErrorBound(size, 0.9),
          ),
          onData: overrated.reduce((sum, e, pair) => sum + share[pair] * e, 0),
          lost: returnLost(mdp, overrated) / (best - policyReturn(mdp, uniformPolicy(mdp))),
          far: returnLost(far, noise) / rewardErrorBound(sup, 0.999),
          near: returnLost(mdp, noise) / rewardErrorBound(sup, 0.9),
          farther: returnLost(far, noise),
          nearer: returnLost(mdp, noise),
        };
      });
      const middle = (of: (world: (typeof seen)[number]) => number) => quantile(seen.map(of), 0.5);
      return {
        over: Math.max(...seen.map(({ over }) => over)),
        onData: Math.max(...seen.map(({ onData }) => onData)),
        lost: middle(({ lost }) => lost),
        shares: [average(seen.map(({ near }) => near)), average(seen.map(({ far }) => far))],
        returns: average(seen.map(({ farther }) => farther)) / average(seen.map(({ nearer }) => nearer)),
      };
    },
  }).shows({
    "02/nothing-crosses": every(({ over }) => over <= 1 + 1e-9),
    "02/small-on-average-loses-more-than-chance": both(
      every(({ onData }) => onData < 0.002),
      mean(({ lost }) => lost, { between: [1.1, 1.6] }),
    ),
    "02/far-horizon": both(
      mean(({ returns }) => returns, { between: [50, 150] }),
      mean(({ shares: [near] }) => near, { between: [0.02, 0.06] }),
      mean(({ shares: [, far] }) => far, { between: [0.02, 0.06] }),
    ),
  }),

  exactly("accuracy, squared error, and what is lost", () => {
    const utility = Float64Array.of(0, 1, 2, 3);
    const reference = Float64Array.of(0.4, 0.3, 0.2, 0.1).map(Math.log);
    const readings = [utility, Float64Array.of(0, 0.01, 0.02, 3), Float64Array.of(0, 1, 8, 27)];
    return {
      objectives: readings.map((learned) =>
        exactRegularisedObjective(exactRegularisedOptimum(reference, learned, 1).logProbs, reference, utility, 1),
      ),
    };
  }).shows({
    "02/accuracy-is-not-enough": every(
      ({ objectives }) => String(objectives.map((value) => value.toFixed(3))) === "1.548,1.312,0.697",
    ),
  }),

  exactly("a fixed wrong reward, followed for long", () => {
    const truth = [1, 0.9, 0.2];
    const learned = [1, 1.05, 0.2];
    const lost = [10, 100, 1000, 100000].map((steps) => {
      const weight = learned.map((reward) => Math.exp(steps * 0.1 * (reward - 1.05)));
      const total = weight.reduce((a, b) => a + b);
      return 1 - weight.reduce((sum, w, i) => sum + (w / total) * truth[i], 0);
    });
    return { lost };
  }).shows({
    "02/a-fixed-reward-has-one-limit": every(({ lost }) => Math.abs(lost[3] - 0.1) < 1e-9 && Math.max(...lost) < 0.3),
  }),

  experiment("a writer who optimises", {
    keys: 10,
    run: (key) => {
      const [dataKey, askedKey] = split(key);
      const { learned, exam } = moods(dataKey);
      const options = { l2: 0.003, tolerance: 1e-4 };
      const counted = linearReward.fit(moodFeatures(task, learned), options).theta;
      const liked = Array.from(counted.keys())
        .sort((a, b) => counted[b] - counted[a])
        .slice(0, 60)
        .map((j) => task.bag.vocabulary[j]);
      const good = task.bag.vocabulary.indexOf("good");
      const asked = writerComparisons(askedKey, task, liked, 600);
      const able = linearReward.fit(moodFeatures(task, learned, bothWays), options).theta;
      const cured = linearReward.fit(moodFeatures(task, joinComparisons(learned, asked), bothWays), options).theta;
      const [examPairs, examBoth] = [moodFeatures(task, exam), moodFeatures(task, exam, bothWays)];
      const texts = [
        writeGreedily(task, counted),
        writeGreedily(task, able, { read: bothWays }),
        writeGreedily(task, cured, { read: bothWays }),
      ];
      return {
        accuracy: [accuracy(counted, examPairs), accuracy(able, examBoth), accuracy(cured, examBoth)],
        words: texts.map(({ words }) => new Set(words).size),
        mood: texts.map(({ mood }) => mood[39]),
        learned: texts.map(({ learned }) => learned[39]),
        second: [able, cured].map((weights) => weights[good] / (weights[good] + weights[good + able.length / 2])),
        late: texts.map(({ learned, mood }) => [learned[39] - learned[29], mood[39] - mood[29]]),
      };
    },
  }).shows({
    "02/one-word-forty-times": every(({ words }) => words[0] === 1),
    "02/same-accuracy": both(
      mean(({ accuracy: [counts, able] }) => able - counts, { between: [-0.015, 0.015] }),
      mean(({ accuracy: [counts, , cured] }) => cured - counts, { between: [-0.015, 0.015] }),
    ),
    "02/asked-writer-finds-words": both(
      share(({ words }) => words[2] > words[1], { above: 0.8 }),
      mean(({ words }) => words[2] - words[1], { between: [10, 30] }),
    ),
    "02/asked-writer-means-it": both(
      every(({ mood }) => mood[2] > mood[1] && mood[1] > mood[0]),
      mean(({ mood }) => mood[2] / mood[1], { between: [1.5, 3.5] }),
    ),
    "02/reward-climbs-truth-stands": every(({ late: [, able] }) => able[0] > 5 && able[1] === 0),
    "02/half-known": both(
      mean(({ second }) => second[0], { between: [0.35, 0.5] }),
      mean(({ second }) => second[1], { below: 0.35 }),
    ),
  }),
];

/** A hundred words, as in section 6; made once, when a key asks. */
let ofHundredWords: ReturnType<typeof moodTask> | undefined;
function smallTask() {
  ofHundredWords ??= moodTask({ vocabulary: 100 });
  return ofHundredWords;
}
