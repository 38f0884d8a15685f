import { logSigmoid, sigmoid } from "rlhf-lab/numerics";
import { type Key, permutation, randint, shuffle, split, uniform } from "rlhf-lab/random";
import { expectedCalibrationError, maurerBound } from "rlhf-lab/rewards";
import { exercise } from "../../src/grade/exercise.js";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((value, j) => value * b[j]));

/** Weights, and eight pairs of feature vectors, both sides different from 0. */
function drawPairs(key: Key): { theta: number[]; chosen: number[][]; rejected: number[][] } {
  const [a, b, c] = split(key, 3);
  const rows = (k: Key) =>
    Array.from({ length: 8 }, (_, r) => Array.from(uniform(k, 24, -1, 2)).slice(3 * r, 3 * r + 3));
  return { theta: Array.from(uniform(a, 3, 0.3, 1.5)), chosen: rows(b), rejected: rows(c) };
}

export const pairwiseLossExercise = exercise({
  id: "02/pairwise-loss",
  title: "The loss of a reward model",
  difficulty: 1,
  minutes: 10,
  gives: ["rewardLoss"],
  watches: {
    swapped:
      "The two sides are the wrong way round: this loss is small when the rejected text has the higher reward. A margin is the reward of " +
      "the chosen text minus that of the rejected one.",
    "sum-for-mean":
      "This is the sum over pairs. Equation (1) is a mean, so that its size, and the learning rate that suits it, do not depend on how " +
      "many pairs there are: divide by n.",
    "one-side":
      "Only the chosen text's reward enters, as if it were labelled good. A comparison speaks about the difference of two rewards, " +
      "and about neither alone.",
    "log-likelihood":
      "The size is right and the sign is not: this is the log-likelihood. A loss is made small, so it is -log sigmoid.",
    overflow:
      "For a margin of -1000 nats this is not finite: exp(1000) is, and so sigmoid(-1000) rounds to 0 and log(1 + exp(1000)) is Infinity. " +
      "Use logSigmoid, which stays in log space.",
  },
  parts: [
    {
      name: "is the mean over eight random pairs",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const { theta, chosen, rejected } = drawPairs(t.key);
        const margins = chosen.map((features, k) => dot(theta, features) - dot(theta, rejected[k]));
        const right = sum(margins.map((m) => -logSigmoid(m))) / 8;
        t.mistakes(
          await given.rewardLoss(theta, chosen, rejected),
          {
            right,
            swapped: sum(margins.map((m) => -logSigmoid(-m))) / 8,
            "sum-for-mean": 8 * right,
            "one-side": sum(chosen.map((features) => -logSigmoid(dot(theta, features)))) / 8,
            "log-likelihood": -right,
          },
          1e-9,
          "the loss of eight pairs",
        );
      },
    },
    {
      name: "survives a margin of minus a thousand nats",
      points: 1,
      look: "what logSigmoid is for",
      async run(given, t) {
        const got = await given.rewardLoss([1], [[0]], [[1000]]);
        if (typeof got === "number" && !Number.isFinite(got)) t.mistake("overflow");
        if (got === 0) t.mistake("swapped");
        if (got === -1000) t.mistake("log-likelihood");
        if (typeof got === "number" && Math.abs(got - Math.LN2) < 1e-9) t.mistake("one-side");
        t.near(got, 1000, 1e-9, "theta = [1], chosen = [[0]], rejected = [[1000]]");
      },
    },
  ],
});

/** Descent from weights 0, with the pull of each pair on the weights as given; the gradient is minus its mean. */
function descended(
  differences: readonly (readonly number[])[],
  steps: number,
  rate: number,
  pull: (margin: number) => number,
  along = differences,
): number[] {
  const theta = differences[0].map(() => 0);
  for (let step = 0; step < steps; step++) {
    const pulls = differences.map((x) => pull(dot(theta, x)));
    theta.forEach((_, j) => {
      theta[j] += (rate * sum(along.map((x, k) => pulls[k] * x[j]))) / differences.length;
    });
  }
  return theta;
}

export const descendExercise = exercise({
  id: "02/descend",
  title: "A loop that learns",
  difficulty: 2,
  minutes: 12,
  gives: ["descend"],
  watches: {
    ascends:
      "The loss goes up: these weights order the pairs the wrong way round. The gradient of the loss points uphill, so subtract it; or add " +
      "the surprise times chosen minus rejected.",
    "sum-for-mean":
      "The surprises were added up and not averaged, so each step is as many times too long as there are pairs. Equation (1) is a mean.",
    stale:
      "The margins were computed once, with the weights of the beginning, so that every step is the same. After a step the model is " +
      "less surprised: compute them anew.",
    "mistakes-only":
      "Only pairs in the wrong order pull at the weights. A pair in the right order with a small margin is still a surprise, of sigmoid(-m).",
    "wrong-surprise":
      "A pair pulls the more, the better the model knows it: this is sigmoid(m). The surprise is 1 - sigmoid(m) = sigmoid(-m).",
    "one-side":
      "The weights move along the features of the chosen text alone. The gradient has chosen minus rejected: what both have in common " +
      "teaches nothing.",
  },
  parts: [
    {
      name: "is where 25 steps of gradient descent lead",
      points: 3,
      look: "the gradient under equation (1)",
      async run(given, t) {
        const [pairKey, rateKey] = split(t.key);
        const { chosen, rejected } = drawPairs(pairKey);
        const differences = chosen.map((features, k) => features.map((value, j) => value - rejected[k][j]));
        const rate = uniform(rateKey, 1, 0.2, 0.4)[0];
        const go = (pull: (margin: number) => number, by = rate) => descended(differences, 25, by, pull);
        const surprise = (margin: number) => sigmoid(-margin);
        t.mistakes(
          await given.descend(
            chosen.map((row) => [...row]),
            rejected.map((row) => [...row]),
            25,
            rate,
          ),
          {
            right: go(surprise),
            ascends: go(surprise, -rate),
            "sum-for-mean": go(surprise, 8 * rate),
            stale: go(() => 0.5),
            "mistakes-only": go((margin) => (margin <= 0 ? sigmoid(-margin) : 0)),
            "wrong-surprise": go(sigmoid),
            "one-side": descended(differences, 25, rate, surprise, chosen),
          },
          1e-9,
          `the weights after 25 steps of ${rate.toFixed(3)} on eight pairs`,
        );
      },
    },
  ],
});

/** Early stopping as it should be, and as it is often written: which measurement's parameters each keeps. */
const KEEPS = {
  right: (losses: readonly number[], patience: number) => stopped(losses, (k, best) => k - best >= patience).best,
  "since-the-last": (losses: readonly number[], patience: number) => {
    let waited = 0;
    return stopped(losses, (k) => {
      waited = losses[k] < losses[k - 1] ? 0 : waited + 1;
      return waited >= patience;
    }).best;
  },
  "the-last-one": (losses: readonly number[], patience: number) =>
    stopped(losses, (k, best) => k - best >= patience).last,
  "never-stops": (losses: readonly number[]) => stopped(losses, () => false).best,
  "one-too-many": (losses: readonly number[], patience: number) =>
    stopped(losses, (k, best) => k - best > patience).best,
  "adds-up": (losses: readonly number[], patience: number) => {
    let waited = 0;
    return stopped(losses, (k, best) => {
      if (k !== best) waited++;
      return waited >= patience;
    }).best;
  },
};

/** The best measurement, and the last that was made, if training ends after the first k of which `ends` says so. */
function stopped(losses: readonly number[], ends: (k: number, best: number) => boolean) {
  let best = 0;
  for (let k = 1; k < losses.length; k++) {
    if (losses[k] < losses[best]) best = k;
    if (ends(k, best)) return { best, last: k };
  }
  return { best, last: losses.length - 1 };
}

export const findTheBugExercise = exercise({
  id: "02/find-the-bug",
  title: "Find the bug: the patience that never ends",
  difficulty: 2,
  minutes: 8,
  gives: ["keepFrom"],
  watches: {
    "since-the-last":
      "The wait begins anew whenever the loss is lower than the measurement before. A loss that goes up and down then never ends the " +
      "training, although nothing has been better than the best for long. Which measurement does patience count from?",
    "the-last-one":
      "These are the parameters of the measurement at which training ended. After all that waiting they are worse than the best ones: go back.",
    "never-stops":
      "This is the best of all measurements, also of those that were never made: training ends as soon as patience runs out.",
    "one-too-many":
      "This waits one measurement longer than patience says: it ends with the measurement that is the patience-th without a new best.",
    "adds-up": "Measurements without a new best are added up over the whole training. A new best begins the wait anew.",
  },
  parts: [
    {
      name: "keeps the best of the measurements that were made, for forty losses that zigzag",
      points: 2,
      look: "section 1: what early stopping does",
      async run(given, t) {
        const [lossKey, patienceKey] = split(t.key);
        const cases = split(lossKey, 40).map((k, i) => {
          const patience = 2 + randint(patienceKey, 40, 0, 4)[i];
          const noise = uniform(k, 40, -1, 1);
          // Down, then slowly up, with so much noise that every now and then it falls.
          return { patience, losses: Array.from(noise, (z, step) => 0.6 + (step - 10) ** 2 / 4000 + 0.1 * z) };
        });
        const got: unknown[] = [];
        for (const { losses, patience } of cases) got.push(await given.keepFrom([...losses], patience));
        const kept = (how: keyof typeof KEEPS) => cases.map(({ losses, patience }) => KEEPS[how](losses, patience));
        t.mistakes(
          got,
          {
            right: kept("right"),
            "since-the-last": kept("since-the-last"),
            "the-last-one": kept("the-last-one"),
            "never-stops": kept("never-stops"),
            "one-too-many": kept("one-too-many"),
            "adds-up": kept("adds-up"),
          },
          0,
          "forty lists of 40 validation losses, patience from 2 to 5",
        );
      },
    },
    {
      name: "does as it should in a case that one can follow by hand",
      points: 1,
      async run(given, t) {
        // Best at 1; then 3 without a better one: the 0.5 at the end is never seen.
        const losses = [0.7, 0.6, 0.65, 0.64, 0.66, 0.65, 0.5, 0.9, 0.91, 0.92, 0.4];
        t.mistakes(
          await given.keepFrom(losses, 3),
          { right: 1, "since-the-last": 6, "the-last-one": 4, "never-stops": 10 },
          0,
          "losses [0.7, 0.6, 0.65, 0.64, 0.66, 0.65, 0.5, 0.9, 0.91, 0.92, 0.4], patience 3",
        );
        // The third without a better one ends it: the 0.5 that is the fourth is never seen.
        t.mistakes(
          await given.keepFrom([0.7, 0.6, 0.65, 0.64, 0.66, 0.5], 3),
          { right: 1, "one-too-many": 5 },
          0,
          "losses [0.7, 0.6, 0.65, 0.64, 0.66, 0.5], patience 3",
        );
        // Two without a better one, but never two in a row before the 0.5.
        t.mistakes(
          await given.keepFrom([0.7, 0.72, 0.6, 0.65, 0.5, 0.9, 0.91], 2),
          { right: 4, "adds-up": 2 },
          0,
          "losses [0.7, 0.72, 0.6, 0.65, 0.5, 0.9, 0.91], patience 2",
        );
        t.near(await given.keepFrom([0.7, 0.6, 0.5], 1), 2, 0, "losses [0.7, 0.6, 0.5], patience 1");
      },
    },
  ],
});

export const foldsExercise = exercise({
  id: "02/folds",
  title: "Folds that do not leak",
  difficulty: 2,
  minutes: 15,
  gives: ["foldOfRows"],
  watches: {
    "leaks-the-prompt":
      "Rows with the same prompt are in different folds, so a model is examined on answers that it has studied. Give a fold to each " +
      "prompt, not to each row.",
    "empty-fold":
      "A fold has no rows. There are at least k different prompts: give them to the folds in turn, the first to fold 0, the second to fold 1.",
    lopsided:
      "The folds differ by more than one prompt in size, although every prompt has equally many rows. Number the different prompts in the " +
      "order in which they come, and take the number modulo k.",
    "neighbours-only":
      "A prompt that comes back later is taken for a new one. Remember which prompts you have seen, in a Map, and not only the last.",
  },
  parts: [
    {
      name: "keeps prompts together and folds full",
      points: 3,
      look: "the hint",
      async run(given, t) {
        const [a, b, c] = split(t.key, 3);
        for (const [k, count] of [
          [3, 11],
          [5, 12],
        ]) {
          const letters = shuffle(a, Array.from("abcdefghijklmnop"));
          const names = Array.from({ length: count }, (_, i) => `${letters[i]}${"x".repeat(randint(b, 16, 0, 5)[i])}`);
          // Every prompt has three rows: two in a run, and one among the others, so that a change of
          // prompt looks like a new one.
          const runs = [...names].sort().flatMap((name) => [name, name]);
          const prompts = [...runs, ...Array.from(permutation(c, count), (i) => names[i])];
          const got = (await given.foldOfRows(prompts, k)) as unknown;
          if (!Array.isArray(got) || got.length !== prompts.length) {
            t.fail(`Expected a list of ${prompts.length} folds, one for each row.`);
          }
          const folds = got as number[];
          if (!folds.every((fold) => Number.isInteger(fold) && fold >= 0 && fold < k)) {
            t.fail(`A fold is a whole number from 0 to ${k - 1}, as there are k = ${k} of them.`);
          }
          const parted = names.filter((name) => new Set(folds.filter((_, row) => prompts[row] === name)).size > 1);
          if (parted.length > 0) {
            // Were the folds given in turn whenever the prompt differs from the one before?
            let turn = -1;
            const inTurn = prompts.map((prompt, row) => (prompt === prompts[row - 1] ? turn : ++turn) % k);
            t.mistake(inTurn.join() === folds.join() ? "neighbours-only" : "leaks-the-prompt");
          }
          const sizes = Array.from({ length: k }, (_, fold) => folds.filter((f) => f === fold).length);
          if (Math.min(...sizes) === 0) t.mistake("empty-fold");
          if (Math.max(...sizes) - Math.min(...sizes) > 3) t.mistake("lopsided");
        }
        const words = ["whale", "constructor", "toString", "whale", "constructor", "toString"];
        const got = (await given.foldOfRows(words, 3)) as unknown;
        const apart =
          Array.isArray(got) && new Set(got.slice(0, 3)).size === 3 && got.slice(0, 3).join() === got.slice(3).join();
        if (!apart || !got.every((fold) => Number.isInteger(fold)))
          t.fail(
            'The prompts "constructor" and "toString" need folds of their own as well. A plain object {} knows these names already: use a Map.',
          );
      },
    },
  ],
});

export const calibrationExercise = exercise({
  id: "02/calibration",
  title: "Expected calibration error",
  difficulty: 2,
  minutes: 15,
  gives: ["calibrationError"],
  watches: {
    unweighted:
      "Every bin counts the same, one with a single prediction as much as one with a hundred. Equation (2) weighs a bin by its share n_b / n.",
    signed:
      "Bins that are too sure and bins that are not sure enough cancel each other out. Take the absolute value inside each bin.",
    midpoint:
      "The middle of a bin stands for its confidence. A bin's confidence is the mean of the predictions that fell into it.",
    "last-edge": "A prediction of exactly 1 fell out of the last bin. Math.floor(1 * bins) is bins: one too many.",
  },
  parts: [
    {
      name: "is equation (2) on sixty random predictions",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const predicted = Array.from(uniform(a, 60), (u) => u * u); // many small ones: bins of different sizes
        const luck = uniform(b, 60);
        const correct = predicted.map((_, k) => (luck[k] < 0.5 ? 1 : 0));
        const bins = 5;
        const groups = Array.from({ length: bins }, (_, bin) =>
          predicted.flatMap((p, k) => (Math.floor(p * bins) === bin ? [{ p, y: correct[k] }] : [])),
        ).filter((group) => group.length > 0);
        const gap = (group: { p: number; y: number }[]) =>
          (sum(group.map(({ y }) => y)) - sum(group.map(({ p }) => p))) / group.length;
        const middle = (group: { p: number }[]) => (Math.floor(group[0].p * bins) + 0.5) / bins;
        t.mistakes(
          await given.calibrationError(predicted, correct, bins),
          {
            right: expectedCalibrationError(predicted, correct, { bins }),
            unweighted: sum(groups.map((group) => Math.abs(gap(group)))) / groups.length,
            signed: Math.abs(sum(groups.map((group) => group.length * gap(group)))) / 60,
            midpoint: sum(groups.map((g) => g.length * Math.abs(sum(g.map(({ y }) => y)) / g.length - middle(g)))) / 60,
          },
          1e-6,
          "the calibration error of sixty predictions in five bins",
        );
      },
    },
    {
      name: "counts a prediction of exactly 1, and only non-empty bins",
      points: 1,
      async run(given, t) {
        // One bin is too sure, the other not sure enough: what cancels out is seen here, however
        // the sixty above were drawn.
        const got = await given.calibrationError([1, 1, 1, 0.05], [1, 0, 1, 1], 10);
        const right = 3 * (1 / 3) * (1 / 4) + 0.95 / 4;
        if (typeof got === "number" && Math.abs(got - 0.95 / 4) < 1e-9) t.mistake("last-edge");
        if (Number.isNaN(got)) t.fail("This is NaN. A bin without predictions has no mean: leave it out.");
        t.mistakes(
          got,
          {
            right,
            unweighted: (1 / 3 + 0.95) / 2,
            signed: Math.abs(-1 + 0.95) / 4,
            midpoint: (3 * (0.95 - 2 / 3)) / 4 + 0.95 / 4,
            "last-edge": 0.95,
          },
          1e-6,
          "predicted = [1, 1, 1, 0.05], correct = [1, 0, 1, 1], ten bins",
        );
      },
    },
  ],
});

export const maurerExercise = exercise({
  id: "02/maurer",
  title: "Maurer's bound",
  difficulty: 2,
  minutes: 10,
  gives: ["maurer"],
  watches: {
    "forgets-2-sqrt-n":
      "The price for luck is ln(1/delta) here; equation (4) has ln(2 sqrt(n)/delta). The factor 2 sqrt(n) pays for all posteriors at once; " +
      "without it the proof does not go through.",
    "n-for-2n": "The root divides by n. Pinsker's inequality, kl(q || p) >= 2 (q - p)^2, leaves 2n.",
    "no-root":
      "The square root is missing: without it the bound would promise an error of order 1/n, which is far too good.",
    "forgets-kl":
      "The divergence from the prior does not enter. Without it a posterior could be put wherever the examples look best, for free.",
  },
  parts: [
    {
      name: "is equation (4)",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const [drawKey, sizeKey] = split(t.key);
        const [e, k, d] = uniform(drawKey, 3);
        const [error, kl, delta] = [0.1 + 0.3 * e, 2 + 10 * k, 0.01 + 0.1 * d];
        const n = randint(sizeKey, 1, 100, 3000)[0];
        const inside = kl + Math.log((2 * Math.sqrt(n)) / delta);
        t.mistakes(
          await given.maurer(error, kl, n, delta),
          {
            right: maurerBound({ error, kl, n, delta }),
            "forgets-2-sqrt-n": error + Math.sqrt((kl + Math.log(1 / delta)) / (2 * n)),
            "n-for-2n": error + Math.sqrt(inside / n),
            "no-root": error + inside / (2 * n),
            "forgets-kl": error + Math.sqrt((inside - kl) / (2 * n)),
          },
          1e-6,
          `error = ${error.toFixed(3)}, kl = ${kl.toFixed(3)}, n = ${n}, delta = ${delta.toFixed(3)}`,
        );
      },
    },
  ],
});

export const worstGapExercise = exercise({
  id: "02/worst-gap",
  title: "The worst case of two states",
  difficulty: 3,
  minutes: 20,
  gives: ["worstGap"],
  watches: {
    "the-ceiling":
      "This is the ceiling 2 epsilon / (1 - gamma) itself. Here only two policies exist, so the loss is their true difference, if a learned " +
      "reward can turn the order round, and 0 if not.",
    "one-epsilon":
      "Only one of the two returns is misjudged. The one policy can be underrated while the other is overrated, by epsilon / (1 - gamma) each.",
    "leaving-once":
      "Leaving is overrated by a single epsilon. The learned reward of state 1 may be wrong too, at every later step: all together " +
      "epsilon / (1 - gamma).",
    "no-discount":
      "The error counts for two steps only. Staying is misjudged at each step, and so is what comes after leaving: divide by 1 - gamma.",
    tie:
      "Exactly at the turning point a learned reward can make the two equal, and among equals the worse one is assumed: at a true difference of " +
      "2 epsilon / (1 - gamma) the loss is still that difference.",
    "one-way":
      "A loss is only found when staying is truly better. When leaving is better, a learned reward can make staying look good as well.",
  },
  parts: [
    {
      name: "turns round what can be turned round, and nothing else",
      points: 3,
      look: "equations (5) and (6)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const u = uniform(a, 2);
        const gamma = 0.7 + 0.2 * u[0];
        const epsilon = 0.2 + 0.3 * u[1];
        const reach = epsilon / (1 - gamma);
        const leave = uniform(b, 1, -1, 1)[0];
        // How far apart the two are, in multiples of epsilon / (1 - gamma): the turning point is 2.
        const once = 1 + (1 - gamma);
        const cases = [0.1, 0.8, (1 + once) / 2, (once + 2) / 2, 1.98, 2.02, 3].flatMap((times) => [times, -times]);
        const stays = cases.map((times) => (leave + times * reach) * (1 - gamma));
        const got: unknown[] = [];
        for (const stay of stays) got.push(await given.worstGap(stay, leave, epsilon, gamma));
        const within = (limit: number) =>
          cases.map((times) => (Math.abs(times) * reach <= limit ? Math.abs(times) * reach : 0));
        const right = within(2 * reach);
        t.mistakes(
          got,
          {
            right,
            "no-discount": within(2 * epsilon),
            "one-way": right.map((gap, i) => (cases[i] < 0 ? 0 : gap)),
            "leaving-once": within(reach + epsilon),
            "one-epsilon": within(reach),
            "the-ceiling": cases.map(() => 2 * reach),
          },
          1e-6,
          `leave = ${leave.toFixed(3)}, epsilon = ${epsilon.toFixed(3)}, gamma = ${gamma.toFixed(3)}, and stay = ` +
            `${stays.map((stay) => stay.toFixed(3)).join(", ")} in turn`,
        );
        // In halves and powers of two nothing is rounded, so that a tie is one.
        t.mistakes(
          await given.worstGap(1, 0, 0.5, 0.5),
          { right: 2, tie: 0, "one-epsilon": 0, "no-discount": 0, "leaving-once": 0 },
          1e-6,
          "stay = 1, leave = 0, epsilon = gamma = 0.5",
        );
      },
    },
  ],
});
