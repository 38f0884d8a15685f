import { exactKL, exactRegularisedOptimum, sigmoid } from "rlhf-lab/numerics";
import { betaForKl } from "rlhf-lab/policy";
import { bradleyTerry } from "rlhf-lab/preferences";
import { foldIn, type Key, randint, shuffle, split, uniform } from "rlhf-lab/random";
import { klShapedRewards } from "rlhf-lab/rewards";
import { exercise } from "../../src/grade/exercise.js";
import { isNear } from "../../src/grade/near.js";
import type { Tools } from "../../src/grade/tools.js";

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const meanOf = (values: readonly number[]) => sumOf(values) / values.length;
const drawn = (key: Key, n: number, low: number, high: number) => Array.from(uniform(key, n, low, high));

/** The way in which the same mistake came out, of several: the value to give to t.mistakes. */
function anyOf<T>(got: unknown, ...values: T[]): T {
  return values.find((value) => isNear(got, value, 1e-9)) ?? values[0];
}

export const completionLossExercise = exercise({
  id: "05/completion-loss",
  title: "Learn the continuation, not the prompt",
  difficulty: 2,
  minutes: 8,
  gives: ["completionLoss"],
  watches: {
    "starts-late":
      "The first token of the continuation is missing. What the model says at position t is about token t + 1, so that token is judged at the last position of the prompt, promptTokens - 1.",
    "starts-early":
      "The last token of the prompt is counted as well. logProbs[promptTokens - 2] is still about the prompt; the first entry about the continuation is number promptTokens - 1.",
    "includes-prompt":
      "The prompt is learned along with the continuation. It was given, and the model will never have to write it: leave its tokens out.",
    "sum-for-mean":
      "This is the sum over the continuation. Then long continuations count more than short ones, and the numbers of two data sets cannot be compared: divide by the number of tokens that count.",
    "divides-by-all":
      "The sum is right, and divided by too much: by the length of the whole row. Then a long prompt makes the loss small. Divide by the tokens of the continuation only.",
    sign: "This is the mean log-probability, at most 0. A loss is to become small, so it is minus that.",
  },
  parts: [
    {
      name: "is the mean over the continuation",
      points: 2,
      look: "equation (1), and the table under it",
      async run(given, t) {
        const [sizes, a, b] = split(t.key, 3);
        const [prompt, tokens] = [4 + randint(sizes, 2, 0, 3)[0], 5 + randint(sizes, 2, 0, 3)[1]];
        // Prompt tokens surprise far more: nobody has to guess them.
        const completion = drawn(b, tokens, -3, -0.3);
        const row = [...drawn(a, prompt - 1, -8, -5), ...completion];
        const got = await given.completionLoss([...row], prompt);
        const [late, early] = [row.slice(prompt), row.slice(prompt - 2)];
        t.mistakes(
          got,
          {
            right: -meanOf(completion),
            "starts-late": anyOf(got, -meanOf(late), -sumOf(late) / tokens),
            "starts-early": anyOf(got, -meanOf(early), -sumOf(early) / tokens),
            "includes-prompt": -meanOf(row),
            "sum-for-mean": -sumOf(completion),
            "divides-by-all": anyOf(got, -sumOf(completion) / row.length, -sumOf(completion) / (row.length + 1)),
            sign: meanOf(completion),
          },
          1e-6,
          `the loss of a row with ${prompt} tokens of prompt and ${tokens} of continuation`,
        );
      },
    },
    {
      name: "is right for a continuation of one token, and for a prompt of one",
      points: 1,
      async run(given, t) {
        const [a, b] = split(t.key);
        const row = [...drawn(a, 3, -8, -5), ...drawn(b, 1, -3, -0.3)];
        const got = await given.completionLoss([...row], 4);
        if (Number.isNaN(got)) t.mistake("starts-late");
        t.mistakes(
          got,
          {
            right: -row[3],
            "starts-early": anyOf(got, -meanOf(row.slice(2)), -sumOf(row.slice(2))),
            "includes-prompt": -meanOf(row),
            "divides-by-all": anyOf(got, -row[3] / 4, -row[3] / 5),
            sign: row[3],
          },
          1e-6,
          "the loss of a row with 4 tokens of prompt and 1 of continuation",
        );
        t.near(
          await given.completionLoss([...row], 1),
          -meanOf(row),
          1e-6,
          "the loss of a row with 1 token of prompt and 4 of continuation",
        );
      },
    },
  ],
});

export const labelerExercise = exercise({
  id: "05/labeler",
  title: "A labeler",
  difficulty: 2,
  minutes: 10,
  gives: ["firstProbability", "labelPair"],
  watches: {
    "temperature-multiplies":
      "The difference was multiplied by the temperature. A high temperature makes answers more alike to coin tosses: divide by it.",
    "lapse-lost":
      "The lapses are missing: this is equation (2) with lapse = 0. In a share of the cases nobody looks at the continuations at all.",
    "lapse-never-first":
      "Whoever does not look never says first here. They toss a coin, so half of the lapses come back: lapse / 2.",
    "lapse-always-first":
      "Whoever does not look always says first here. They toss a coin, so only half of the lapses say first: lapse / 2.",
    "hard-choice":
      "The probability is that of somebody who never errs. Close utilities are confused, which is what the sigmoid is for.",
    "always-better":
      "The better one wins every time, whatever the luck. An answer is a draw: 1 if luck is below the probability of first, also when first is the worse one.",
    "luck-reversed":
      "The draw is the wrong way round: luck is below p with probability p, so below p the answer is 1, the first.",
    "own-luck":
      "Asked twice with the same luck, this answers differently. All luck comes in as `luck`: no Math.random, or no answer can be had again.",
    "or-equal":
      "At luck = 0.5 and a probability of exactly 0.5 this answers 1. The first is preferred if luck is *below* the probability: of the numbers in [0, 1) those below p are a share of p, and luck = 0 must not prefer what has probability 0.",
    sign: "This is the probability of the second one: the difference is uFirst - uSecond.",
    overflow:
      "For utilities around 1000 this is not a number. exp(1000) is Infinity, and Infinity / Infinity is NaN: subtract first, and use 1 / (1 + exp(-z)).",
  },
  parts: [
    {
      name: "prefers the first with the probability of equation (2)",
      points: 2,
      look: "equation (2)",
      async run(given, t) {
        const [a, b, c, d, e] = split(t.key, 5);
        const second = uniform(a, 1, -1, 1)[0];
        const difference = shuffle(b, [-1, 1])[0] * uniform(c, 1, 0.5, 2)[0];
        const temperature = uniform(d, 1, 1.5, 2.5)[0];
        const lapse = uniform(e, 1, 0.1, 0.4)[0];
        const looks = sigmoid(difference / temperature);
        const first = (p: number) => lapse / 2 + (1 - lapse) * p;
        const better = difference > 0 ? 1 : 0;
        const got = await given.firstProbability(second + difference, second, { temperature, lapse });
        t.mistakes(
          got,
          {
            right: first(looks),
            "temperature-multiplies": first(sigmoid(difference * temperature)),
            "lapse-lost": looks,
            "lapse-never-first": (1 - lapse) * looks,
            "lapse-always-first": lapse + (1 - lapse) * looks,
            "hard-choice": anyOf(got, better, first(better)),
            sign: first(1 - looks),
          },
          1e-6,
          `P(first) for utilities ${(second + difference).toFixed(2)} and ${second.toFixed(2)}, temperature ${temperature.toFixed(2)}, lapse ${lapse.toFixed(2)}`,
        );
      },
    },
    {
      name: "answers by luck",
      points: 1,
      look: "the sentence under equation (2)",
      async run(given, t) {
        const noise = { temperature: 1.5, lapse: 0.1 };
        // The first is better, better, worse, worse; luck is below P(first), above, below, above.
        const differences = drawn(t.key, 4, 0.5, 2).map((d, k) => (k < 2 ? d : -d));
        const below = [true, false, true, false];
        const answers: unknown[] = [];
        for (const [k, difference] of differences.entries()) {
          const p = bradleyTerry.probability(difference, noise);
          const luck = below[k] ? 0.7 * p : p + 0.3 * (1 - p);
          const asked: unknown[] = [];
          for (let again = 0; again < 16; again++) asked.push(await given.labelPair(difference, 0, noise, luck));
          if (new Set(asked).size > 1) t.mistake("own-luck");
          answers.push(asked[0]);
        }
        t.mistakes(
          answers,
          { right: [1, 0, 1, 0], "luck-reversed": [0, 1, 0, 1], "always-better": [1, 1, 0, 0] },
          0,
          "the answers where luck is below P(first), above, below, above",
        );
        // Both are exactly one half, in any way of computing it.
        t.mistakes(
          await given.labelPair(1, 1, { temperature: 1, lapse: 0.5 }, 0.5),
          { right: 0, "or-equal": 1 },
          0,
          "the answer where luck is exactly P(first)",
        );
      },
    },
    {
      name: "survives utilities of a thousand",
      points: 1,
      async run(given, t) {
        const noise = { temperature: 0.5, lapse: 0.1 };
        const small = uniform(t.key, 1, -1, 1)[0];
        for (const [first, second] of [
          [1000 + small, 1000],
          [1000, -1000],
          [-1000, 1000],
        ]) {
          const got = await given.firstProbability(first, second, noise);
          if (Number.isNaN(got)) t.mistake("overflow");
          t.near(
            got,
            bradleyTerry.probability(first - second, noise),
            1e-6,
            `P(first) for utilities ${first.toFixed(2)} and ${second}, temperature 0.5, lapse 0.1`,
          );
        }
      },
    },
  ],
});

export const ceilingExercise = exercise({
  id: "05/ceiling",
  title: "The accuracy that nobody can exceed",
  difficulty: 2,
  minutes: 8,
  gives: ["accuracyCeiling"],
  watches: {
    "mean-of-p":
      "This is how often the first one is preferred. Where the second is better one guesses the second, and is right with probability 1 - p: the larger of the two.",
    "drops-ties":
      "Ties were left out. They are asked about like all others, and nobody knows more about the answer than about a coin: each adds 1/2.",
    "better-as-one":
      "Every comparison with a better side counts as 1, as if the labelers always found it. Who is better is known; what the labeler answered is not: max(p, 1 - p).",
    "noise-lost":
      "These are the probabilities of labelers without this noise: pass `noise` on, temperature and lapse both.",
    agreement:
      "This is how often two labelers agree, p p + (1 - p)(1 - p). One labeler guesses badly for the other: somebody who knows p always says the likelier answer, and is right more often.",
  },
  parts: [
    {
      name: "is the mean of the likelier answer's probability",
      points: 2,
      look: "equation (3)",
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const sizes = drawn(a, 6, 0.3, 3).map((size, k) => (k < 3 ? size : -size));
        const differences = shuffle(b, [...sizes, 0, 0]);
        const noise = { temperature: uniform(c, 1, 1.5, 2.5)[0], lapse: uniform(d, 1, 0.05, 0.3)[0] };
        const over = (list: readonly number[], of: (p: number) => number) =>
          meanOf(list.map((difference) => of(bradleyTerry.probability(difference, noise))));
        const likelier = (p: number) => Math.max(p, 1 - p);
        const tiesAs = (value: number) => meanOf(differences.map((difference) => (difference === 0 ? value : 1)));
        const got = await given.accuracyCeiling([...differences], { ...noise });
        const without = (some: object) =>
          meanOf(differences.map((difference) => likelier(bradleyTerry.probability(difference, some))));
        t.mistakes(
          got,
          {
            right: over(differences, likelier),
            "mean-of-p": over(differences, (p) => p),
            "drops-ties": anyOf(
              got,
              over(sizes, likelier),
              (over(sizes, likelier) * sizes.length) / differences.length,
            ),
            "better-as-one": anyOf(got, tiesAs(0.5), tiesAs(1), tiesAs(0)),
            "noise-lost": anyOf(
              got,
              without({}),
              without({ temperature: noise.temperature }),
              without({ lapse: noise.lapse }),
            ),
            agreement: over(differences, (p) => p * p + (1 - p) * (1 - p)),
          },
          1e-6,
          "the ceiling of eight comparisons, two of them ties",
        );
      },
    },
    {
      name: "is 1/2 where everything is a tie",
      points: 1,
      async run(given, t) {
        const noise = { temperature: 1, lapse: 0.1 };
        const got = await given.accuracyCeiling([0, 0, 0], noise);
        if (Number.isNaN(got)) t.mistake("drops-ties");
        t.mistakes(got, { right: 0.5, "drops-ties": 0, "better-as-one": 1 }, 1e-6, "the ceiling of three ties");
        const difference = uniform(t.key, 1, 0.5, 2)[0];
        const p = bradleyTerry.probability(difference, noise);
        t.mistakes(
          await given.accuracyCeiling([-difference], noise),
          { right: p, "mean-of-p": 1 - p, "better-as-one": 1, agreement: p * p + (1 - p) * (1 - p) },
          1e-6,
          "the ceiling of one comparison whose second side is better",
        );
      },
    },
  ],
});

export const sequenceLogProbExercise = exercise({
  id: "05/sequence-log-prob",
  title: "How likely is a whole continuation?",
  difficulty: 1,
  minutes: 5,
  gives: ["sequenceLogProb"],
  watches: {
    "mean-for-sum":
      "This is the mean per token. The probability of the whole is the product of the tokens' probabilities, so its log is their sum: a long continuation is less likely than its beginning.",
    underflow:
      "For 400 tokens this is -Infinity: their probabilities were multiplied, and the product is smaller than the smallest number. Add the logarithms; never leave them.",
    "ignores-mask":
      "The whole row was added up. Tokens of the prompt and padding have mask 0, and do not belong to the continuation.",
    "zero-times-infinity":
      "An entry that does not count is -Infinity, and 0 times -Infinity is NaN. Leave entries of mask 0 out instead of multiplying by the mask.",
    "impossible-left-out":
      "A token of the continuation itself (mask 1) has log-probability -Infinity: the policy cannot write it, so the whole continuation has probability 0 and log-probability -Infinity. Go by the mask, not by what stands there.",
  },
  parts: [
    {
      name: "is the sum over the continuation",
      points: 1,
      look: "equation (4)",
      async run(given, t) {
        const own = drawn(t.key, 5, -3, -0.3);
        // Prompt, continuation, padding.
        const row = [-6.5, -5.25, ...own, -4, -4];
        const mask = [0, 0, 1, 1, 1, 1, 1, 0, 0];
        const got = await given.sequenceLogProb([...row], mask);
        t.mistakes(
          got,
          {
            right: sumOf(own),
            "mean-for-sum": anyOf(got, meanOf(own), sumOf(own) / row.length),
            "ignores-mask": anyOf(got, sumOf(row), meanOf(row)),
          },
          1e-9,
          "2 tokens of prompt, 5 of continuation, 2 of padding",
        );
      },
    },
    {
      name: "survives 400 tokens",
      points: 1,
      async run(given, t) {
        const row = drawn(t.key, 400, -8, -2);
        const got = await given.sequenceLogProb(
          [...row],
          row.map(() => 1),
        );
        if (got === Number.NEGATIVE_INFINITY) t.mistake("underflow");
        t.mistakes(got, { right: sumOf(row), "mean-for-sum": meanOf(row) }, 1e-9, "a continuation of 400 tokens");
      },
    },
    {
      name: "does not read what the mask leaves out",
      points: 1,
      async run(given, t) {
        const own = drawn(t.key, 3, -3, -0.3);
        const nothing = Number.NEGATIVE_INFINITY;
        const got = await given.sequenceLogProb([nothing, ...own, nothing], [0, 1, 1, 1, 0]);
        if (Number.isNaN(got)) t.mistake("zero-times-infinity");
        t.mistakes(
          got,
          { right: sumOf(own), "mean-for-sum": meanOf(own), "ignores-mask": nothing },
          1e-9,
          "3 tokens of continuation between entries of mask 0 that are -Infinity",
        );
      },
    },
    {
      name: "knows an impossible continuation",
      points: 1,
      look: "the mask, and what log 0 is",
      async run(given, t) {
        const own = drawn(t.key, 3, -3, -0.3);
        const nothing = Number.NEGATIVE_INFINITY;
        t.mistakes(
          await given.sequenceLogProb([-5, own[0], nothing, own[1], own[2]], [0, 1, 1, 1, 1]),
          { right: nothing, "impossible-left-out": sumOf(own) },
          1e-9,
          "a continuation with a token that the policy cannot write",
        );
      },
    },
  ],
});

export const klShapedExercise = exercise({
  id: "05/kl-shaped",
  title: "A reward for each token",
  difficulty: 2,
  minutes: 10,
  gives: ["tokenRewards"],
  watches: {
    sign: "The sign of the KL is turned round: this pays the policy for leaving the reference. What the writer likes more than the reference does has a price, -beta (logpOld - logpRef).",
    "wrong-pair":
      "This is the distance between the policy in training and the one that wrote. It limits one step, and with each new batch it starts again from 0, so nothing ever pulls back to the reference: logpOld with logpRef.",
    "not-the-writer":
      "The policy in training was compared with the reference. It has moved on since these tokens were written, so averaged over them this is no KL of anything. Who wrote the tokens pays for them: logpOld with logpRef.",
    "every-token":
      "The reward was given to every token. It is for the whole continuation, and comes once: otherwise long continuations earn it more often.",
    "first-token":
      "The reward came at the first token. It is known when the continuation is finished: it belongs to the last one.",
    absolute:
      "The absolute difference was taken. Single tokens may have a negative share in the KL; without those the sum is no KL any more, not even on average.",
    squared:
      "The difference was squared (k2, lesson 08). That estimates the KL as well, with a bias and another gradient; equation (5) has the plain difference, whose sum over the tokens is exact on average.",
    "forgets-beta": "The KL has no price here: multiply the difference by beta.",
    "all-at-the-end":
      "The whole KL was charged to the last token. The sum is right, and the tokens are not: each pays its own share, when it is written.",
  },
  parts: [
    {
      name: "follows the formula, token by token",
      points: 2,
      look: "equation (5)",
      async run(given, t) {
        const [a, b, c, d, e] = split(t.key, 5);
        const logpRef = drawn(a, 5, -4, -2);
        // Of both signs, whatever the luck, or |difference| might be right.
        const moves = shuffle(b, [-1, -1, 1, 1, 1]).map((way, i) => way * uniform(foldIn(c, i), 1, 0.2, 1)[0]);
        const logpOld = logpRef.map((logp, i) => logp + moves[i]);
        const logpNew = logpRef.map((logp, i) => logp + moves[i] * uniform(foldIn(d, i), 1, 1.2, 1.7)[0]);
        const [reward, beta] = [2 + uniform(e, 2)[0], 0.1 + 0.4 * uniform(e, 2)[1]];
        const shaped = (price: (t: number) => number, pays: (t: number) => number = (t) => (t === 4 ? reward : 0)) =>
          moves.map((_, t) => pays(t) - price(t));
        const share = (t: number) => beta * moves[t];
        const got = await given.tokenRewards(
          { logpNew: [...logpNew], logpOld: [...logpOld], logpRef: [...logpRef] },
          reward,
          beta,
        );
        t.mistakes(
          got,
          {
            right: Array.from(klShapedRewards(logpOld, logpRef, reward, { beta })),
            sign: shaped((t) => -share(t)),
            "wrong-pair": anyOf(
              got,
              shaped((t) => beta * (logpNew[t] - logpOld[t])),
              shaped((t) => beta * (logpOld[t] - logpNew[t])),
            ),
            "not-the-writer": shaped((t) => beta * (logpNew[t] - logpRef[t])),
            "every-token": shaped(share, () => reward),
            "first-token": shaped(share, (t) => (t === 0 ? reward : 0)),
            absolute: shaped((t) => Math.abs(share(t))),
            squared: anyOf(
              got,
              shaped((t) => (beta * moves[t] ** 2) / 2),
              shaped((t) => beta * moves[t] ** 2),
            ),
            "forgets-beta": shaped((t) => moves[t]),
            "all-at-the-end": shaped((t) => (t === 4 ? beta * sumOf(moves) : 0)),
          },
          1e-9,
          `the rewards of five tokens, beta ${beta.toFixed(2)}, reward ${reward.toFixed(2)}`,
        );
      },
    },
    {
      name: "is the reward alone at beta = 0, and right for a single token",
      points: 1,
      async run(given, t) {
        const [a, b, c, d] = split(t.key, 4);
        const reward = uniform(a, 1, 1, 3)[0];
        const logp = { logpNew: drawn(b, 3, -3, -2), logpOld: drawn(c, 3, -2, -1), logpRef: drawn(d, 3, -5, -4) };
        const free = await given.tokenRewards(logp, reward, 0);
        t.mistakes(
          free,
          {
            right: [0, 0, reward],
            "every-token": [reward, reward, reward],
            "first-token": [reward, 0, 0],
            "forgets-beta": logp.logpOld.map((own, t) => logp.logpRef[t] - own + (t === 2 ? reward : 0)),
          },
          1e-12,
          "the rewards of three tokens at beta = 0",
        );
        const one = { logpNew: [-1.25], logpOld: [-1], logpRef: [-3] };
        const got = await given.tokenRewards(one, reward, 0.5);
        t.mistakes(
          got,
          {
            right: [reward - 1],
            sign: [reward + 1],
            "wrong-pair": anyOf(got, [reward - 0.125], [reward + 0.125]),
            "not-the-writer": [reward - 0.875],
            "forgets-beta": [reward - 2],
          },
          1e-9,
          "the reward of a single token, beta 0.5",
        );
      },
    },
  ],
});

/** Groups of a reward and a true mood for each of several continuations of a prompt. */
function drawGroups(key: Key): { rewards: number[][]; moods: number[][] } {
  const [a, b, c] = split(key, 3);
  // Moods of four continuations, with a tie; rewards that get most pairs right, and one pair wrong.
  const moods = Array.from({ length: 5 }, (_, g) => shuffle(foldIn(a, g), [0, 1, 3, 3]));
  const rewards = moods.map((own, g) => {
    const noise = drawn(foldIn(b, g), 4, -0.8, 0.8);
    const gauge = 40 * uniform(foldIn(c, g), 1, -1, 1)[0];
    return own.map((mood, i) => gauge + mood + noise[i]);
  });
  // However the luck was, in one prompt the worst is preferred to all others, in the others the
  // order is right or nearly so.
  rewards[0][moods[0].indexOf(0)] += 9;
  return { rewards, moods };
}

/**
 * Share of pairs in which the reward goes with the mood: of the pairs that `within` leaves, a tie of moods counted as
 * `tie` (undefined: left out).
 */
function rankedShare(
  { rewards, moods }: ReturnType<typeof drawGroups>,
  { across = false, tie = undefined as number | undefined },
) {
  const groups = across ? [[rewards.flat(), moods.flat()]] : rewards.map((own, g) => [own, moods[g]]);
  const points = groups.flatMap(([own, truth]) =>
    own.flatMap((r, i) =>
      own.slice(i + 1).flatMap((other, k) => {
        const difference = truth[i] - truth[i + 1 + k];
        if (difference === 0) return tie === undefined ? [] : [tie];
        return [r > other === difference > 0 ? 1 : 0];
      }),
    ),
  );
  return meanOf(points);
}

export const findTheBugExercise = exercise({
  id: "05/find-the-bug",
  title: "Find the bug: how well does it rank?",
  difficulty: 2,
  minutes: 7,
  gives: ["rankedRightly"],
  watches: {
    "across-prompts":
      "Continuations of different prompts are compared. Nobody was ever asked such a question, and a constant added to the rewards of one prompt changes no answer, but it changes this number: pair within a prompt only.",
    "counts-ties":
      "Pairs with equal moods were counted. They have no right order: leave them out, above and below the line of the fraction.",
    "mean-of-means":
      "This is the mean of the prompts' shares. A prompt with few decided pairs then counts as much as one with many: count the pairs of all prompts, and divide once.",
  },
  parts: [
    {
      name: "is the share of decided pairs within a prompt",
      points: 2,
      look: "what comparisons leave open (lesson 01, the gauge)",
      async run(given, t) {
        const drawnGroups = drawGroups(t.key);
        // The first two prompts have fewer continuations, or a mean over prompts could be a mean over pairs.
        const places = drawnGroups.moods.map((own, g) =>
          g === 0
            ? [own.indexOf(0), own.indexOf(3)]
            : g === 1
              ? [0, 1, 3].map((mood) => own.indexOf(mood))
              : [0, 1, 2, 3],
        );
        const cut = (lists: number[][]) => lists.map((own, g) => places[g].map((i) => own[i]));
        const groups = { rewards: cut(drawnGroups.rewards), moods: cut(drawnGroups.moods) };
        const each = groups.moods.map((_, g) =>
          rankedShare({ rewards: [groups.rewards[g]], moods: [groups.moods[g]] }, {}),
        );
        const got = await given.rankedRightly(
          groups.rewards.map((own) => [...own]),
          groups.moods.map((own) => [...own]),
        );
        t.mistakes(
          got,
          {
            right: rankedShare(groups, {}),
            "across-prompts": anyOf(
              got,
              rankedShare(groups, { across: true }),
              rankedShare(groups, { across: true, tie: 0 }),
            ),
            "counts-ties": anyOf(
              got,
              rankedShare(groups, { tie: 0 }),
              rankedShare(groups, { tie: 0.5 }),
              rankedShare(groups, { tie: 1 }),
            ),
            "mean-of-means": meanOf(each),
          },
          1e-9,
          "the share of rightly ranked pairs, five prompts",
        );
      },
    },
    {
      name: "does not change with the gauge of a prompt",
      points: 1,
      async run(given, t) {
        const [draw, move] = split(t.key);
        const { rewards, moods } = drawGroups(draw);
        const shifts = drawn(move, rewards.length, -100, 100);
        const moved = rewards.map((own, g) => own.map((reward) => reward + shifts[g]));
        t.mistakes(
          await given.rankedRightly(moved, moods),
          {
            right: rankedShare({ rewards, moods }, {}),
            "across-prompts": rankedShare({ rewards: moved, moods }, { across: true }),
            "counts-ties": rankedShare({ rewards, moods }, { tie: 0 }),
          },
          1e-9,
          "the share after a constant was added to all rewards of each prompt",
        );
      },
    },
  ],
});

/** A policy over a few replies, its reference, their rewards. */
function drawBandit(key: Key) {
  const [a, b, c] = split(key, 3);
  const weights = drawn(a, 5, 0.5, 1.5);
  return {
    logits: drawn(b, 5, -0.5, 0.5),
    logRef: weights.map((weight) => Math.log(weight / sumOf(weights))),
    rewards: shuffle(c, [0, 0.7, 1.5, 2.2, 3]),
  };
}

/** logits + rate * gradient, with the mistakes that one can make on the way. */
function ascended(
  { logits, logRef, rewards }: ReturnType<typeof drawBandit>,
  { beta, rate }: { beta: number; rate: number },
  paid: (reward: number, logRatio: number) => number = (reward, logRatio) => reward - beta * logRatio,
  credit: (p: number, pay: number, average: number) => number = (p, pay, average) => p * (pay - average),
) {
  const logZ = Math.log(sumOf(logits.map(Math.exp)));
  const logp = logits.map((logit) => logit - logZ);
  const pays = rewards.map((reward, y) => paid(reward, logp[y] - logRef[y]));
  const average = sumOf(pays.map((pay, y) => Math.exp(logp[y]) * pay));
  return logits.map((logit, y) => logit + rate * credit(Math.exp(logp[y]), pays[y], average));
}

export const ascentStepExercise = exercise({
  id: "05/ascent-step",
  title: "One step of the last stage",
  difficulty: 3,
  minutes: 12,
  gives: ["ascentStep"],
  watches: {
    descends: "This goes down: the objective is to become large, so the gradient is added.",
    "no-average":
      "The average pay is missing. Raising one logit lowers all other probabilities: what counts is how much better a reply pays than the average, f(y) - mean f.",
    "no-probability":
      "The factor pi(y) is missing. A logit changes its own probability in proportion to it: pi(y) (f(y) - mean f).",
    "forgets-the-reference":
      "Only the reward pays here. Each reply also pays beta (log pi(y) - log ref(y)): without it the policy ends in the best reply alone.",
    "pays-for-staying":
      "The KL has the wrong sign: this pays the policy for leaving the reference. f(y) = reward - beta (log pi - log ref).",
    "takes-logits-for-logs":
      "The logits were taken for log-probabilities. They are so only up to a constant: subtract the log of the sum of their exponentials.",
    "forgets-the-rate": "The step has the length of the gradient: multiply it by the rate.",
  },
  parts: [
    {
      name: "follows the gradient of the objective",
      points: 2,
      look: "equation (7)",
      async run(given, t) {
        const bandit = drawBandit(t.key);
        const sizes = {
          beta: 0.5 + uniform(foldIn(t.key, 1), 1)[0],
          rate: 0.3 + 0.4 * uniform(foldIn(t.key, 2), 1)[0],
        };
        const { logits, logRef, rewards } = bandit;
        const { beta, rate } = sizes;
        const got = await given.ascentStep([...logits], [...logRef], [...rewards], beta, rate);
        const right = ascended(bandit, sizes);
        const unscaled = ascended(bandit, { beta, rate: 1 });
        const p = ascended(
          bandit,
          { beta: 0, rate: 1 },
          () => 1,
          (own) => own,
        ).map((x, y) => x - logits[y]);
        const raw = rewards.map((reward, y) => reward - beta * (logits[y] - logRef[y]));
        const rawMean = sumOf(raw.map((pay, y) => p[y] * pay));
        t.mistakes(
          got,
          {
            right,
            descends: ascended(bandit, { beta, rate: -rate }),
            "no-average": ascended(bandit, sizes, undefined, (own, pay) => own * pay),
            "no-probability": ascended(bandit, sizes, undefined, (_, pay, average) => pay - average),
            "forgets-the-reference": ascended(bandit, sizes, (reward) => reward),
            "pays-for-staying": ascended(bandit, sizes, (reward, ratio) => reward + beta * ratio),
            "takes-logits-for-logs": anyOf(
              got,
              logits.map(
                (logit, y) =>
                  logit + rate * Math.exp(logit) * (raw[y] - sumOf(raw.map((pay, k) => Math.exp(logits[k]) * pay))),
              ),
              logits.map((logit, y) => logit + rate * p[y] * raw[y]),
              logits.map((logit, y) => logit + rate * Math.exp(logit) * (raw[y] - rawMean)),
            ),
            "forgets-the-rate": unscaled,
          },
          1e-6,
          `the logits of five replies after a step, beta ${beta.toFixed(2)}, rate ${rate.toFixed(2)}`,
        );
      },
    },
    {
      name: "learns: 600 steps lead to the tilted optimum",
      points: 1,
      look: "equation (6)",
      async run(given, t) {
        const { logRef, rewards } = drawBandit(t.key);
        const beta = 1;
        let logits: number[] = [...logRef];
        for (let step = 0; step < 600; step++) {
          const next = await given.ascentStep([...logits], [...logRef], [...rewards], beta, 1);
          if (!Array.isArray(next) || next.length !== logits.length || next.some((logit) => !Number.isFinite(logit))) {
            t.fail(`Step ${step + 1}: expected five numbers, got ${JSON.stringify(next)}.`);
          }
          logits = next;
        }
        const best = exactRegularisedOptimum(logRef, rewards, beta).logProbs;
        const logZ = Math.log(sumOf(logits.map(Math.exp)));
        t.near(
          logits.map((logit) => Math.exp(logit - logZ)),
          Array.from(best, Math.exp),
          1e-3,
          "the probabilities after 600 steps from the reference, beta = 1",
        );
      },
    },
  ],
});

/** What the bisection of exercise 6 is about. */
interface Budget {
  ref: number[];
  rewards: number[];
  target: number;
}

const range = 15;

/** The beta, between the ends that the lesson names, at which something that falls with beta is `target`. */
function whereFalling(f: (beta: number) => number, target: number): number {
  let [low, high] = [-range, range];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (f(Math.exp(middle)) > target) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

const logsOf = (ref: readonly number[]) => ref.map((p) => Math.log(p));
const optimum = ({ ref, rewards }: Budget, beta: number) =>
  exactRegularisedOptimum(logsOf(ref), rewards, beta).logProbs;
const klAt = (budget: Budget, beta: number) => exactKL(optimum(budget, beta), logsOf(budget.ref));

/** The betas that named mistakes lead to. */
function mistakenBetas(budget: Budget) {
  const { ref, rewards, target } = budget;
  const weighted = (beta: number, weight: (y: number) => number) =>
    sumOf(rewards.map((reward, y) => weight(y) * (reward / beta)));
  return {
    multiplies: [1 / betaForKl(logsOf(ref), rewards, target)],
    "kl-reversed": [whereFalling((beta) => exactKL(logsOf(ref), optimum(budget, beta)), target)],
    "forgets-normaliser": [
      // Never divided by Z, or only the log of Z left out.
      whereFalling((beta) => weighted(beta, (y) => ref[y] * Math.exp(rewards[y] / beta)), target),
      whereFalling((beta) => {
        const logProbs = optimum(budget, beta);
        return weighted(beta, (y) => Math.exp(logProbs[y]));
      }, target),
    ],
  };
}

/**
 * Five outcomes whose mistaken betas can be told from the right one, which is above 1, where a
 * bisection of log beta begins.
 */
function drawBudget(key: Key): Budget {
  for (let again = 0; ; again++) {
    const [a, b, c, d] = split(foldIn(key, again), 4);
    const weights = drawn(a, 5, 0.5, 1.5);
    const ref = weights.map((weight) => weight / sumOf(weights));
    const more = uniform(c, 5, 0, 1.2);
    const rewards = shuffle(b, [1.5, 3.6, 5.7, 7.8, 9.9]).map((reward, y) => reward + more[y]);
    const best = ref[rewards.indexOf(Math.max(...rewards))];
    const budget = { ref, rewards, target: -Math.log(best) * uniform(d, 1, 0.2, 0.6)[0] };
    const right = betaForKl(logsOf(ref), rewards, budget.target);
    const others = Object.values(mistakenBetas(budget)).flat();
    const apart = others.every((beta) => Math.abs(Math.log(beta / right)) > 0.02);
    if (again > 1000 || (apart && right > 1.5 && right < 10)) return budget;
  }
}

type BetaMistake =
  | "multiplies"
  | "kl-reversed"
  | "forgets-normaliser"
  | "bisects-the-wrong-way"
  | "stops-early"
  | "overflow";

/** Judges a beta by the KL that it reaches. `far` is what an answer at one end of the search means. */
function judgeBeta(
  got: unknown,
  budget: Budget,
  t: Tools<BetaMistake>,
  far: (logRatio: number) => void,
  what: string,
): void {
  const { ref, rewards, target } = budget;
  const right = betaForKl(logsOf(ref), rewards, target);
  if (typeof got !== "number" || Number.isNaN(got) || got < 0) {
    if (Number.isNaN(got)) far(Number.NaN);
    t.near(got, right, 1e-6, `the beta for ${what}`);
    return;
  }
  const logRatio = Math.log(got / right);
  const reached = Math.abs(logRatio) < 3 ? klAt(budget, got) : Number.NaN;
  if (Math.abs(reached / target - 1) <= 1e-6) return;
  for (const [name, betas] of Object.entries(mistakenBetas(budget))) {
    if (betas.some((beta) => Math.abs(Math.log(got / beta)) < 1e-4)) t.mistake(name as BetaMistake);
  }
  if (Number.isNaN(reached)) far(logRatio);
  if (Math.abs(reached / target - 1) < 0.25) t.mistake("stops-early");
  const kl = Number.isNaN(reached) ? "far from it" : reached.toPrecision(6);
  t.fail(
    `The beta for ${what}: expected ${right.toPrecision(6)}, where the KL is ${target.toPrecision(6)} nats; got ${Number(got.toPrecision(6))}, where it is ${kl}.`,
  );
}

export const betaForKlExercise = exercise({
  id: "05/beta-for-kl",
  title: "Which beta for a budget of nats?",
  difficulty: 3,
  minutes: 15,
  gives: ["findBeta"],
  watches: {
    multiplies:
      "The reward was multiplied by beta. Beta is a price: the higher it is, the less the reward moves the policy, so the exponent is r / beta.",
    "kl-reversed":
      "This beta makes KL(ref || pi) the target. The budget is about what the policy itself writes: average log(pi / ref) over pi.",
    "forgets-normaliser":
      "The weights ref exp(r / beta) were taken for probabilities. They do not add up to 1: divide by their sum Z, and subtract log Z in the logarithm.",
    "bisects-the-wrong-way":
      "The search ended at one end of its interval. The KL falls as beta rises: where it is above the target, beta has to grow, so the middle becomes the lower end. (Or the KL was NaN on the way: print it.)",
    "stops-early":
      "Nearly: the KL is close to the target, and not within a millionth of it. Halve more often, or do not stop before the interval is small enough.",
    overflow:
      "With rewards around 5000 the search goes astray. exp(r / beta) is Infinity there, and Infinity / Infinity is NaN, which is never above the target. Subtract the largest reward first: that changes no probability.",
  },
  parts: [
    {
      name: "reaches the target",
      points: 3,
      look: "equation (6)",
      async run(given, t) {
        const budget = drawBudget(t.key);
        const { ref, rewards, target } = budget;
        const got = await given.findBeta([...ref], [...rewards], target);
        // Beginning at beta = 1, below the right one, a search in the wrong direction goes down;
        // one that multiplies, up.
        const far = (logRatio: number) => t.mistake(logRatio > 0 ? "multiplies" : "bisects-the-wrong-way");
        judgeBeta(got, budget, t, far, `${target.toFixed(3)} nats over five outcomes`);
      },
    },
    {
      name: "is a price: rewards in another unit have a beta in that unit",
      points: 1,
      look: "the ends of the search",
      async run(given, t) {
        const [a, b] = split(t.key);
        for (const unit of shuffle(b, [1e-3, 1e3])) {
          const { ref, rewards, target } = drawBudget(a);
          const budget = { ref, rewards: rewards.map((reward) => unit * reward), target };
          const got = await given.findBeta([...ref], [...budget.rewards], target);
          judgeBeta(got, budget, t, () => {}, `rewards ${unit === 1e3 ? "a thousand times" : "a thousandth"} as large`);
        }
      },
    },
    {
      name: "does not mind a constant added to all rewards",
      points: 1,
      async run(given, t) {
        const { ref, rewards, target } = drawBudget(t.key);
        const budget = { ref, rewards: rewards.map((reward) => 5000 + reward), target };
        const got = await given.findBeta([...ref], [...budget.rewards], target);
        judgeBeta(got, budget, t, () => t.mistake("overflow"), "rewards with 5000 added to each");
      },
    },
  ],
});
