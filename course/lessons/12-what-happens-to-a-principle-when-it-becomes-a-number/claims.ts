import { linspace } from "rlhf-lab";
import {
  cagrad,
  chargedOptimum,
  chebyshevChoice,
  climbTogether,
  conditionOn,
  constraintMultiplier,
  critiqueChain,
  distinctFront,
  dualAscent,
  dualAscentLimit,
  epsilonConstraintChoice,
  hypervolume,
  invertedGenerationalDistance,
  invertedGenerationalDistancePlus,
  type JointDirection,
  lexicographicChoice,
  maxMinWeights,
  minimalUnsatisfiable,
  minNorm,
  minNormUnderNoise,
  pcgrad,
  peekingError,
  penaltyMultiplier,
  priceOfConstraint,
  principleGradients,
  reviseMap,
  rewardErrorParts,
  sampledPrincipleNoise,
  samplesPerArm,
  sumNoise,
  supportedPoints,
  tokenMask,
  weightedSumChoice,
} from "rlhf-lab/constitution";
import { exactExpectation, exactKL, exactRegularisedObjective, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { split } from "rlhf-lab/random";
import { conditionalLogProbs, sequenceIndex, sequenceLogProbs } from "rlhf-lab/trees";
import {
  conflictingPrinciples,
  constitutionRun,
  phraseConstitutionStudy,
  phraseLengths,
  phrasePrinciples,
  phraseRevisions,
  phraseTask,
  phraseText,
} from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, median, share } from "../../../scripts/claims/claim.js";

const task = phraseTask();
const { tree } = task;
const [ref, utility] = [task.reference[0], task.utility[0]];
const principles = phrasePrinciples(task);
const words = phraseLengths(task);
const textOf = (y: number) => phraseText(tree.sequences[y]);
const worth = (logProbs: ArrayLike<number>) => exactExpectation(logProbs, utility);
const optimum = (reward: ArrayLike<number>, beta: number) => exactRegularisedOptimum(ref, reward, beta).logProbs;
const favourite = (logProbs: Float64Array) => textOf(logProbs.indexOf(logProbs.reduce((a, b) => Math.max(a, b))));
const atMostTwo = words.map((n) => (n <= 2 ? 1 : 0));
const lengthLimit = { logRef: ref, reward: utility, cost: words, beta: 0.3, limit: 2 };
const near = (x: number, y: number, by = 1e-6) => Math.abs(x - y) < by;

function onFront(scores: Float64Array): number[][] {
  const rows = Array.from(scores, (value, y) => [value, principles.brief[y]]);
  return distinctFront(rows).map((y) => rows[y]);
}
const alone = (choices: number[][]) => new Set(choices.filter((c) => c.length === 1).map(([i]) => i)).size;

const topicOnly = principles.onTopic.map((s) => (s === 1 ? 1 : 0));
const { noWordTwice } = principles;
const together = (...rules: Float64Array[]) =>
  Float64Array.from(ref, (_, y) => (rules.every((r) => r[y] === 1) ? 1 : 0));

const start = conditionalLogProbs(tree, ref);
function climb(direction: JointDirection, logits = start, scale = 4) {
  let cosine = 0;
  const path = climbTogether(
    tree,
    logits,
    [utility.map((u) => u / scale), principles.brief],
    (gradients, step) => {
      const [a, b] = gradients;
      const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, d) => sum + v * y[d], 0);
      cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
      return direction(gradients, step);
    },
    { steps: 150, rate: 10 },
  );
  const [u, brevity] = path[150];
  return { utility: scale * u, brevity, face: (scale * u) / 5 + brevity, cosine };
}

const mood = principles.glad.map((s) => (s > 0.5 ? 1 : 0));
const holds = [principles.finish, topicOnly, mood];
function revise(list: readonly Float64Array[], mayBreak: boolean) {
  const { ends, cycles } = reviseMap(phraseRevisions(task, ref, list, { mayBreak }), together(...list));
  const mass = (end: string) => ends.reduce((sum, e, y) => sum + (e === end ? Math.exp(ref[y]) : 0), 0);
  return {
    satisfied: mass("satisfied"),
    stuck: mass("stuck"),
    cycling: mass("cycling"),
    cycles: cycles.map((cycle) => cycle.map(textOf).join(" <-> ")),
    contradictions: minimalUnsatisfiable(list),
  };
}

const sizes = [30, 100, 300, 1000];
const study = phraseConstitutionStudy(task);
const probabilities = ref.map(Math.exp);
type Runs = { regrets: number[]; chosen: number }[];
/** What cross-validation loses against always taking 30. */
const lost = ({ regrets, chosen }: Runs[number]) => regrets[chosen] - regrets[4];

export default [
  exactly("five readings of one sentence", () => {
    const free = optimum(utility, 0.3);
    const measure = (logProbs: Float64Array) => ({
      words: exactExpectation(logProbs, words),
      long: 1 - exactExpectation(logProbs, atMostTwo),
      favourite: favourite(logProbs),
    });
    return {
      score: measure(
        optimum(
          utility.map((u, y) => u + 2 * principles.brief[y]),
          0.3,
        ),
      ),
      first: measure(
        optimum(
          utility.map((u, y) => u + 100 * principles.brief[y]),
          0.3,
        ),
      ),
      average: measure(chargedOptimum(lengthLimit, constraintMultiplier(lengthLimit)).logProbs),
      never: measure(conditionOn(free, atMostTwo).logProbs),
    };
  }).shows({
    "12/five-readings": every(
      ({ score, first, average, never }) =>
        first.favourite === "" &&
        first.words < 1e-9 &&
        near(average.words, 2) &&
        average.long > 0.25 &&
        never.long < 1e-9 &&
        score.favourite === "very good whale",
    ),
  }),

  exactly("distances to a front", () => {
    // moocore's example, turned: larger is better here.
    const turned = (rows: number[][]) => rows.map((row) => row.map((x) => -x));
    const front = turned([[10, 0], [6, 1], [2, 2], [1, 6], [0, 10]]); // biome-ignore format: points
    const [better, worse] = [turned([[4, 2], [3, 3], [2, 4]]), turned([[8, 2], [4, 4], [2, 8]])]; // biome-ignore format: points
    return {
      dominates: worse.every((row) => better.some((other) => other.every((x, j) => x >= row[j]))),
      igd: [better, worse].map((set) => invertedGenerationalDistance(set, front)),
      plus: [better, worse].map((set) => invertedGenerationalDistancePlus(set, front)),
    };
  }).shows({
    "12/igd-can-prefer-the-dominated": every(
      ({ dominates, igd, plus }) => dominates && igd[0] > igd[1] + 1 && plus[0] < plus[1] - 0.5,
    ),
  }),

  exactly("fronts", async () => {
    const useful = onFront(utility);
    const { margins } = await supportedPoints(useful);
    const chosen = linspace(0, 12, 241).map((w) => weightedSumChoice(useful, [1, w])[0]);
    const lengths = [...new Set(chosen.map((i) => Math.round(5 * (1 - useful[i][1]))))];
    const glad = onFront(principles.glad);
    const gladMargins = (await supportedPoints(glad)).margins;
    const fine = linspace(0.001, 0.999, 999);
    const coin = [0, 2].map((y) => [useful[0][y], useful[3][y]]);
    return {
      margins: [...margins],
      lengths,
      gladMargins: [...gladMargins],
      sum: alone(fine.map((w) => weightedSumChoice(glad, [w, 1 - w]))),
      chebyshev: alone(fine.map((w) => chebyshevChoice(glad, [w, 1 - w], { ideal: [1.01, 1.01] }))),
      floor: alone(linspace(0, 1, 101).map((floor) => epsilonConstraintChoice(glad, 0, [0, floor]))),
      lexicographic: alone([lexicographicChoice(glad), lexicographicChoice(glad, [1, 0])]),
      all: hypervolume(glad, [0, 0]),
      coin: coin.length,
      average: [0, 1].map((j) => useful[0][j] / 3 + (2 * useful[3][j]) / 3),
      goodWhale: useful[2],
    };
  }).shows({
    "12/three-of-five": every(
      ({ margins, lengths }) =>
        margins.length === 5 &&
        margins.filter((m) => m > 1e-9).length === 3 &&
        margins[1] < 1e-9 &&
        margins[2] < 1e-9 &&
        lengths.join() === "4,3,0",
    ),
    "12/unsupported": every(
      (seen) =>
        seen.gladMargins.length === 6 &&
        seen.gladMargins.filter((m) => m < -1e-9).length === 2 &&
        seen.sum === 3 &&
        seen.chebyshev === 6 &&
        seen.floor === 6 &&
        seen.lexicographic === 2 &&
        near(seen.all, 0.7125),
    ),
    "12/a-coin-is-not-a-reply": every(({ average, goodWhale }) => average.every((x, j) => near(x, goodWhale[j]))),
  }),

  exactly("a wall, a penalty and a mask", () => {
    const best = optimum(utility, 0.5);
    const walled = conditionOn(best, principles.neverBad).logProbs;
    const bad = task.words.indexOf("bad");
    const masked = sequenceLogProbs(
      tree,
      tokenMask(tree, conditionalLogProbs(tree, best), (_, token) => token !== bad),
    );
    const objective = (logProbs: Float64Array) => exactRegularisedObjective(logProbs, ref, utility, 0.5);
    const odds = (w: number) => {
      const logProbs = optimum(
        utility.map((u, y) => u - w * (1 - principles.neverBad[y])),
        0.5,
      );
      const kept = exactExpectation(logProbs, principles.neverBad);
      return Math.log((1 - kept) / kept);
    };
    const twice = sequenceIndex(
      tree,
      ["not", "very", "very", "whale", "<end>"].map((w) => task.words.indexOf(w)),
    );
    const lexicon = optimum(task.lexicon, 0.5);
    const price = (...rules: Float64Array[]) => priceOfConstraint(lexicon, together(...rules), 0.5);
    const under = (...rules: Float64Array[]) => worth(conditionOn(lexicon, together(...rules)).logProbs);
    return {
      price: priceOfConstraint(best, principles.neverBad, 0.5),
      loss: objective(best) - objective(walled),
      maskLoss: objective(best) - objective(masked),
      gain: worth(walled) - worth(best),
      maskGain: worth(masked) - worth(best),
      kl: exactKL(masked, walled),
      slope: (odds(2) - odds(0)) / 2,
      stumble: Math.exp(masked[twice]) / Math.exp(walled[twice]),
      lexicon: worth(lexicon),
      twoRules: under(principles.finish, topicOnly),
      third: under(noWordTwice),
      allThree: under(principles.finish, topicOnly, noWordTwice),
      thirdPrice: price(noWordTwice),
      pair: price(principles.finish, noWordTwice),
      sum: price(principles.finish) + price(noWordTwice),
    };
  }).shows({
    "12/the-price-is-a-logarithm": every(
      ({ price, loss, gain, slope }) => near(price, loss, 1e-9) && gain > 0 && gain < 0.01 && near(slope, -2, 1e-6),
    ),
    "12/a-mask-is-not-a-rule": every(
      ({ maskLoss, price, maskGain, kl, stumble }) =>
        maskLoss > 6 * price && maskGain < -0.3 && kl > 1.4 && stumble > 1e4,
    ),
    "12/rules-repair-a-proxy": every(
      (seen) =>
        seen.twoRules > 2 * seen.lexicon &&
        Math.abs(seen.third - seen.lexicon) < 0.01 &&
        seen.thirdPrice > 0.5 &&
        seen.allThree < seen.twoRules - 0.2,
    ),
    "12/prices-do-not-add": every(({ pair, sum }) => sum > 1.5 * pair),
  }),

  exactly("penalties and a thermostat", () => {
    const star = constraintMultiplier(lengthLimit);
    const excess = (kind: "absolute" | "quadratic", mu: number) =>
      chargedOptimum(lengthLimit, penaltyMultiplier(lengthLimit, kind, mu)).cost - 2;
    const limit = dualAscentLimit(lengthLimit);
    const settles = (share: number) => {
      const { multipliers } = dualAscent(lengthLimit, { rate: share * limit, steps: 100, start: star + 0.01 });
      return Math.abs(multipliers[100] - star) < 1e-4;
    };
    return {
      below: excess("absolute", 0.99 * star),
      at: excess("absolute", star),
      beyond: excess("absolute", 3 * star),
      ratio: excess("quadratic", 30) / excess("quadratic", 300),
      soft: excess("quadratic", 300),
      settles: [settles(0.5), settles(0.9), settles(1.1), settles(3)],
      limits: [0.2, 0.3, 0.6].map((beta) => dualAscentLimit({ ...lengthLimit, beta })),
    };
  }).shows({
    "12/exact-from-lambda-star": every(
      ({ below, at, beyond, ratio, soft }) =>
        below > 0.005 && below < 0.03 && near(at, 0) && near(beyond, 0) && ratio > 9 && ratio < 10.5 && soft > 1e-4,
    ),
    "12/the-step-limit": every(
      ({ settles, limits }) =>
        settles.join() === "true,true,false,false" && limits[0] < limits[1] && limits[1] < limits[2],
    ),
  }),

  exactly("what the optimiser feels", () =>
    [-0.9, 0, 0.9].map((rho) => {
      const moments = principleGradients(tree, start, conflictingPrinciples(task, rho));
      const half = [0.5, 0.5];
      const [all, one] = [sumNoise(moments, half), sampledPrincipleNoise(moments, half)];
      const [first, second] = [sumNoise(moments, [1, 0]), sumNoise(moments, [0, 1])];
      return {
        noise: all.totalVariance,
        signal: all.squaredNorm,
        all: all.noiseToSignal,
        one: one.noiseToSignal,
        singleNoise: (first.totalVariance + second.totalVariance) / 2,
        singleSignal: (first.squaredNorm + second.squaredNorm) / 2,
      };
    }),
  ).shows({
    "12/conflict-is-quiet": every(
      ([against, apart, agree]) =>
        against.noise < 0.1 * agree.noise &&
        against.all / agree.all < 1.2 &&
        against.all > agree.all &&
        near(apart.noise / apart.singleNoise, 0.5, 0.05) &&
        near(apart.signal / apart.singleSignal, 0.5, 0.05),
    ),
    "12/one-at-a-time-is-loud": every(
      ([against, , agree]) => against.one / agree.one > 25 && against.one / agree.one < 28,
    ),
  }),

  exactly("four roads to one face", () => ({
    sum: climb(([a, b]) => a.map((g, d) => g + b[d])),
    pcgrad: climb((gradients) => pcgrad(gradients)),
    mgda: climb((gradients) => minNorm(gradients).direction),
    cagrad: climb((gradients) => cagrad(gradients, 0.5).map((d) => 2 * d)),
    halved: climb((gradients) => pcgrad(gradients), start, 2).utility,
    eighth: climb((gradients) => pcgrad(gradients), start, 8).utility,
    blind: climb((gradients) => pcgrad(gradients), new Float64Array(start.length)).utility,
    hurts: [
      [0, 1, 2],
      [2, 1, 0],
    ].map((order) => {
      const three = [
        [-3, -2],
        [3, 1],
        [-2, 3],
      ];
      const d = pcgrad(three, [order, order, order]);
      return three.filter((g) => g[0] * d[0] + g[1] * d[1] < 0).length;
    }),
  })).shows({
    "12/one-face-four-ends": every(
      ({ sum, pcgrad: pc, mgda, cagrad: ca }) =>
        [sum, pc, mgda, ca].every(({ face }) => face > 0.99 && face <= 1 + 1e-9) &&
        pc.cosine < -0.999 &&
        mgda.cosine < -0.99 &&
        near(sum.utility, 2, 0.03) &&
        near(ca.utility, sum.utility, 0.05) &&
        sum.utility - pc.utility > 0.4 &&
        pc.utility - mgda.utility > 0.2,
    ),
    "12/the-road-decides": every(
      ({ halved, eighth, blind, pcgrad: pc }) => halved > pc.utility + 0.3 && eighth < pc.utility - 0.3 && blind < 0.05,
    ),
    "12/pcgrad-can-hurt": every(({ hurts }) => hurts.join() === "2,1"),
  }),

  exactly("for the worst-off", () => {
    const scores = [principles.glad, principles.onTopic, principles.finish, principles.brief];
    const { values, weights } = maxMinWeights(ref, scores, { beta: 0.1, rate: 2, steps: 300 });
    const even = optimum(
      Float64Array.from(ref, (_, y) => scores.reduce((sum, s) => sum + s[y] / 4, 0)),
      0.1,
    );
    return { values: [...values], weights: [...weights], even: scores.map((s) => exactExpectation(even, s)) };
  }).shows({
    "12/the-worst-off-gains": every(
      ({ values, weights, even }) =>
        near(values[0], values[1], 1e-3) &&
        near(values[0], values[3], 1e-3) &&
        values[2] > 0.9 &&
        weights[2] < 1e-6 &&
        values[0] > Math.min(...even) + 0.05,
    ),
  }),

  experiment("MGDA under noise", {
    keys: 20,
    run: (key) => {
      const pairOfTwo = [
        [1, 0],
        [-0.5, 0.5],
      ];
      return [...minNormUnderNoise(key, pairOfTwo)];
    },
  }).shows({
    // Without noise it is (0.1, 0.3).
    "12/mgda-is-biased": both(
      mean(([x]) => x, { above: 0.12 }),
      mean(([, y]) => y, { below: 0.25 }),
    ),
  }),

  experiment("how much principle", {
    keys: 20,
    run: (key) => {
      const keys = split(key, sizes.length);
      const runs = sizes.map((n, i) => constitutionRun(keys[i], task, { n, ...study }));
      return runs.map(({ regrets, chosen }) => ({ regrets, chosen }));
    },
  }).shows({
    // Regrets have long tails on the side of little principle: shares and medians, not means.
    "12/regret-is-a-u": both(
      ...sizes.flatMap((_, s) => [
        share((runs: Runs) => runs[s].regrets[4] < runs[s].regrets[0], { above: 0.8 }),
        share((runs: Runs) => runs[s].regrets[4] < runs[s].regrets[7], { above: 0.7 }),
      ]),
    ),
    "12/a-flat-bottom": both(
      median((runs: Runs) => runs[2].regrets[3] - runs[2].regrets[4], { between: [-0.1, 0.1] }),
      median((runs: Runs) => runs[3].regrets[3] - runs[3].regrets[4], { between: [-0.1, 0.1] }),
      share((runs: Runs) => runs[0].regrets[0] - runs[0].regrets[4] > 1, { above: 0.4 }),
    ),
    "12/cross-validation-needs-labels": both(
      share((runs: Runs) => lost(runs[0]) > 0.1, { between: [0.15, 0.55] }),
      share((runs: Runs) => lost(runs[0]) > 1, { between: [0.04, 0.4] }),
      share((runs: Runs) => lost(runs[3]) > 0.1, { below: 0.15 }),
      median((runs: Runs) => lost(runs[0]), { below: 0.1 }),
    ),
  }),

  experiment("bias and variance, from four data sets of 100 labels", {
    keys: 12,
    run: (key) => {
      const weights = [1, 10, 100];
      const runs = split(key, 4).map((k) => constitutionRun(k, task, { n: 100, ...study, weights }));
      return weights.map((_, w) => ({
        ...rewardErrorParts(
          runs.map(({ rewards }) => rewards[w]),
          utility,
          probabilities,
        ),
      }));
    },
  }).shows({
    "12/bias-rises-variance-falls": both(
      mean(([little, some]) => some.squaredBias - little.squaredBias, { above: 0.1 }),
      mean(([, some, much]) => much.squaredBias - some.squaredBias, { above: 0.1 }),
      every(([little, some, much]) => little.variance > some.variance && some.variance > much.variance),
    ),
  }),

  exactly("does revising end", () => ({
    chain: [0, 0.05].map(
      (breakage) =>
        critiqueChain(0.5, { detection: breakage === 0 ? 0.8 : 1, repair: 0.9, breakage }, 15).violations[15],
    ),
    free: revise(holds, true),
    careful: revise(holds, false),
    contradictory: revise([mood, atMostTwo, words.map((n) => (n >= 3 ? 1 : 0))], true),
  })).shows({
    "12/breakage-sets-the-floor": every(({ chain }) => chain[0] < 1e-6 && chain[1] > 0.05),
    "12/revising-may-cycle": every(
      ({ free }) => free.cycling > 0.03 && free.cycles.includes("bad whale bad whale <-> not bad whale bad whale ..."),
    ),
    "12/a-potential-ends-it": every(
      ({ free, careful }) => careful.cycles.length === 0 && careful.satisfied > free.satisfied && careful.stuck > 0.03,
    ),
    "12/contradictions-are-found": every(
      ({ contradictory, free }) =>
        contradictory.satisfied === 0 &&
        contradictory.stuck > 0.4 &&
        contradictory.cycles.includes("good whale <-> very good whale") &&
        JSON.stringify(contradictory.contradictions) === "[[1,2]]" &&
        free.contradictions.length === 0,
    ),
  }),

  exactly("did it help", () => ({ needed: samplesPerArm(0.85, 0.9), ten: peekingError(10) })).shows({
    "12/peeking": every(({ needed, ten }) => needed === 686 && ten > 0.19 && ten < 0.2),
  }),
];
