// What lesson 07 says its experiments show. Most of it is enumeration; what is drawn is held over keys.

import { foldIn, type Key, mean as meanOf, normal, standardDeviation } from "rlhf-lab";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { reinforce, trainPromptReinforce, trainTabularReinforce } from "rlhf-lab/policy";
import { transformerMoments, transformerNoise } from "rlhf-lab/policy/tensor";
import { categorical } from "rlhf-lab/random";
import {
  conditionalLogProbs,
  sequenceIndex,
  sequenceLogProbs,
  sequenceLogProbsOf,
  sequenceRows,
  sequenceTree,
  tabularContexts,
  treePolicy,
} from "rlhf-lab/trees";
import { phraseTask, phraseText, phraseTokenRewards } from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const task = phraseTask();
const rows = tabularContexts(task.tree);
const [reference, utility] = [task.reference[0], task.utility[0]];
const start = conditionalLogProbs(task.tree, reference);
const zero = 4;
const rewardByReply = utility.map((u) => u + zero);
const people = treePolicy(task.tree, start, rows);
const policy = reinforce.enumeratePolicy(people, rewardByReply);
const byToken = reinforce.enumeratePolicy(people, phraseTokenRewards(task));

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const norm = (a: Float64Array) => Math.sqrt(dot(a, a));
const degrees = (a: Float64Array, b: Float64Array) =>
  (Math.acos(Math.min(1, dot(a, b) / (norm(a) * norm(b)))) * 180) / Math.PI;
const noiseOf = (credit: Parameters<typeof reinforce.gradientMoments>[1], of = policy) =>
  reinforce.gradientMoments(of, credit).totalVariance;

const fromSixteen = experiment("estimates from sixteen replies", {
  keys: 40,
  run: (key) => {
    const replies = categorical(key, policy.logProbs, 16);
    const estimate = reinforce.estimateGradient(policy, replies);
    const quiet = reinforce.estimateGradient(policy, replies, { baseline: policy.value });
    return {
      length: norm(estimate) / norm(policy.gradient),
      angle: degrees(estimate, policy.gradient),
      quiet: degrees(quiet, policy.gradient),
    };
  },
}).shows({
  "07/too-long": mean(({ length }) => length, { between: [2.5, 6] }),
  "07/off-to-the-side": mean(({ angle }) => angle, { between: [60, 85] }),
  "07/baseline-turns-it": mean(({ angle, quiet }) => angle - quiet, { above: 10 }),
});

const baselines = exactly("baselines on the phrase task", () => ({
  none: noiseOf({}),
  quarter: noiseOf({ baseline: policy.value }),
  twenty: noiseOf({ baseline: -16 }), // a zero at 20 instead of 4
  nothing: noiseOf({ baseline: 4 }), // a zero at 0
  optimal: noiseOf({ baseline: reinforce.optimalBaseline(policy) }),
  coordinate: noiseOf({ coordinateBaseline: reinforce.optimalCoordinateBaseline(policy) }),
  toGo: noiseOf({ toGo: true }, byToken),
  value: noiseOf({ toGo: true, baseline: byToken.valueToGo }, byToken),
  state: noiseOf({ toGo: true, baseline: reinforce.optimalStateBaseline(byToken) }, byToken),
})).shows({
  "07/mean-removes-most": every((seen) => seen.quarter < 0.2 * seen.none),
  "07/zero-decides": every((seen) => seen.twenty > 15 * seen.none && seen.nothing < 1.05 * seen.quarter),
  "07/prefix-saves-a-third": every((seen) => Math.abs(1 - seen.value / seen.quarter - 1 / 3) < 0.07),
  "07/value-is-not-best": every((seen) => seen.state < seen.value && seen.optimal < seen.quarter),
});

/** Two actions, of which the first earns 1: variances of one sample's estimate at chance p of the first. */
function twoActions(p: number) {
  const tree = sequenceTree(2, 1);
  const two = reinforce.enumeratePolicy(treePolicy(tree, [Math.log(p), Math.log(1 - p)]), [1, 0]);
  const [none, value, optimal] = [0, two.value, reinforce.optimalBaseline(two)].map((baseline) =>
    noiseOf({ baseline }, two),
  );
  return { p, none, value, optimal };
}

const two = exactly("two actions", () => [0.1, 0.3, 0.5, 0.6, 0.66, 0.67, 0.7, 0.8, 0.9].map(twoActions)).shows({
  "07/no-baseline-wins-above-two-thirds": every((seen) =>
    seen.every(({ p, none, value, optimal }) => none < value === p > 2 / 3 && Math.abs(optimal) < 1e-12),
  ),
});

const batches = exactly("a batch of two as its own baseline", () => {
  const of = (baseline: "batch mean" | "leave one out") => reinforce.batchMoments(policy, 2, { baseline });
  const [batchMean, others] = [of("batch mean"), of("leave one out")];
  return {
    share: dot(batchMean.mean, policy.gradient) / dot(policy.gradient, policy.gradient),
    noise: batchMean.totalVariance / others.totalVariance,
    bias: others.squaredBias,
  };
}).shows({
  "07/batch-mean-halves": every(
    ({ share, noise, bias }) => Math.abs(share - 0.5) < 1e-9 && Math.abs(noise - 0.25) < 1e-9 && bias < 1e-20,
  ),
});

const zeros = [3, -3]; // of an easy and of a hard prompt
const byPrompt = utilities(task).map((reward, x) =>
  reinforce.enumeratePolicy(treePolicy(task.tree, conditionalLogProbs(task.tree, task.reference[x]), rows), reward),
);
const twoPrompts = exactly("an easy and a hard prompt", () => {
  const overAll = meanOf(byPrompt.map(({ value }) => value));
  const moments = (of: (p: reinforce.EnumeratedPolicy) => reinforce.Credit) =>
    reinforce.promptMoments(byPrompt, byPrompt.map(of));
  const [none, global, own, prefix] = [
    moments(() => ({})),
    moments(() => ({ baseline: overAll })),
    moments(({ value }) => ({ baseline: value })),
    moments(({ valueToGo }) => ({ toGo: true, baseline: valueToGo })),
  ];
  return {
    global: global.totalVariance / none.totalVariance,
    own: own.totalVariance / none.totalVariance,
    prefix: prefix.totalVariance / own.totalVariance,
    prompts: own.fromPrompts / own.totalVariance,
  };
}).shows({
  "07/global-mean-removes-nothing": every(({ global }) => global > 0.99),
  "07/own-mean-removes-three-quarters": every(({ own }) => own > 0.2 && own < 0.3),
  "07/prefix-after-prompt": every(({ prefix, prompts }) => prefix > 0.6 && prefix < 0.7 && prompts < 0.02),
});

function utilities({ utility: each }: { utility: readonly Float64Array[] }): Float64Array[] {
  return each.map((u, x) => u.map((value) => value + zeros[x]));
}

const short = phraseTask({ length: 3 });
const rates = [0.1, 0.3, 1, 3];
const prompted = experiment("learning on an easy and a hard prompt", {
  keys: 16,
  run: (key) => {
    const of = (baseline: "to the same prompt" | "to any prompt", rate: number) => {
      const { history } = trainPromptReinforce(key, {
        tree: short.tree,
        logits: short.reference.map((logProbs) => conditionalLogProbs(short.tree, logProbs)),
        rewards: utilities(short),
        steps: 100,
        every: 100,
        baseline,
        rate,
      });
      return meanOf(history[1].values); // the zeros cancel
    };
    return { own: of("to the same prompt", 1), any: rates.map((rate) => of("to any prompt", rate)) };
  },
}).shows({
  "07/own-prompt-learns": mean(({ own }) => own, { between: [1.9, 2] }), // 2 is the best
  // At every rate of the other, so also at its best.
  "07/own-prompt-learns-more": both(
    ...rates.map((_, r) => mean<{ own: number; any: number[] }>(({ own, any }) => own - any[r], { above: 0 })),
  ),
});

const stages = experiment("the optimal baseline along a run of REINFORCE", {
  keys: 10,
  run: (key) => {
    const at = (steps: number) => {
      const options = { reward: rewardByReply, steps, every: steps };
      const learned = steps === 0 ? people : trainTabularReinforce(key, people, options).policy;
      const now = reinforce.enumeratePolicy(learned, rewardByReply);
      const best = reinforce.optimalBaseline(now);
      const [noise, least] = [noiseOf({ baseline: now.value }, now), noiseOf({ baseline: best }, now)];
      return { gap: now.value - best, saved: 1 - least / noise, noise, signal: dot(now.gradient, now.gradient) };
    };
    return { first: at(0), last: at(80) };
  },
}).shows({
  "07/close-at-first": every(({ first }) => Math.abs(first.gap) < 0.3 && first.saved < 0.05),
  "07/optimal-falls-below": mean(({ last }) => last.gap, { above: 0.4 }),
  "07/optimal-saves-more": mean(({ last }) => last.saved, { between: [0.2, 0.6] }),
  "07/signal-falls-faster": mean(
    ({ first, last }) => Math.log(first.signal / last.signal) - Math.log(first.noise / last.noise),
    { above: 0 },
  ),
});

const coins = exactly("coins", () => {
  const credits = [
    () => ({}),
    (p: reinforce.EnumeratedPolicy) => ({ baseline: p.value }),
    () => ({ toGo: true }),
    (p: reinforce.EnumeratedPolicy) => ({ toGo: true, baseline: p.valueToGo }),
  ];
  const lengths = [5, 6, 7, 8, 9, 10];
  const noise = lengths.map((T) => {
    const tree = sequenceTree(3, T);
    const position = Int32Array.from(tree.prefixes, (prefix) => prefix.length);
    const logits = Array.from({ length: 3 * T }, (_, i) => (i % 3 === 0 ? Number.NEGATIVE_INFINITY : 0));
    const heads = Float64Array.from(tree.next, (_, i) => (i % 3 === 1 ? 1 : 0));
    const flips = reinforce.enumeratePolicy(treePolicy(tree, logits, position), heads);
    return credits.map((credit) => reinforce.gradientMoments(flips, credit(flips)).noiseToSignal);
  });
  const slopes = credits.map((_, c) =>
    reinforce.logLogSlope(
      lengths,
      noise.map((row) => row[c]),
    ),
  );
  return { slopes, halves: noise.map((row) => row[3] / row[1]) };
}).shows({
  "07/square-and-linear": every(
    ({ slopes: [whole, less, toGo, value] }) =>
      Math.min(whole, toGo) > 1.7 &&
      Math.max(whole, toGo) < 2.1 &&
      Math.min(less, value) > 0.9 &&
      less < 1.3 &&
      value < 1.3,
  ),
  "07/to-go-halves": every(({ halves }) => halves.every((ratio) => ratio > 0.45 && ratio < 0.55)),
});

const tableSlope = experiment("the table's variance against the batch", {
  keys: 10,
  run: (key) =>
    (["none", "leave one out"] as const).map((baseline, c) => {
      const sizes = [4, 16, 64];
      const credit = baseline === "none" ? {} : { baseline };
      const variances = sizes.map((B) => {
        const replies = categorical(foldIn(foldIn(key, c), B), policy.logProbs, 24 * B);
        return meanOf(
          Array.from({ length: 24 }, (_, i) => {
            const estimate = reinforce.estimateGradient(policy, replies.subarray(i * B, (i + 1) * B), credit);
            return estimate.reduce((sum, g, d) => sum + (g - policy.gradient[d]) ** 2, 0);
          }),
        );
      });
      return reinforce.logLogSlope(sizes, variances);
    }),
}).shows({
  "07/one-over-b": both(
    mean(([none]) => none, { between: [-1.15, -0.85] }),
    mean(([, others]) => others, { between: [-1.15, -0.85] }),
  ),
});

const model = transformer({ vocabulary: 7, context: 4, width: 16, layers: 1, heads: 2 });
const network = experiment("a transformer at its first step", {
  keys: 4,
  few: "transformer",
  run: (key: Key) => {
    const params = model.init(key);
    const reward = short.utility[0].map((u) => u + zero);
    const prompt = [short.prompts[0]];
    const all = transformerMoments(model, params, sequenceRows(short.tree, prompt), reward);
    const scale = (baseline: number) => all.totalVariance(baseline) / all.squaredNorm;
    const measured = transformerNoise(foldIn(key, 1), model, params, {
      prompts: [prompt],
      newTokens: 3,
      stop: 0,
      reward: (reply) => reward[sequenceIndex(short.tree, reply)],
      batches: [4, 16, 64],
      repeats: 24,
      baseline: "leave one out",
    });
    const slope = reinforce.logLogSlope(
      [4, 16, 64],
      measured.map((m) => m.totalVariance),
    );
    return { none: scale(0), mean: scale(all.value), slope };
  },
}).shows({
  "07/network-one-over-b": mean(({ slope }) => slope, { between: [-1.4, -0.7] }),
  "07/worth-a-batch": every(({ none, mean }) => none > 2 * mean),
});

const training = {
  reward: utility,
  reference,
  batch: 16,
  steps: 300,
  every: 300,
};
type End = { utility: number; entropy: number; referenceKl: number };
type Asleep = { nothing: End[]; entropy: End; kl: End };
const asleep = experiment("REINFORCE with and without a remedy, at four rates", {
  keys: 24,
  run: (key) => {
    const of = (remedy: { entropyBonus?: number; beta?: number }, rate: number): End => {
      const run = trainTabularReinforce(key, people, { ...training, ...remedy, rate });
      const { trueReward, sequenceEntropy: entropy, referenceKl } = run.history[1];
      return { utility: trueReward, entropy, referenceKl };
    };
    return {
      nothing: rates.map((rate) => of({}, rate)),
      entropy: of({ entropyBonus: 0.2 }, 1),
      kl: of({ beta: 0.2 }, 1),
    };
  },
}).shows({
  "07/falls-asleep": both(
    mean(({ nothing }) => nothing[1].entropy, { below: 0.6 }),
    mean(({ nothing }) => nothing[3].entropy, { below: 0.3 }),
  ),
  "07/short-of-the-best": every(({ nothing }) => nothing.every((end) => end.utility < 3.1)),
  // At every rate of the runs without a remedy, so also at their best.
  "07/entropy-bonus-ends-higher": both(
    ...rates.map((_, r) =>
      mean<Asleep>(({ nothing, entropy }) => entropy.utility - nothing[r].utility, { above: 0.2 }),
    ),
  ),
  "07/kl-ends-higher": both(
    ...rates.map((_, r) => mean<Asleep>(({ nothing, kl }) => kl.utility - nothing[r].utility, { above: 0 })),
  ),
  "07/kl-ends-surely": both(
    every<Asleep>(({ kl }) => kl.utility > 2.7),
    ...rates.map((_, r) => share<Asleep>(({ nothing }) => nothing[r].utility < 2.7, { above: 0.15 })),
  ),
  "07/kl-stays-near": mean(({ entropy, kl }) => entropy.referenceKl - kl.referenceKl, { above: 1 }),
});

const quiet = ["good whale", "very good whale"];
const noisy = experiment("with and without a baseline, at two rates", {
  keys: 60,
  run: (key) => {
    const of = (baseline: 0 | "leave one out", rate: number) => {
      const run = { ...training, reward: rewardByReply, trueReward: utility, baseline, rate };
      const { policy, history } = trainTabularReinforce(key, people, run);
      const logProbs = sequenceLogProbsOf(policy);
      const favourite = logProbs.indexOf(logProbs.reduce((a, b) => Math.max(a, b)));
      return { utility: history[1].trueReward, favourite: phraseText(task.tree.sequences[favourite]) };
    };
    const at = (rate: number) => ({ none: of(0, rate), others: of("leave one out", rate) });
    return { slow: at(0.3), fast: at(1) };
  },
}).shows({
  "07/no-difference-when-slow": mean(({ slow }) => slow.others.utility - slow.none.utility, { between: [-0.3, 0.3] }),
  "07/no-difference-when-fast": mean(({ fast }) => fast.others.utility - fast.none.utility, { between: [-0.5, 0.5] }),
  "07/same-favourites": both(
    share(({ slow }) => quiet.includes(slow.none.favourite), { between: [0.6, 0.95] }),
    share(({ slow }) => quiet.includes(slow.others.favourite), { above: 0.9 }),
    share(({ fast }) => quiet.includes(fast.others.favourite), { above: 0.9 }),
  ),
  "07/other-favourites": share(({ fast }) => !quiet.includes(fast.none.favourite), { above: 0.4 }),
});

const prices = exactly("the price of entropy", () => {
  const optimum = exactRegularisedOptimum(reference, utility, 0.2).logProbs;
  const conditionals = conditionalLogProbs(task.tree, optimum);
  const measured = (logProbs: Float64Array) => ({ ...reinforce.measureReplies(logProbs, utility, reference) });
  const written = (rows: Float64Array) => measured(sequenceLogProbs(task.tree, rows));
  return {
    temperatures: [0.3, 0.5, 0.7, 1, 1.5, 2, 2.5, 3].map((t) => written(reinforce.temper(conditionals, 7, t))),
    nucleus: [0.7, 0.9, 0.98, 1].map((p) => written(reinforce.nucleus(conditionals, 7, p))),
    bonus: [0.1, 0.2, 0.3, 0.5].map((a) => measured(reinforce.entropyOptimum(utility, a))),
  };
}).shows({
  "07/first-nat-is-cheap": every(({ temperatures: [, , , one, more, two, , three] }) => {
    const perNat = (a: { reward: number; entropy: number }, b: { reward: number; entropy: number }) =>
      (a.reward - b.reward) / (b.entropy - a.entropy);
    return perNat(one, more) < 0.1 && perNat(two, three) > 0.25;
  }),
  "07/cold-buys-nothing": every(({ temperatures: [a, b, c, one], nucleus }) => {
    const gains = nucleus.map(({ reward }) => reward - one.reward);
    return Math.max(a.reward, b.reward, c.reward) < one.reward + 0.01 && Math.max(...gains) < 0.1 && gains[0] > 0.03;
  }),
  "07/optimum-pays-in-distance": every(({ bonus, temperatures, nucleus }) => {
    // Linear between the optima; the others must lie below.
    const optimal = (entropy: number) => {
      const above = bonus.findIndex((point) => point.entropy >= entropy);
      if (above < 1) return Number.POSITIVE_INFINITY; // sharper than any of them
      const [a, b] = [bonus[above - 1], bonus[above]];
      return a.reward + ((b.reward - a.reward) * (entropy - a.entropy)) / (b.entropy - a.entropy);
    };
    const below = [...temperatures, ...nucleus].every(({ entropy, reward }) => reward < optimal(entropy));
    return below && bonus.every(({ kl }) => kl > 6 && kl < 9);
  }),
});

const traps = exactly("replies from another sampler", () => {
  const samplers = [
    reinforce.temper(start, 7, 0.7),
    reinforce.temper(start, 7, 1.3),
    reinforce.nucleus(start, 7, 0.9),
    reinforce.nucleus(start, 7, 0.5),
  ];
  return samplers.map((explored) => {
    const samplingLogProbs = sequenceLogProbs(task.tree, explored);
    const off = (baseline: number, importance: boolean) =>
      degrees(reinforce.gradientMoments(policy, { baseline }, { samplingLogProbs, importance }).mean, policy.gradient);
    return { none: off(0, false), mean: off(policy.value, false), weighted: off(policy.value, true) };
  });
}).shows({
  "07/wrong-mean": every((seen) => seen.every(({ none, mean }) => none > 1.5 * mean && mean > 2)),
  "07/weights-cure-temperature": every(
    ([cold, hot, cut, narrow]) =>
      Math.max(cold.weighted, hot.weighted) < 0.01 && cut.weighted > 2 && narrow.weighted > 20,
  ),
});

const wrongReward = experiment("what a wrong reward asks for", {
  keys: 400,
  run: (key) => {
    const mistakes = normal(key, utility.length);
    const of = (error: number) => {
      const learned = utility.map((u, n) => u + error * mistakes[n]);
      const top = learned.indexOf(learned.reduce((most, r) => Math.max(most, r)));
      const { logProbs } = exactRegularisedOptimum(reference, learned, 0.7);
      return { anchored: exactExpectation(logProbs, utility), top: utility[top] };
    };
    return { small: of(1.5), large: of(4) };
  },
}).shows({
  "07/small-error-no-turn": mean(({ small }) => small.top - small.anchored, { between: [0.2, 0.5] }),
  "07/large-error-turns": mean(({ large }) => large.anchored - large.top, { between: [0, 0.5] }),
  "07/penalty-is-less-of-a-lottery": (observations) => {
    const spread = (pick: "anchored" | "top") => standardDeviation(observations.map(({ large }) => large[pick]));
    const [anchored, top] = [spread("anchored"), spread("top")];
    const seen = `standard deviations ${anchored.toFixed(2)} and ${top.toFixed(2)}`;
    return { holds: anchored < 0.8 * top, seen, wanted: "the first below 0.8 of the second" };
  },
});

export default [
  fromSixteen,
  baselines,
  two,
  batches,
  twoPrompts,
  prompted,
  stages,
  coins,
  tableSlope,
  network,
  asleep,
  noisy,
  prices,
  traps,
  wrongReward,
];
