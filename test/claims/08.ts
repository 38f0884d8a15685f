// What lesson 08 says its experiments show: the phrase task, a policy that sees the last word, everything measured by enumeration.
import {
  conditionalLogProbs,
  drawTreeBatch,
  exactClippedObjective,
  exactExpectation,
  exactKL,
  exactPolicyGradient,
  exactStepKl,
  expectedKlGradients,
  fitTreePolicy,
  type Key,
  klEstimates,
  lastTokenRows,
  mean as meanOf,
  phraseTask,
  ppoEpochs,
  ppoIterations,
  sequenceLogProbsOf,
  split,
  stepMeasures,
  type TreePolicy,
  tabularRows,
  tokenPpo,
} from "../../lib/src/index.js";
import { both, every, exactly, experiment, mean, share } from "../../scripts/claims/claim.js";

const task = phraseTask();
const { tree } = task;
const utility = task.utility[0];
const reference = conditionalLogProbs(tree, task.reference[0]);
const start = fitTreePolicy(tree, lastTokenRows(tree), reference);

const worth = (policy: TreePolicy) => exactExpectation(sequenceLogProbsOf(policy), utility);

const reuse = experiment("one pass or eight, at several rates", {
  keys: 16,
  run: (key) => {
    const end = (epochs: number, rate: number, clip?: number) =>
      ppoIterations(key, start, { reward: utility, iterations: 10, batch: 16, size: 8, epochs, rate, clip })[10].value;
    const [never, usual] = [Number.POSITIVE_INFINITY, 0.2];
    return {
      one: { at1: end(1, 1), at30: end(1, 30), at100: end(1, 100) },
      free: { at1: end(8, 1, never), at3: end(8, 3, never), at10: end(8, 10, never), at30: end(8, 30, never) },
      clipped: { at10: end(8, 10, usual), at30: end(8, 30, usual), at100: end(8, 100, usual) },
    };
  },
}).shows({
  "08/gift-at-a-small-rate": mean(({ one, free }) => free.at1 - one.at1, { above: 1 }),
  "08/reuse-does-not-win": mean(({ one, free }) => free.at3 - one.at30, { between: [-0.3, 0.3] }),
  "08/clip-costs-a-little": mean(({ one, clipped }) => one.at30 - clipped.at10, { between: [-0.05, 0.6] }),
  "08/clip-forgives": both(
    share(({ free }) => free.at10 < 1.5, { above: 0.1 }),
    every(({ clipped }) => clipped.at10 > 1.8),
    mean(({ free, clipped }) => clipped.at30 - free.at30, { above: 0.2 }),
  ),
  "08/at-100-too-far": both(
    mean(({ one }) => one.at30 - one.at100, { above: 0 }),
    mean(({ clipped }) => clipped.at30 - clipped.at100, { above: 0 }),
  ),
});

const chances = sequenceLogProbsOf(start).map(Math.exp);
const meanLength = tree.sequences.reduce((sum, y, i) => sum + chances[i] * y.length, 0);
const perTokenKl = (policy: TreePolicy) => exactStepKl(start, policy) / meanLength;

/** A batch of the start's replies, and for every token of a reply what the reply earned above the batch's mean. */
function drawBatch(key: Key, size: number) {
  const batch = drawTreeBatch(key, start, size);
  const earned = Array.from(batch.sequences, (y) => utility[y]);
  const centre = meanOf(earned);
  return { batch, advantages: batch.places.map((list, b) => Array.from(list, () => earned[b] - centre)) };
}

const drift = experiment("one batch of 64, eight epochs", {
  keys: 10,
  run: (key) => {
    const [draw, order] = split(key);
    const { batch, advantages } = drawBatch(draw, 64);
    const options = { loss: tokenPpo(advantages), size: 16 };
    const { updates } = ppoEpochs(order, start, batch, { ...options, epochs: 8, rate: 3 });
    const [first, last] = [updates[3], updates[31]].map(({ policy }) => stepMeasures(policy, batch));
    const long = ppoEpochs(order, start, batch, { ...options, epochs: 16, rate: 1 }).policy;
    const stop = { target: 0.01 };
    const stopped = ppoEpochs(order, start, batch, { ...options, epochs: 16, rate: 1, stop }).policy;
    const { k1, k3 } = stepMeasures(long, batch);
    const kl = perTokenKl(long);
    return {
      firstEpoch: first.tokensOutside,
      last: { tokens: last.tokensOutside, replies: last.sequencesOutside },
      k1: k1 / kl,
      k3: k3 / kl,
      kl: { long: kl, stopped: perTokenKl(stopped) },
      gain: { long: worth(long), stopped: worth(stopped) },
    };
  },
}).shows({
  "08/out-in-the-first-epoch": every(({ firstEpoch }) => firstEpoch > 0.05),
  "08/replies-leave-further": every(({ last }) => last.replies > last.tokens),
  "08/k1-is-off-k3-follows": both(
    mean(({ k1, k3 }) => Math.abs(k1 - 1) - Math.abs(k3 - 1), { above: 0 }),
    mean(({ k3 }) => k3, { between: [0.7, 1] }),
  ),
  "08/stop-looks-afterwards": every(({ kl }) => kl.stopped > 0.01 && kl.stopped < kl.long && kl.stopped < 0.03),
  "08/stop-costs": mean(({ gain }) => gain.long - gain.stopped, { above: 0 }),
});

const wandering = experiment("a policy that wanders from the reference", {
  keys: 10,
  run: (key) => {
    const path = ppoIterations(key, start, { reward: utility, iterations: 14, epochs: 2, rate: 1 }).slice(1);
    const quality = path.map(({ logProbs }) => {
      const kl = exactKL(logProbs, task.reference[0]);
      const estimates = klEstimates(logProbs, task.reference[0]);
      const of = (estimate: Float64Array) => {
        const average = exactExpectation(logProbs, estimate);
        const squares = estimate.map((x) => (x - average) ** 2);
        return { mean: average / kl, deviation: Math.sqrt(exactExpectation(logProbs, squares)) / kl };
      };
      return { kl, k1: of(estimates.k1), k2: of(estimates.k2), k3: of(estimates.k3) };
    });
    const { policy: last } = path[13];
    const slopes = expectedKlGradients(tree, last.rows, last.logits, reference);
    const away = exactKL(sequenceLogProbsOf(last), task.reference[0]);
    const alone = (which: "k1Loss" | "reverse" | "forward" | "k3Reward") => {
      let policy = last;
      for (let step = 0; step < 20; step++) {
        const slope = expectedKlGradients(tree, policy.rows, policy.logits, reference)[which];
        policy = { ...policy, logits: policy.logits.map((z, i) => z - 0.5 * slope[i]) };
      }
      return exactKL(sequenceLogProbsOf(policy), task.reference[0]) / away;
    };
    return {
      quality,
      zero: slopes.k1Loss.every((x) => Math.abs(x) < 1e-9),
      alone: { k1: alone("k1Loss"), k2: alone("reverse"), k3: alone("forward"), k3Reward: alone("k3Reward") },
    };
  },
}).shows({
  "08/k1-and-k3-are-right": every(({ quality }) =>
    quality.every(({ k1, k3 }) => Math.abs(k1.mean - 1) < 1e-6 && Math.abs(k3.mean - 1) < 1e-6),
  ),
  "08/k3-near-k1-far": every(({ quality }) =>
    quality.every(
      ({ kl, k1, k3 }) => (kl > 0.25 || k3.deviation < k1.deviation) && (kl < 1 || k1.deviation < k3.deviation),
    ),
  ),
  "08/penalties-alone": every(
    ({ zero, alone }) =>
      zero && Math.abs(alone.k1 - 1) < 1e-9 && alone.k2 < 0.6 && alone.k3 < 0.6 && alone.k3Reward > 1,
  ),
});

const named = Float64Array.from(tree.sequences, (reply) => reply.filter((word) => word === task.prompts[0]).length);
const holding = experiment("brake and anchor", {
  keys: 10,
  run: (key) => {
    const after = (hold: object) => {
      const points = ppoIterations(key, start, { reward: named, iterations: 40, size: 32, rate: 3, ...hold });
      const { startKl, logProbs } = points[40];
      const longest = Math.max(...points.map(({ stepKl }) => stepKl));
      return { startKl, longest, most: Math.exp(Math.max(...logProbs)) };
    };
    return {
      none: after({}),
      brake: after({ stepBeta: 1 }),
      anchor: after({ reference: { logRef: task.reference[0], beta: 0.5 } }),
    };
  },
}).shows({
  "08/brake-changes-the-date": every(({ none, brake }) => none.most > 0.8 && brake.most > 0.8 && brake.startKl > 8),
  "08/anchor-holds": every(({ none, anchor }) => anchor.startKl < 4 && anchor.startKl < none.startKl / 2),
});

const lengths = experiment("the step KL of four epochs, by the length of a step", {
  keys: 10,
  run: (key) => {
    const [draw, order] = split(key);
    const { batch, advantages } = drawBatch(draw, 256);
    const of = (rate: number, clip: number) =>
      perTokenKl(
        ppoEpochs(order, start, batch, { loss: tokenPpo(advantages, { clip }), epochs: 4, size: 64, rate }).policy,
      );
    const never = Number.POSITIVE_INFINITY;
    return { middling: of(3, never) / of(3, 0.2), far: of(30, 0.2), bound: -Math.log(1 - 0.2 ** 2) / 2 };
  },
}).shows({
  "08/clip-slows": mean(({ middling }) => middling, { above: 3 }),
  "08/clip-does-not-bound": every(({ far, bound }) => far > bound),
});

const everyPrefix: TreePolicy = { tree, rows: tabularRows(tree), logits: reference };

/** Sampled tokens keep their probability; all the rest of each prefix's goes to its worst word that was not sampled. */
function unseenStep(sampled: Set<number>): TreePolicy {
  const V = tree.vocabulary;
  const { Q } = exactPolicyGradient(tree, everyPrefix.rows, everyPrefix.logits, utility);
  const logits = reference.slice();
  for (let prefix = 0; prefix < tree.prefixes.length; prefix++) {
    const unseen = Array.from({ length: V }, (_, v) => prefix * V + v).filter((at) => !sampled.has(at));
    if (unseen.length < 2) continue;
    const mass = unseen.reduce((sum, at) => sum + Math.exp(reference[at]), 0);
    const worst = unseen.reduce((a, b) => (Q[b] < Q[a] ? b : a));
    for (const at of unseen) logits[at] = Math.log(mass * (at === worst ? 1 - 1e-3 * (unseen.length - 1) : 1e-3));
  }
  return { ...everyPrefix, logits };
}

const blind = experiment("what was not sampled", {
  keys: 10,
  run: (key) => {
    const of = (size: number) => {
      const seen = drawTreeBatch(key, everyPrefix, size);
      const policy = unseenStep(new Set(seen.places.flatMap((list) => Array.from(list))));
      const { k3, tokensOutside } = stepMeasures(policy, seen);
      return { k3, tokensOutside, kl: exactStepKl(everyPrefix, policy), loss: worth(everyPrefix) - worth(policy) };
    };
    return { small: of(16), large: of(4096) };
  },
}).shows({
  "08/unseen-is-blind": every(
    ({ small }) => Math.abs(small.k3) < 1e-9 && small.tokensOutside === 0 && small.kl > 1 && small.loss > 0.5,
  ),
  "08/larger-batches-see-more": every(({ small, large }) => large.kl < small.kl && large.loss < small.loss),
});

const adversary = exactly("the clipped objective above 0.1, the value as low as it gets", () => {
  let fooled = everyPrefix;
  let seen = { objective: 0, value: 0, kl: 0 };
  for (let step = 0; step < 60; step++) {
    const { objective, gradient } = exactClippedObjective(everyPrefix, fooled, utility, { clip: 0.2 });
    const down = exactPolicyGradient(tree, fooled.rows, fooled.logits, utility);
    seen = { objective, value: down.value, kl: exactStepKl(everyPrefix, fooled) };
    const hold = objective < 0.1 ? 8 : 0;
    const now = fooled;
    fooled = { ...now, logits: now.logits.map((z, i) => z + 5 * (hold * gradient[i] - down.gradient[i])) };
  }
  return { ...seen, start: worth(everyPrefix) };
}).shows({
  "08/objective-up-value-down": every(({ objective, value, start }) => objective > 0 && start - value > 1.5),
});

const bound = exactly("the first step, and a text at the clip", () => {
  const atOld = exactClippedObjective(start, start, utility, { clip: 0.2 }).gradient;
  const plain = exactPolicyGradient(tree, start.rows, start.logits, utility).gradient;
  return { apart: Math.max(...atOld.map((g, i) => Math.abs(g - plain[i]))), tokens: Math.log(1.2) / Math.log(1.01) };
}).shows({
  "08/first-step-is-plain": every(({ apart }) => apart < 1e-10),
  "08/eighteen-tokens": every(({ tokens }) => tokens > 18 && tokens < 19),
});

export default [reuse, drift, wandering, holding, lengths, blind, adversary, bound];
