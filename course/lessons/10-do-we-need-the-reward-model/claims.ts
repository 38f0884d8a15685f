import { type Key, split } from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactKL, exactRegularisedOptimum, lbfgs } from "rlhf-lab/numerics";
import {
  adamDescent,
  bestOfNEstimate,
  bestOfNKL,
  bestOfNKLBound,
  bestOfNLogProbs,
  bradleyTerryPreference,
  conservativeDpoLossAndGradient,
  conservativeDpoOfMargin,
  dapoLossAndGradient,
  dpoLossAndGradient,
  dpoOfMargin,
  drGrpoLossAndGradient,
  entryCounts,
  exactPreferenceLoss,
  expectedDrGrpoGradient,
  expectedGroupAdvantages,
  expectedGrpoGradient,
  expectedReferenceGradient,
  frontierShortfall,
  groupAdvantages,
  grpoLossAndGradient,
  implicitRewards,
  ipoLossAndGradient,
  ipoOptimum,
  ktoOnOutcomes,
  ktoOptimum,
  l2RegularisedDescent,
  leaveOneOutAdvantages,
  maximumLikelihoodLogits,
  type OutcomeLoss,
  type OutcomePairs,
  onLogits,
  onOutcomes,
  pairOptimum,
  robustDpoLossAndGradient,
  sampledExpertIteration,
  samplePairs,
  simpoOnOutcomes,
  simpoOptimum,
  stationaryPolicy,
  treeRloo,
} from "rlhf-lab/policy";
import { categorical } from "rlhf-lab/random";
import { featurePairs, linearReward } from "rlhf-lab/rewards";
import { lettersTrial } from "rlhf-lab/studies";
import { disposeTree } from "rlhf-lab/tensor";
import { algorithms } from "rlhf-lab/train";
import {
  conditionalLogProbs,
  nextTokenLogProbs,
  sequenceLogitGradient,
  sequenceLogProbs,
  sequenceLogProbsOf,
  sequenceTree,
  type TreePolicy,
  tabularContexts,
  treePolicy,
  windowContexts,
} from "rlhf-lab/trees";
import { distinctLetters, phraseTask } from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const task = phraseTask({ length: 4 });
const { tree } = task;
const [ref, utility] = [task.reference[0], task.utility[0]];
const rows = windowContexts(tree, 2);
const start = maximumLikelihoodLogits(tree, rows, ref.map(Math.exp));
const write = (logits: ArrayLike<number>) => sequenceLogProbsOf(treePolicy(tree, logits, rows));
const prefer = bradleyTerryPreference(utility);
const worth = (logProbs: Float64Array) => exactExpectation(logProbs, utility);
const dpo = (data: OutcomePairs, beta: number) =>
  onOutcomes(data, ref, (...logps) => dpoLossAndGradient(...logps, { beta }));
const average = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

const short = phraseTask({ length: 3 });
const [shortRef, shortUtility] = [short.reference[0], short.utility[0]];
const shortRows = tabularContexts(short.tree);
const shortPrefer = bradleyTerryPreference(shortUtility);
const words = short.tree.sequences.map((reply) => reply.length);

const common = Array.from(ref.keys()).sort((a, b) => ref[b] - ref[a]);
/** Slope of implicit reward on utility, and the scatter about that line, over some replies. */
function lineThrough(xs: readonly number[], ys: readonly number[]): { slope: number; scatter: number } {
  const [mx, my] = [average(xs), average(ys)];
  const moment = (f: (i: number) => number) => average(xs.map((_, i) => f(i)));
  const slope = moment((i) => (xs[i] - mx) * (ys[i] - my)) / moment((i) => (xs[i] - mx) ** 2);
  return { slope, scatter: Math.sqrt(moment((i) => (ys[i] - my - slope * (xs[i] - mx)) ** 2)) };
}

/** Utility every ten steps, the largest and the last; of a loss with 250 steps of Adam. */
function path(loss: OutcomeLoss, rate: number): { peak: number; end: number; at: number; kl: number } {
  const seen: number[] = [];
  const end = write(
    adamDescent(start, onLogits(tree, rows, loss), {
      steps: 250,
      rate,
      watch: (logits, step) => {
        if (step % 10 === 0) seen.push(worth(write(logits)));
      },
    }),
  );
  const peak = Math.max(...seen);
  return { peak, end: worth(end), at: 10 * seen.indexOf(peak), kl: exactKL(end, ref) };
}

/** Section 2: 400 steps on 100 comparisons, with so much likelihood. */
function displaced(data: OutcomePairs, weight: number) {
  const seen: number[] = [];
  const base = dpo(data, 0.1);
  const loss: OutcomeLoss = (logProbs) => {
    const { loss: value, gradient } = base(logProbs);
    for (const y of data.chosen) gradient[y] -= weight / data.chosen.length;
    return { loss: value, gradient };
  };
  const end = write(
    adamDescent(start, onLogits(tree, rows, loss), {
      steps: 400,
      rate: 0.03,
      watch: (logits, step) => {
        if (step % 20 === 0) seen.push(worth(write(logits)));
      },
    }),
  );
  const of = (logProbs: Float64Array, ys: Int32Array) => average(Array.from(ys, (y) => logProbs[y]));
  const likeliest = end.slice().sort().slice(-5);
  return {
    chosen: of(end, data.chosen) - of(ref, data.chosen),
    rejected: of(end, data.rejected) - of(ref, data.rejected),
    top: likeliest.reduce((sum, l) => sum + Math.exp(l), 0),
    turn: Math.max(...seen) - worth(end),
    utility: worth(end),
  };
}

/** Section 3: the KL after 3000 steps at three prices. */
function certain(method: (price: number) => OutcomeLoss): number[] {
  const three = sequenceTree(3, 1);
  const threeRows = tabularContexts(three);
  return [0.2, 0.5, 1].map((price) => {
    const logits = adamDescent(new Float64Array(3), onLogits(three, threeRows, method(price)), {
      steps: 3000,
      rate: 0.03,
    });
    return exactKL(nextTokenLogProbs(treePolicy(three, logits, threeRows)), threeRef);
  });
}
const threeRef = new Float64Array(3).fill(-Math.log(3));
const sure = { chosen: Int32Array.of(0, 0, 1), rejected: Int32Array.of(1, 2, 2) };

const whale = phraseTask();
const [fiveRef, fiveUtility] = [whale.reference[0], whale.utility[0]];

/** Section 6: the mean pull of a prompt over the policy gradient's. */
function pullOf(p: number, G: number, advantagesOf: (rewards: number[]) => Float64Array): number {
  let [pull, ways] = [0, 0];
  for (let k = 0; k <= G; k++) {
    const rewards = Array.from({ length: G }, (_, i) => (i < k ? 1 : 0));
    const probability = Math.exp(ways + k * Math.log(p) + (G - k) * Math.log1p(-p));
    pull += (probability * advantagesOf(rewards).reduce((sum, a, i) => sum + a * (rewards[i] - p), 0)) / G;
    ways += Math.log((G - k) / (k + 1));
  }
  return pull / (p * (1 - p));
}

/** Section 6: mean lengths of right and wrong replies before and after 200 steps. */
function lengthsAfter(divide: boolean, steps: number): { right: number; wrong: number } {
  const tokens = sequenceTree(3, 8);
  const tokenRows = tabularContexts(tokens);
  const isRight = Float64Array.from(tokens.sequences, (reply) => (reply[0] === 1 ? 1 : 0));
  let logits = Float64Array.from({ length: tokens.prefixes.length * 3 }, (_, i) =>
    i === 0 ? -12 : i % 3 === 0 && i > 2 ? -0.8 : 0,
  );
  const of = (logProbs: Float64Array, right: number) => {
    let [sum, mass] = [0, 0];
    logProbs.forEach((l, y) => {
      if (isRight[y] !== right) return;
      sum += Math.exp(l) * tokens.sequences[y].length;
      mass += Math.exp(l);
    });
    return sum / mass;
  };
  for (let step = 0; step < steps; step++) {
    const conditionals = nextTokenLogProbs(treePolicy(tokens, logits, tokenRows));
    const logProbs = sequenceLogProbs(tokens, conditionals);
    const value = exactExpectation(logProbs, isRight);
    const slopes = logProbs.map(
      (l, y) => (Math.exp(l) * (isRight[y] - value)) / (divide ? tokens.sequences[y].length : 1),
    );
    const gradient = sequenceLogitGradient(treePolicy(tokens, logits, tokenRows), slopes);
    logits = logits.map((z, i) => (i < 3 ? z : z + 2 * gradient[i]));
  }
  const logProbs = sequenceLogProbsOf(treePolicy(tokens, logits, tokenRows));
  return { right: of(logProbs, 1), wrong: of(logProbs, 0) };
}

/** Section 7: where an objective ends. */
function endOf(logProbs: Float64Array) {
  return {
    kl: exactKL(logProbs, shortRef),
    utility: exactExpectation(logProbs, shortUtility),
    shortfall: frontierShortfall(logProbs, shortRef, shortUtility),
    likeliest: words[logProbs.indexOf(Math.max(...logProbs))],
  };
}

function ktoAtItsKL(beta: number): Float64Array {
  let logProbs = shortRef;
  for (let round = 0; round < 12; round++) {
    const referencePoint = Math.max(0, exactKL(logProbs, shortRef)); // rounding
    logProbs = ktoOptimum(shortRef, shortRef, shortPrefer, { beta, referencePoint });
  }
  return logProbs;
}

const imitation = { tree: short.tree, contexts: shortRows, logits: conditionalLogProbs(short.tree, shortRef) };
type Step = (policy: TreePolicy, advantages: Float64Array) => Float64Array;
function standstill(price: number, normalise: boolean, step: Step): Float64Array {
  const advantages = expectedGroupAdvantages(shortUtility, { group: 4, normalise });
  const field = (policy: TreePolicy) => {
    const pull = expectedReferenceGradient(policy, imitation.logits);
    return step(policy, advantages(sequenceLogProbsOf(policy))).map((g, i) => g + price * pull[i]);
  };
  return sequenceLogProbsOf(stationaryPolicy(imitation, field, { tolerance: 1e-3 }));
}

/** Section 4: the paths of each loss. */
type Path = ReturnType<typeof path>;
type Flipped = Record<"dpo" | "ipo" | "kto" | "simpo" | "robust" | "slow" | "fast" | "honestFast", Path>;

/** Section 5: errors of two estimates of what best of n gets. */
type Resampled = { withReplacement: number; subsets: number };

const features = entryCounts(tree, rows);
/** Section 8: the shortfall of the three roads from one set of comparisons, at two prices. */
function roads(key: Key) {
  const data = samplePairs(key, ref, prefer, 1500);
  const of = (ys: Int32Array) => Array.from(ys, (y) => features[y]);
  const { theta } = linearReward.fit(featurePairs(of(data.chosen), of(data.rejected)), { l2: 0.003 });
  const learned = Float64Array.from(features, (counts) => counts.reduce((sum, count, j) => sum + count * theta[j], 0));
  return [1, 0.1].map((price) => {
    const lossAt = onLogits(tree, rows, dpo(data, price));
    /** The same table, trained on the learned reward. */
    const climb = onLogits(tree, rows, (logProbs) => ({
      loss: 0,
      gradient: logProbs.map((l, y) => -Math.exp(l) * (learned[y] - price * (l - ref[y]))),
    }));
    const ends = {
      climbed: write(adamDescent(start, climb, { steps: 1500, rate: 0.03 })),
      model: exactRegularisedOptimum(ref, learned, price).logProbs,
      regularised: write(l2RegularisedDescent(start, lossAt, { l2: 0.003 * price * price })),
      plain: write(adamDescent(start, lossAt, { steps: 300, rate: 0.03 })),
    };
    const below = (logProbs: Float64Array) => frontierShortfall(logProbs, ref, utility);
    return {
      model: below(ends.model),
      climbed: below(ends.climbed),
      regularised: below(ends.regularised),
      plain: below(ends.plain),
    };
  });
}

const letters = distinctLetters();
const network = lettersTrial(
  letters,
  transformer({ vocabulary: letters.vocabulary, context: 9, width: 32, layers: 2, heads: 2 }),
);
const ways = {
  once: algorithms.grpo({ group: 8 }),
  clipped: algorithms.grpo({ group: 8, epochs: 4 }),
  free: algorithms.grpo({ group: 8, epochs: 4, clip: 1e6 }),
  even: algorithms.drGrpo({ group: 8, length: letters.newTokens }),
};
const best = (paths: readonly { accuracy: readonly number[] }[], at: number) =>
  Math.max(...paths.map(({ accuracy }) => accuracy[at]));

export default [
  experiment("1,500 comparisons", {
    keys: 20,
    run: (key) => {
      const data = samplePairs(key, ref, prefer, 1500);
      const tuned = write(adamDescent(start, onLogits(tree, rows, dpo(data, 0.5)), { steps: 100, rate: 0.03 }));
      const objective = (logProbs: Float64Array) => worth(logProbs) - 0.5 * exactKL(logProbs, ref);
      const best = objective(exactRegularisedOptimum(ref, utility, 0.5).logProbs);
      const implicit = implicitRewards(tuned, ref, { beta: 0.5 });
      const through = (ys: readonly number[]) =>
        lineThrough(
          ys.map((y) => utility[y]),
          ys.map((y) => implicit[y]),
        );
      return {
        way: (objective(tuned) - objective(ref)) / (best - objective(ref)),
        often: through(common.slice(0, 60)),
        seldom: through(common.slice(60, 259)),
      };
    },
  }).shows({
    "10/three-quarters-of-the-way": mean(({ way }) => way, { between: [0.72, 0.82] }),
    "10/a-rumour-of-the-reward": both(
      every(({ often, seldom }) => often.slope < 0.85 && seldom.slope < 0.95),
      every(({ often, seldom }) => seldom.scatter > 1.2 * often.scatter),
    ),
  }),

  exactly("all pairs, all policies", () => {
    const loss = onLogits(short.tree, shortRows, (logProbs) =>
      exactPreferenceLoss(logProbs, shortRef, shortRef, shortPrefer, (h) => dpoOfMargin(h, { beta: 0.5 })),
    );
    const { at } = lbfgs(
      (logits, slope) => {
        const { loss: value, gradient } = loss(logits);
        slope.set(gradient.map((g) => -g));
        return -value;
      },
      maximumLikelihoodLogits(short.tree, shortRows, shortRef.map(Math.exp)),
      { iterations: 300, mayStopEarly: true },
    );
    const found = sequenceLogProbsOf(treePolicy(short.tree, at, shortRows));
    const optimum = exactRegularisedOptimum(shortRef, shortUtility, 0.5).logProbs;
    const implicit = implicitRewards(found, shortRef, { beta: 0.5 });
    const top = Array.from(shortRef.keys()).sort((a, b) => shortRef[b] - shortRef[a]);
    const often = top.slice(0, 60);
    return {
      kl: exactKL(found, optimum),
      ...lineThrough(
        often.map((y) => shortUtility[y]),
        often.map((y) => implicit[y]),
      ),
    };
  }).shows({
    "10/the-theorem": every(({ kl, slope, scatter }) => kl < 1e-3 && Math.abs(slope - 1) < 0.01 && scatter < 0.05),
  }),

  experiment("100 comparisons", {
    keys: 10,
    run: (key) => {
      const data = samplePairs(key, ref, prefer, 100);
      return { plain: displaced(data, 0), cured: displaced(data, 0.05), strong: displaced(data, 0.5) };
    },
  }).shows({
    "10/chosen-replies-sink": every(({ plain }) => plain.chosen < -8 && plain.rejected < plain.chosen - 4),
    "10/utility-turns-in-half": share(({ plain }) => plain.turn > 0.1, { between: [0.3, 0.7] }),
    "10/likelihood-keeps-them-up": both(
      every(({ plain, cured }) => cured.chosen > plain.chosen + 5),
      mean(({ plain, cured }) => plain.top - cured.top, { above: 0.1 }),
      mean(({ plain, cured, strong }) => Math.min(plain.utility, cured.utility) - strong.utility, { above: 0 }),
    ),
  }),

  exactly("nobody doubts", () => ({
    dpo: certain((beta) => onOutcomes(sure, threeRef, (...l) => dpoLossAndGradient(...l, { beta }))),
    ipo: certain((beta) => onOutcomes(sure, threeRef, (...l) => ipoLossAndGradient(...l, { beta }))),
    conservative: certain((beta) =>
      onOutcomes(sure, threeRef, (...l) => conservativeDpoLossAndGradient(...l, { beta, noise: 0.1 })),
    ),
  })).shows({
    "10/no-doubt-no-beta": every(({ dpo, ipo, conservative }) => {
      const apart = ([a, b, c]: readonly number[]) => a > b + 0.03 && b > c + 0.03;
      return dpo.every((kl) => kl > 0.95 * Math.log(3)) && apart(ipo) && apart(conservative);
    }),
  }),

  experiment("30 % of the labels turned round", {
    keys: 10,
    run: (key) => {
      const data = samplePairs(key, ref, prefer, 1500, { flip: 0.3 });
      const lengths = tree.sequences.map((reply) => reply.length);
      return {
        dpo: path(dpo(data, 0.5), 0.03),
        ipo: path(
          onOutcomes(data, ref, (...l) => ipoLossAndGradient(...l, { beta: 0.15 })),
          0.03,
        ),
        kto: path(ktoOnOutcomes(data, ref, { beta: 0.5 }), 0.03),
        simpo: path(simpoOnOutcomes(data, lengths), 0.03),
        robust: path(
          onOutcomes(data, ref, (...l) => robustDpoLossAndGradient(...l, { beta: 0.5, noise: 0.3 })),
          0.03,
        ),
        slow: path(dpo(data, 0.5), 0.01),
        fast: path(dpo(data, 0.5), 0.1),
        honestFast: path(dpo(samplePairs(key, ref, prefer, 1500), 0.5), 0.1),
      };
    },
  }).shows({
    "10/wrong-labels-rise-and-fall": both(
      mean(({ dpo }) => dpo.peak - dpo.end, { above: 0.3 }),
      mean(({ ipo }) => ipo.peak - ipo.end, { above: 0.3 }),
      mean(({ simpo }) => simpo.peak - simpo.end, { above: 0.3 }),
    ),
    "10/kto-falls-least": both(
      ...(["dpo", "ipo", "simpo"] as const).map((other) =>
        mean((seen: Flipped) => seen[other].peak - seen[other].end - (seen.kto.peak - seen.kto.end), { above: 0.1 }),
      ),
    ),
    "10/robust-runs-away": both(
      mean(({ robust, dpo }) => robust.peak - dpo.peak, { above: 0.2 }),
      mean(({ robust }) => robust.peak - robust.end, { above: 0.15 }),
    ),
    "10/the-rate-moves-the-turn": both(
      mean(({ slow }) => slow.peak - slow.end, { below: 0.15 }),
      mean(({ fast, dpo }) => dpo.end - fast.end, { above: 0.1 }),
      mean(({ honestFast }) => honestFast.peak - honestFast.end, { above: 0.5 }),
      mean(({ honestFast }) => honestFast.at, { below: 100 }),
    ),
  }),

  exactly("best of n", () => ({
    prices: [2, 16, 256, 4096].map((n) => ({
      bound: bestOfNKLBound(n),
      utility: bestOfNKL(fiveRef, fiveUtility, n),
      lexicon: bestOfNKL(fiveRef, whale.lexicon, n),
    })),
    bought: [1, 8, 4096].map((n) => exactExpectation(bestOfNLogProbs(fiveRef, whale.lexicon, n), fiveUtility)),
  })).shows({
    "10/ties-are-cheaper": every(({ prices }) =>
      prices.every(({ bound, utility, lexicon }) => lexicon < bound && utility < bound),
    ),
    "10/lexicon-is-done-at-eight": every(({ bought: [one, eight, all] }) => eight - one > 0.8 * (all - one)),
  }),

  experiment("resampling", {
    keys: 10,
    run: (key) => {
      const m = 16;
      const drawn = Array.from(categorical(key, fiveRef, 500 * m), (y) => fiveUtility[y]);
      const batches = Array.from({ length: 500 }, (_, b) => drawn.slice(b * m, (b + 1) * m));
      const plugIn = (values: readonly number[], n: number) =>
        [...values].sort((a, b) => a - b).reduce((sum, s, i) => sum + s * (((i + 1) / m) ** n - (i / m) ** n), 0);
      return [2, 4, 8, 16].map((n) => {
        const exact = exactExpectation(bestOfNLogProbs(fiveRef, fiveUtility, n), fiveUtility);
        const off = (estimate: (values: readonly number[], n: number) => number) =>
          average(batches.map((values) => estimate(values, n))) - exact;
        return { withReplacement: off(plugIn), subsets: off((values, k) => bestOfNEstimate(values, k)) };
      });
    },
  }).shows({
    "10/replacement-is-biased": both(
      every((seen) => seen.slice(1).every(({ withReplacement, subsets }) => withReplacement < subsets)),
      ...[0, 1, 2, 3].map((i) => mean((seen: readonly Resampled[]) => seen[i].withReplacement, { below: 0 })),
      ...[0, 1, 2, 3].map((i) => mean((seen: readonly Resampled[]) => seen[i].subsets, { between: [-0.05, 0.05] })),
    ),
  }),

  exactly("two divisions", () => {
    const grpo = (G: number) => [0.01, 0.5].map((p) => pullOf(p, G, (r) => groupAdvantages(r, { group: G })));
    const logp = [2, 8].map((n) => Array<number>(8).fill(0).fill(-1, 0, n));
    const mask = [2, 8].map((n) => Array.from({ length: 8 }, (_, t) => (t < n ? 1 : 0)));
    const slopes = [
      grpoLossAndGradient(logp, logp, [1, -1], mask),
      dapoLossAndGradient(logp, logp, [1, -1], mask),
      drGrpoLossAndGradient(logp, logp, [1, -1], mask, { length: 8 }),
    ].map(({ gradient }) => gradient.map((row) => -row[0]));
    return {
      large: grpo(64),
      small: grpo(4),
      rloo: [0.01, 0.5].map((p) => pullOf(p, 4, (r) => leaveOneOutAdvantages(r, { group: 4 }))),
      before: lengthsAfter(true, 0),
      divided: lengthsAfter(true, 200),
      summed: lengthsAfter(false, 200),
      slopes,
    };
  }).shows({
    "10/hopeless-prompts-shout": every(
      ({ large, small, rloo }) =>
        Math.abs(large[0] / large[1] - 3) < 0.4 &&
        small[0] / small[1] < 1.35 &&
        rloo.every((pull) => Math.abs(pull - 1) < 1e-9),
    ),
    "10/wrong-grows-right-shrinks": every(
      ({ before, divided, summed }) =>
        divided.wrong > before.wrong + 0.5 &&
        divided.right < before.right - 0.5 &&
        Math.abs(summed.wrong - before.wrong) < 1e-6 &&
        Math.abs(summed.right - before.right) < 1e-6,
    ),
    "10/aggregation": every(({ slopes: [grpo, dapo, drGrpo] }) => {
      const are = (seen: readonly number[], right: number, wrong: number) =>
        Math.abs(seen[0] - right) < 1e-12 && Math.abs(seen[1] + wrong) < 1e-12;
      return are(grpo, 1 / 4, 1 / 16) && are(dapo, 1 / 10, 1 / 10) && are(drGrpo, 1 / 16, 1 / 16);
    }),
  }),

  exactly("what each objective asks for", () => {
    const pair = (margin: Parameters<typeof pairOptimum>[3]) =>
      endOf(pairOptimum(shortRef, shortRef, shortPrefer, margin));
    const simpo = (beta: number, margin: number) => endOf(simpoOptimum(words, shortRef, shortPrefer, { beta, margin }));
    return {
      near: [
        ...[1, 0.25].map((beta) => pair((h) => dpoOfMargin(h, { beta }))),
        ...[1, 0.25].map((beta) => pair((h) => conservativeDpoOfMargin(h, { beta, noise: 0.1 }))),
        ...[0.5, 0.05].map((beta) => endOf(ipoOptimum(shortRef, shortRef, shortPrefer, { beta }))),
      ],
      ktoKL: [1, 0.1].map((beta) => endOf(ktoAtItsKL(beta)).kl),
      ktoZero: [1, 0.1].map((beta) => endOf(ktoOptimum(shortRef, shortRef, shortPrefer, { beta })).kl),
      simpo: [0, 1].flatMap((margin) => [2, 1, 0.5].map((beta) => simpo(beta, margin))),
      grpo: [1, 0.25].map((price) => endOf(standstill(price, true, expectedGrpoGradient))),
      drGrpo: [1, 0.25].map((price) =>
        endOf(
          standstill(price, false, (policy, advantages) => expectedDrGrpoGradient(policy, advantages, { length: 3 })),
        ),
      ),
    };
  }).shows({
    "10/dpo-and-ipo-ask-for-the-best": every(({ near }) => near.every(({ shortfall }) => shortfall < 0.005)),
    "10/kto-hardly-listens": every(({ ktoKL, ktoZero }) => {
      const round = (list: readonly number[]) => list.map((kl) => kl.toFixed(2)).join();
      return round(ktoKL) === "1.05,0.82" && round(ktoZero) === "0.79,0.82";
    }),
    "10/simpo-forgets-first": every(
      ({ simpo }) => simpo.every(({ kl }) => kl > 2) && [simpo[0], simpo[3]].every(({ likeliest }) => likeliest === 1),
    ),
    "10/grpo-below-the-best": every(
      ({ grpo, drGrpo }) =>
        drGrpo.every(({ shortfall }) => shortfall > 0.005) &&
        grpo.every(({ shortfall }) => shortfall > 0.01 && shortfall < 0.25) &&
        Math.max(...grpo.map(({ shortfall }) => shortfall)) > Math.max(...drGrpo.map(({ shortfall }) => shortfall)),
    ),
  }),

  experiment("the bill", {
    keys: 10,
    run: (key) => {
      const [a, b, c] = split(key, 3);
      const starting = { tree, contexts: rows, logits: start };
      const rloo = { reward: utility, logRef: ref, beta: 0.1, group: 16, steps: 300, rate: 0.05, every: 300 };
      const experts = { scores: utility, groups: 64, n: 4, rounds: 9, memory: 16 };
      const last = (points: readonly { logProbs: Float64Array }[]) =>
        frontierShortfall(points[points.length - 1].logProbs, ref, utility);
      return {
        rloo: last(treeRloo(a, starting, rloo)),
        experts: last(sampledExpertIteration(b, starting, experts)),
        roads: roads(c),
      };
    },
  }).shows({
    "10/on-policy-stays-near": every(({ rloo, experts }) => rloo < 0.1 && experts < 0.1),
    "10/regularised-roads-are-near": both(
      mean(({ roads: [dear] }) => dear.regularised - dear.model, { between: [-0.02, 0.02] }),
      mean(({ roads: [, cheap] }) => cheap.regularised - cheap.model, { between: [0.05, 0.3] }),
    ),
    "10/memory-is-not-why": both(
      mean(({ roads: [dear] }) => dear.climbed - dear.model, { between: [-0.03, 0.03] }),
      mean(({ roads: [, cheap] }) => cheap.climbed - cheap.model, { between: [-0.03, 0.03] }),
    ),
    "10/unregularised-falls-behind": both(
      mean(({ roads: [dear] }) => dear.plain - dear.regularised, { above: 0.4 }),
      mean(({ roads: [, cheap] }) => cheap.plain - cheap.regularised, { above: 0.2 }),
    ),
  }),

  experiment("groups on a network", {
    keys: 8,
    few: "transformer",
    run: async (key) => {
      const [startKey, runKey] = split(key);
      const start = await network.imitate(startKey);
      const run = (algorithm: Parameters<typeof network.run>[2]["algorithm"], rate: number) =>
        network.run(runKey, start, { algorithm, rate });
      const observed = {
        once: [await run(ways.once, 1e-3), await run(ways.once, 2e-3), await run(ways.once, 4e-3)],
        clipped: [await run(ways.clipped, 1e-3), await run(ways.clipped, 2e-3), await run(ways.clipped, 4e-3)],
        free: [await run(ways.free, 1e-3), await run(ways.free, 2e-3), await run(ways.free, 4e-3)],
        even: await run(ways.even, 1e-3),
      };
      disposeTree(start);
      return observed;
    },
  }).shows({
    // Accuracy after 60 batches is at [6].
    "10/reading-again-pays": both(
      share(({ clipped, once }) => best(clipped, 6) > best(once, 6), { above: 0.6 }),
      mean(({ clipped, once }) => best(clipped, 6) - best(once, 6), { above: -0.06 }),
    ),
    "10/large-rates-lose": both(
      mean(({ clipped }) => clipped[0].accuracy[6] - clipped[2].accuracy[6], { above: 0.3 }),
      mean(({ free }) => free[0].accuracy[6] - free[2].accuracy[6], { above: 0.4 }),
    ),
    "10/the-clip-hardly-matters": share(
      ({ clipped, free }) => Math.abs(clipped[0].accuracy[6] - free[0].accuracy[6]) < 0.15,
      { above: 0.6 },
    ),
    "10/grpo-writes-longer": every(({ once, even }) => once[0].length > even.length),
  }),
];
