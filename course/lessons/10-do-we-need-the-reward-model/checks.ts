import {
  exactExpectation,
  exactKL,
  exactRegularisedOptimum,
  mean,
  sigmoid,
  softplus,
  standardDeviation,
} from "rlhf-lab/numerics";
import { bestOfNEstimate, bestOfNKL, bestOfNKLBound, groupAdvantages } from "rlhf-lab/policy";
import { type Key, permutation, split, uniform } from "rlhf-lab/random";
import { phraseTask } from "rlhf-lab/worlds";
import { drawUntil } from "../../src/grade/drawUntil.js";
import { exercise } from "../../src/grade/exercise.js";

const list = (values: ArrayLike<number>) => Array.from(values);

/** Numbers in the order in which sort() without a comparison puts them. */
const asTexts = (values: readonly number[]) => [...values].map(String).sort().map(Number);

/** Log-probabilities of a few replies and beta. */
function drawPairs(key: Key) {
  const [a, b, c, d] = split(key, 5).map((k) => list(uniform(k, 4, -12, -2)));
  return { chosen: a, rejected: b, refChosen: c, refRejected: d, beta: 0.2 + 0.6 * uniform(split(key, 5)[4], 1)[0] };
}

export const dpoLossExercise = exercise({
  id: "10/dpo-loss",
  title: "DPO's loss",
  difficulty: 2,
  minutes: 10,
  gives: ["dpoLossOf"],
  watches: {
    "no-reference":
      "The reference is missing: h compares how much the policy has moved, ln(pi / pi_ref), not where it stands. A policy that is its reference should have the loss ln 2.",
    "sum-for-mean": "This is the sum over pairs; equation (2) is their mean. With a sum the step grows with the batch.",
    "beta-outside":
      "beta stands outside of the sigmoid. It belongs inside, -ln sigmoid(beta h): outside it only scales the gradient, and nothing holds the policy.",
    swapped: "Chosen and rejected changed places: this loss is small when the rejected reply is preferred.",
    overflow:
      "At a margin of -2000 nats this is not finite. Math.log(sigmoid(z)) is -Infinity there, where the answer is z: use ln(1 + e^-z) in a form that does not overflow.",
  },
  parts: [
    {
      name: "matches equation (2) on four random pairs",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const { chosen, rejected, refChosen, refRejected, beta } = drawPairs(t.key);
        const average = (f: (b: number) => number) => mean(chosen.map((_, b) => f(b)));
        const h = (b: number) => chosen[b] - refChosen[b] - rejected[b] + refRejected[b];
        const right = average((b) => softplus(-beta * h(b)));
        t.mistakes(
          await given.dpoLossOf(chosen, rejected, refChosen, refRejected, beta),
          {
            right,
            "no-reference": average((b) => softplus(-beta * (chosen[b] - rejected[b]))),
            "sum-for-mean": 4 * right,
            "beta-outside": beta * average((b) => softplus(-h(b))),
            swapped: average((b) => softplus(beta * h(b))),
          },
          1e-6,
          "the loss of four pairs",
        );
      },
    },
    {
      name: "is ln 2 where the policy is the reference",
      points: 1,
      async run(given, t) {
        const { chosen, rejected, beta } = drawPairs(t.key);
        t.mistakes(
          await given.dpoLossOf([...chosen], [...rejected], [...chosen], [...rejected], beta),
          {
            right: Math.LN2,
            "no-reference": mean(chosen.map((c, b) => softplus(-beta * (c - rejected[b])))),
            "sum-for-mean": 4 * Math.LN2,
            "beta-outside": beta * Math.LN2,
          },
          1e-6,
          "the loss at the reference",
        );
      },
    },
    {
      name: "does not overflow",
      points: 1,
      async run(given, t) {
        const got = await given.dpoLossOf([-2001], [-1], [-1], [-1], 1);
        if (!Number.isFinite(got)) t.mistake("overflow");
        t.mistakes(got, { right: 2000, swapped: 0 }, 1e-6, "the loss of a margin of -2000 nats, beta 1");
      },
    },
  ],
});

function drawPreferences(key: Key) {
  const [a, b, c, d] = split(key, 4);
  const distribution = (k: Key) => {
    const raw = list(uniform(k, 4, 0.2, 1));
    const sum = raw.reduce((x, y) => x + y);
    return raw.map((x) => x / sum);
  };
  const skill = list(uniform(c, 4, -2, 2));
  // The diagonal is left at 0, as a table of wins has it.
  const prefer = skill.map((x, i) => skill.map((y, j) => (i === j ? 0 : sigmoid(x - y))));
  return { ref: distribution(a), shown: distribution(b), skill, prefer, beta: 0.3 + 0.5 * uniform(d, 1)[0] };
}

function tilted(ref: readonly number[], exponent: readonly number[]): number[] {
  const weights = ref.map((p, i) => p * Math.exp(exponent[i]));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
}

export const ipoTargetExercise = exercise({
  id: "10/ipo-target",
  title: "Where IPO stops",
  difficulty: 3,
  minutes: 15,
  gives: ["ipoMargin", "ipoTarget"],
  watches: {
    "always-wins":
      "This is the target of a single answer, 1 / (2 beta). With probability 1 - p the other reply wins, and pulls to the other side.",
    "log-odds": "The log-odds ln(p / (1 - p)) are DPO's target. IPO's is linear in p, and finite where nobody doubts.",
    "twice-too-far":
      "Twice the margin: the two answers pull at t = 1/(2 beta) and -t, and the mean lies between them, (2p - 1) t.",
    "self-loses":
      "A reply against itself was counted as a loss. It wins half of the time: add shown[i] / 2, whatever stands on the diagonal.",
    "no-reference": "The reference is missing: equation (3) has pi_ref(y) in front of the exponential.",
    unweighted:
      "The win rates give every opponent the same weight. w(y) is against a reply drawn from mu: weight by shown[j].",
    "not-normalised": "The probabilities do not add up to 1: divide by their sum.",
  },
  parts: [
    {
      name: "the margin of one pair",
      points: 1,
      look: "exercise 2 (a)",
      async run(given, t) {
        const [x, y] = uniform(t.key, 2);
        const [p, beta] = [0.55 + 0.35 * x, 0.2 + 0.5 * y];
        t.mistakes(
          await given.ipoMargin(p, beta),
          {
            right: (2 * p - 1) / (2 * beta),
            "always-wins": 1 / (2 * beta),
            "log-odds": Math.log(p / (1 - p)) / beta,
            "twice-too-far": (2 * p - 1) / beta,
          },
          1e-6,
          `the margin for p = ${p.toFixed(3)}, beta = ${beta.toFixed(3)}`,
        );
        t.mistakes(
          await given.ipoMargin(1, 0.5),
          { right: 1, "log-odds": Number.POSITIVE_INFINITY, "twice-too-far": 2 },
          1e-6,
          "the margin where nobody doubts, beta = 0.5",
        );
      },
    },
    {
      name: "the distribution of equation (3)",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const { ref, shown, prefer, skill, beta } = drawPreferences(t.key);
        const rates = (self: number, mu: readonly number[] = shown) =>
          ref.map((_, i) => mu.reduce((sum, m, j) => sum + m * (i === j ? self : prefer[i][j]), 0) / beta);
        const right = tilted(ref, rates(0.5));
        t.mistakes(
          await given.ipoTarget(
            [...ref],
            prefer.map((row) => [...row]),
            [...shown],
            beta,
          ),
          {
            right,
            "log-odds": tilted(
              ref,
              skill.map((s) => s / beta),
            ),
            "self-loses": tilted(ref, rates(0)),
            "no-reference": tilted([1, 1, 1, 1], rates(0.5)),
            unweighted: tilted(ref, rates(0.5, [0.25, 0.25, 0.25, 0.25])),
            "not-normalised": ref.map((p, i) => p * Math.exp(rates(0.5)[i])),
          },
          1e-6,
          "the target over four replies",
        );
      },
    },
  ],
});

export const bestOfNKLExercise = exercise({
  id: "10/best-of-n-kl",
  title: "The exact price of best-of-n",
  difficulty: 3,
  minutes: 15,
  gives: ["bestOfNCost"],
  watches: {
    bound: "This is ln n - (n - 1)/n, the bound. The exact KL needs the probabilities and scores, and is smaller.",
    "ties-apart":
      "Outcomes of equal score were taken one after the other, as if the later one were better. They are one level: only then is the best drawn among them by the reference.",
    "reversed-kl": "The KL is the wrong way round: weigh the logarithm with P_n, what best-of-n writes, not with p.",
    "lowest-first":
      "This is the price of the worst of n: F has to count the outcomes that score at most s, not at least.",
    unsorted:
      "The levels were taken in the order in which they stand. F(s) needs them from the lowest score to the highest.",
    "sorted-as-texts":
      "The levels were sorted as texts, 10 before 9: sort() without a comparison does that. Write sort((a, b) => a - b).",
  },
  parts: [
    {
      name: "distinct scores, in any order",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const raw = list(uniform(a, 5, 0.2, 1));
        const p = raw.map((x) => x / raw.reduce((s, y) => s + y));
        // Never in ascending order, nor in descending.
        const order = list(permutation(b, 5));
        const sorted = (sign: number) => order.every((s, i) => i === 0 || sign * (s - order[i - 1]) > 0);
        // From 8 to 12, so that numbers and texts have other orders.
        const asIfTexts = String(order) === "2,3,4,0,1";
        const scores = (sorted(1) || sorted(-1) || asIfTexts ? [3, 1, 0, 4, 2] : order).map((s) => s + 8);
        const n = 4;
        const logs = p.map(Math.log);
        const kept = (list_: readonly number[]) => {
          const byScore = p.map((_, y) => y).sort((x, y) => list_[x] - list_[y]);
          let below = 0;
          const out: number[] = [];
          for (const y of byScore) {
            out[y] = (below + p[y]) ** n - below ** n;
            below += p[y];
          }
          return out;
        };
        const q = kept(scores);
        t.mistakes(
          await given.bestOfNCost([...p], [...scores], n),
          {
            right: bestOfNKL(logs, scores, n),
            bound: bestOfNKLBound(n),
            "reversed-kl": p.reduce((sum, x, y) => sum + x * Math.log(x / q[y]), 0),
            "lowest-first": bestOfNKL(
              logs,
              scores.map((s) => -s),
              n,
            ),
            unsorted: bestOfNKL(
              logs,
              scores.map((_, y) => y),
              n,
            ),
            "sorted-as-texts": bestOfNKL(
              logs,
              scores.map((s) => asTexts([8, 9, 10, 11, 12]).indexOf(s)),
              n,
            ),
          },
          1e-6,
          `best of ${n} of five outcomes with scores [${scores}]`,
        );
      },
    },
    {
      name: "ties are one level",
      points: 1,
      async run(given, t) {
        const x = 0.2 + 0.1 * uniform(t.key, 1)[0];
        const p = [x, 0.3, 0.7 - x];
        const logs = p.map(Math.log);
        t.mistakes(
          await given.bestOfNCost([...p], [1, 2, 1], 3),
          {
            right: bestOfNKL(logs, [1, 2, 1], 3),
            "ties-apart": bestOfNKL(logs, [1, 3, 2], 3),
            bound: bestOfNKLBound(3),
          },
          1e-6,
          "best of 3 with scores [1, 2, 1]",
        );
        t.near(await given.bestOfNCost([0.5, 0.5], [7, 7], 9), 0, 1e-6, "the price where all score the same");
      },
    },
  ],
});

/** Equation (5) for samples that already stand in some order. */
function inThisOrder(samples: readonly number[], n: number): number {
  let weight = n / samples.length;
  let sum = 0;
  for (let i = samples.length; i >= n; i--) {
    sum += weight * samples[i - 1];
    weight *= i > 1 ? (i - n) / (i - 1) : 0;
  }
  return sum;
}

/** The mean of the largest of n draws with replacement. */
function withReplacement(samples: readonly number[], n: number): number {
  const ascending = [...samples].sort((a, b) => a - b);
  const m = samples.length;
  return ascending.reduce((sum, s, i) => sum + s * (((i + 1) / m) ** n - (i / m) ** n), 0);
}

export const bestOfNRewardExercise = exercise({
  id: "10/best-of-n-reward",
  title: "What would best-of-n get?",
  difficulty: 3,
  minutes: 12,
  gives: ["bestOfNReward"],
  watches: {
    "with-replacement":
      "This is the mean of the largest of n draws with replacement. A sample that is drawn twice wastes a draw, so that it is too small on average: take subsets.",
    "largest-of-all": "This is the largest of all samples: the best of m, not the best of n of them.",
    "first-n":
      "This is the largest of the first n samples. It is unbiased, but throws the other samples away: average over all subsets of n.",
    mean: "This is the mean of the samples, which is best of 1.",
    "sorted-as-texts":
      "The samples were sorted as texts, -0.1 before -0.5 and 10 before 9: sort() without a comparison does that. Write sort((a, b) => a - b).",
    unsorted: "The samples were taken in the order in which they stand. Equation (5) wants them in ascending order.",
    overflow:
      "With a thousand samples this is not finite: the binomials overflow. Use the ratio of neighbouring weights.",
  },
  parts: [
    {
      name: "is the mean over all subsets",
      points: 2,
      look: "equation (5)",
      async run(given, t) {
        // The first three hold neither the largest nor only the smallest; as texts, -1 to 12 have another order.
        const samples = list(uniform(t.key, 6, -1, 1));
        samples.splice(1, 1, 9 + samples[1] / 2);
        samples.splice(4, 1, 12);
        t.mistakes(
          await given.bestOfNReward([...samples], 3),
          {
            right: bestOfNEstimate(samples, 3),
            "with-replacement": withReplacement(samples, 3),
            "largest-of-all": 12,
            "first-n": Math.max(...samples.slice(0, 3)),
            mean: mean(samples),
            "sorted-as-texts": inThisOrder(asTexts(samples), 3),
            unsorted: inThisOrder(samples, 3),
          },
          1e-6,
          "best of 3 from six samples",
        );
      },
    },
    {
      name: "is the mean for n = 1 and the largest for n = m, and works for a thousand samples",
      points: 1,
      async run(given, t) {
        const [few, large] = split(t.key);
        const samples = list(uniform(few, 5, -1, 1));
        t.mistakes(
          await given.bestOfNReward([...samples], 1),
          { right: mean(samples), "largest-of-all": Math.max(...samples), "first-n": samples[0] },
          1e-6,
          "best of 1 from five samples",
        );
        t.mistakes(
          await given.bestOfNReward([...samples], 5),
          { right: Math.max(...samples), "with-replacement": withReplacement(samples, 5), mean: mean(samples) },
          1e-6,
          "best of 5 from five samples",
        );
        const many = list(uniform(large, 1200));
        const got = await given.bestOfNReward([...many], 600);
        if (!Number.isFinite(got)) t.mistake("overflow");
        t.near(got, bestOfNEstimate(many, 600), 1e-7, "best of 600 from 1,200 samples");
      },
    },
  ],
});

/** Rewards of two groups of three, neither of which is nearly all alike: rounding would be much of its advantages. */
function drawGroups(key: Key): number[] {
  const draw = (key: Key) => {
    const [a, b] = split(key);
    return [list(uniform(a, 3, 0, 1)), list(uniform(b, 3, 2, 5))];
  };
  return drawUntil(key, draw, (groups) => groups.every((rewards) => standardDeviation(rewards) > 0.05)).flat();
}

export const groupAdvantageExercise = exercise({
  id: "10/group-advantage",
  title: "Group advantages",
  difficulty: 2,
  minutes: 10,
  gives: ["groupAdvantage"],
  watches: {
    population:
      "Divided by the population's deviation, with G. The sample's has G - 1, since the mean was taken from the same rewards.",
    "whole-batch":
      "The mean and the deviation are those of the whole batch. Each group has its own: that is what it is for.",
    "no-deviation": "The rewards were centred, and not divided by the deviation. (That is Dr. GRPO's choice.)",
    "divides-by-zero": "A group of equal rewards gives NaN: 0 / 0. It teaches nothing, so let its advantages be 0.",
    rounding:
      "Rewards [0.1, 0.1, 0.1] got advantages that are not 0: their mean is 0.10000000000000002, so that the deviation is not 0 but 1.7e-17, and noise divided by noise is about 1. Compare the rewards with each other, Math.max(...own) === Math.min(...own), not the deviation with 0.",
    epsilon:
      "A small number was added to the deviation, as training code does. No epsilon is wanted here: it makes the advantages depend on the scale of the rewards (with rewards of the epsilon's own size they shrink), and it is not needed if a group of equal rewards is treated by itself.",
    interleaved: "The groups were taken with a stride. Rows of a group are neighbours: 0 to G - 1, then G to 2G - 1.",
  },
  parts: [
    {
      name: "two groups of three",
      points: 2,
      look: "equation (6)",
      async run(given, t) {
        const rewards = drawGroups(t.key);
        const right = list(groupAdvantages(rewards, { group: 3 }));
        const turned = [0, 2, 4, 1, 3, 5];
        const other = groupAdvantages(
          turned.map((i) => rewards[i]),
          { group: 3 },
        );
        const got = await given.groupAdvantage([...rewards], 3);
        const withEpsilon = (epsilon: number) =>
          right.map((x, i) => {
            const deviation = standardDeviation(rewards.slice(i < 3 ? 0 : 3, i < 3 ? 3 : 6));
            return (x * deviation) / (deviation + epsilon);
          });
        for (const epsilon of [1e-8, 1e-6, 1e-5]) {
          const near = (want: readonly number[]) =>
            Array.isArray(got) && want.every((x, i) => Math.abs(got[i] - x) < 1e-10);
          if (near(withEpsilon(epsilon)) && !near(right)) t.mistake("epsilon");
        }
        t.mistakes(
          got,
          {
            right,
            population: right.map((x) => x * Math.sqrt(3 / 2)),
            epsilon: withEpsilon(1e-4),
            "whole-batch": rewards.map((r) => (r - mean(rewards)) / standardDeviation(rewards)),
            "no-deviation": list(groupAdvantages(rewards, { group: 3, normalise: false })),
            interleaved: rewards.map((_, i) => other[turned.indexOf(i)]),
          },
          1e-6,
          "the advantages of two groups of three",
        );
      },
    },
    {
      name: "a group without a difference is all 0",
      points: 1,
      async run(given, t) {
        const got = await given.groupAdvantage([1, 1, 0, 2], 2);
        if (Array.isArray(got) && got.some(Number.isNaN)) t.mistake("divides-by-zero");
        t.mistakes(
          got,
          { right: [0, 0, -Math.SQRT1_2, Math.SQRT1_2], population: [0, 0, -1, 1], "no-deviation": [0, 0, -1, 1] },
          1e-6,
          "the advantages of rewards [1, 1, 0, 2] in groups of two",
        );
        for (const size of [3, 6, 8]) {
          const tenths = await given.groupAdvantage(Array(size).fill(0.1), size);
          if (Array.isArray(tenths) && tenths.some((x) => Math.abs(x) > 1e-9)) t.mistake("rounding");
          t.near(tenths, Array(size).fill(0), 1e-6, `the advantages of ${size} rewards of 0.1`);
        }
      },
    },
  ],
});

interface LoopChanges {
  penalty?: boolean;
  baseline?: "others" | "none" | "all" | "different";
  normaliser?: "mean" | "sum";
  sign?: 1 | -1;
  /** Draw from the reference at every step. */
  stale?: boolean;
}

/** The learner's loop of exercise 10/group-loop, right or with one of its likely mistakes. */
function groupLoop(
  logRef: readonly number[],
  utility: readonly number[],
  luck: readonly (readonly number[])[],
  beta: number,
  rate: number,
  changes: LoopChanges = {},
): number[] {
  const { penalty = true, baseline = "others", normaliser = "mean", sign = 1, stale = false } = changes;
  const normalised = (z: readonly number[]) => {
    const top = Math.max(...z);
    const log = top + Math.log(z.reduce((sum, x) => sum + Math.exp(x - top), 0));
    return z.map((x) => x - log);
  };
  let logits = [...logRef];
  for (const row of luck) {
    const logProbs = normalised(logits);
    const writer = stale ? logRef : logProbs;
    const replies = row.map((u) => drawByLuck(writer, u));
    const rewards = replies.map((y) => utility[y] - (penalty ? beta * (logProbs[y] - logRef[y]) : 0));
    const G = row.length;
    const sum = rewards.reduce((a, b) => a + b);
    const advantages = rewards.map((r) => {
      if (baseline === "none") return r;
      if (baseline === "all") return r - sum / G;
      if (baseline === "others") return r - (sum - r) / (G - 1);
      const others = rewards.filter((x) => x !== r);
      return r - (others.length === 0 ? 0 : mean(others));
    });
    const next = [...logits];
    const step = (sign * rate) / (normaliser === "mean" ? G : 1);
    replies.forEach((y, i) => {
      next[y] += step * advantages[i];
      for (let k = 0; k < next.length; k++) next[k] -= step * advantages[i] * Math.exp(logProbs[k]);
    });
    logits = next;
  }
  return normalised(logits);
}

/** The first reply whose running sum of probabilities exceeds u. */
function drawByLuck(logProbs: readonly number[], u: number): number {
  let sum = 0;
  for (let y = 0; y < logProbs.length; y++) {
    sum += Math.exp(logProbs[y]);
    if (u < sum) return y;
  }
  return logProbs.length - 1;
}

export const groupLoopExercise = exercise({
  id: "10/group-loop",
  title: "The loop: draw, compare, step",
  difficulty: 4,
  minutes: 20,
  gives: ["trainByGroups"],
  watches: {
    "no-kl":
      "The price of the KL is missing: a reply's reward is utility[y] - beta (ln pi(y) - ln ref(y)), with the policy that wrote it.",
    "no-baseline": "Rewards were used as advantages: subtract the mean of the other replies of the group.",
    "includes-itself": "The baseline includes the reply itself. Leave it out: sum of the others, over G - 1.",
    "equal-rewards":
      "Others were found by comparing rewards, so that a reply drawn twice leaves both out. Leave out one place, not one value.",
    "sum-for-mean": "The step is the sum over the group; the exercise asks for its mean.",
    downhill: "The step goes the other way: it makes good replies less likely.",
    stale: "All replies were drawn from the reference. Each step draws from the policy as it is by then.",
  },
  parts: [
    {
      name: "three replies, five steps: the same numbers",
      points: 2,
      look: "exercise 6",
      async run(given, t) {
        // Draws until each mistake shows: a group may happen to draw one reply only.
        let drawn: ReturnType<typeof drawLoop> | undefined;
        for (const k of split(t.key, 50)) {
          drawn = drawLoop(k);
          if (tellsApart(drawn.answers)) break;
        }
        const { logRef, utility, luck, beta, rate, answers } = drawn as ReturnType<typeof drawLoop>;
        t.mistakes(
          await given.trainByGroups(
            [...logRef],
            [...utility],
            luck.map((row) => [...row]),
            beta,
            rate,
          ),
          answers,
          1e-6,
          `log-probabilities after five steps with groups of four`,
        );
      },
    },
    {
      name: "learns to talk about the whale",
      points: 2,
      async run(given, t) {
        const task = phraseTask({ length: 3 });
        const [logRef, utility] = [list(task.reference[0]), list(task.utility[0])];
        const [beta, rate] = [0.5, 1];
        const luck = split(t.key, 300).map((k) => list(uniform(k, 16)));
        const objective = (logProbs: ArrayLike<number>) =>
          exactExpectation(logProbs, utility) - beta * exactKL(logProbs, logRef);
        const start = objective(logRef);
        const best = objective(exactRegularisedOptimum(logRef, utility, beta).logProbs);
        const got = await given.trainByGroups([...logRef], [...utility], luck, beta, rate);
        if (!(Array.isArray(got) && got.length === logRef.length && got.every(Number.isFinite))) {
          t.fail(`Expected ${logRef.length} finite log-probabilities, one for each reply.`);
        }
        const total = got.reduce((sum: number, l: number) => sum + Math.exp(l), 0);
        t.near(total, 1, 1e-6, "the sum of the probabilities");
        const way = (objective(got) - start) / (best - start);
        const words = `After 300 steps the objective should have gone most of the way from the reference's to the best; it went ${(100 * way).toFixed(0)} %.`;
        if (!(way > 0.6)) t.fail(words);
      },
    },
  ],
});

/** Fresh numbers for the loop, and what each mistake makes of them. */
function drawLoop(key: Key) {
  const [a, b, c, d] = split(key, 4);
  const raw = list(uniform(a, 3, 0.5, 1));
  const sum = raw.reduce((x, y) => x + y);
  const logRef = raw.map((p) => Math.log(p / sum));
  const utility = list(uniform(b, 3, -1, 2));
  const luck = split(c, 5).map((k) => list(uniform(k, 4)));
  const [x, y] = uniform(d, 2);
  const [beta, rate] = [0.3 + 0.5 * x, 0.5 + 0.5 * y];
  const by = (changes: LoopChanges = {}) => groupLoop(logRef, utility, luck, beta, rate, changes);
  const answers = {
    right: by(),
    "no-kl": by({ penalty: false }),
    "no-baseline": by({ baseline: "none" }),
    "includes-itself": by({ baseline: "all" }),
    "equal-rewards": by({ baseline: "different" }),
    "sum-for-mean": by({ normaliser: "sum" }),
    downhill: by({ sign: -1 }),
    stale: by({ stale: true }),
  };
  return { logRef, utility, luck, beta, rate, answers };
}

/** Whether any two answers differ by more than rounding. */
function tellsApart(answers: Readonly<Record<string, readonly number[]>>): boolean {
  const all = Object.values(answers);
  return all.every((one, i) => all.slice(0, i).every((other) => one.some((x, k) => Math.abs(x - other[k]) > 1e-3)));
}

export const findTheBugExercise = exercise({
  id: "10/find-the-bug",
  title: "Find the bug: every word counts the same",
  difficulty: 2,
  minutes: 6,
  gives: ["lossPerToken"],
  watches: {
    "per-reply":
      "This is the mean over replies of each reply's own mean (GRPO's 1/|y|): a word of a long reply counts less. Add up over the whole batch, and divide once.",
    padding: "The padding was counted: divide by the number of words, which is the sum of the mask.",
    "not-masked": "Losses in places without a word were added. Count only where the mask is 1.",
    sum: "This is the sum over all words. Divide by how many there are.",
    "per-batch": "Divided by the number of replies. Then long replies count more; divide by the number of words.",
  },
  parts: [
    {
      name: "is the mean over all words of the batch",
      points: 2,
      look: "the table of aggregations in section 6",
      async run(given, t) {
        const losses = split(t.key, 3).map((k) => list(uniform(k, 6, 0.5, 2)));
        const mask = [2, 6, 3].map((n) => Array.from({ length: 6 }, (_, i) => (i < n ? 1 : 0)));
        const kept = losses.map((row, b) => row.reduce((sum, x, i) => sum + x * mask[b][i], 0));
        const all = kept.reduce((a, b) => a + b);
        t.mistakes(
          await given.lossPerToken(
            losses.map((row) => [...row]),
            mask.map((row) => [...row]),
          ),
          {
            right: all / 11,
            "per-reply": mean([kept[0] / 2, kept[1] / 6, kept[2] / 3]),
            padding: all / 18,
            "not-masked": losses.flat().reduce((a, b) => a + b) / 11,
            sum: all,
            "per-batch": all / 3,
          },
          1e-9,
          "the loss of three replies of 2, 6 and 3 words",
        );
      },
    },
  ],
});
