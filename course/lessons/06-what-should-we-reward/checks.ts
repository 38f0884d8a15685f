import { categorical, foldIn, type Key, normal, randint, split, uniform } from "rlhf-lab/random";
import {
  brevityPenalty,
  clippedMatches,
  compositeReward,
  lcsLength,
  ngramCounts,
  normaliseOverBatch,
  shapleyCredit,
} from "rlhf-lab/rewards";
import {
  nextTokenLogProbs,
  prefixesOf,
  type SequenceTree,
  sequenceLogProbs,
  sequenceTree,
  treePolicy,
} from "rlhf-lab/trees";
import { drawUntil } from "../../src/grade/drawUntil.js";
import { exercise } from "../../src/grade/exercise.js";
import { isNear } from "../../src/grade/near.js";

const words = ["the", "whale", "sea", "is"];

/** Some words, of which several occur more than once. */
function drawWords(key: Key, n: number): string[] {
  return Array.from(randint(key, n, 0, words.length), (w) => words[w]);
}

/** Whether answers, right and wrong ones, can all be told apart. */
function areApart(answers: readonly number[]): boolean {
  const sorted = [...answers].sort((a, b) => a - b);
  return sorted.every((value, i) => i === 0 || value - sorted[i - 1] > 1e-6);
}

const quoted = (tokens: readonly string[]) => `"${tokens.join(" ")}"`;

/** The precision asked for, and what the named mistakes make of it. */
function precisions(candidate: readonly string[], reference: readonly string[], n: number) {
  const { matched, total } = clippedMatches(candidate, [reference], n);
  const known = ngramCounts(reference, n);
  const grams = [...ngramCounts(candidate, n)];
  const found = grams.filter(([gram]) => known.has(gram));
  return {
    right: matched / total,
    unclipped: found.reduce((sum, [, count]) => sum + count, 0) / total,
    recall: matched / (reference.length - n + 1),
    "each-once": found.length / grams.length,
    "per-token": matched / candidate.length,
  };
}

export const clippedPrecisionExercise = exercise({
  id: "06/clipped-precision",
  title: "Clipped n-gram precision",
  difficulty: 2,
  minutes: 10,
  gives: ["clippedPrecision"],
  watches: {
    unclipped:
      "Every n-gram that the reference holds was counted each time it occurs. Then one word of the reference, said a hundred times, is perfect: an n-gram may match at most as often as the reference holds it.",
    recall:
      "This is divided by the n-grams of the reference. That is recall, ROUGE's question. Precision asks which share of what was said is right.",
    "each-once":
      "Each different n-gram was counted once. A precision counts what was said, repetitions included: matched and total are sums of counts.",
    "per-token": "This is divided by the number of tokens. A text of T tokens has T - n + 1 n-grams.",
    glued:
      'The pair ("a", "bc") was taken for ("ab", "c"): put together without a separator both are "abc". Join with a character that no token holds, or compare token by token.',
    "object-as-map": 'The word "constructor" upset the count: a plain object {} inherits that name. Use a Map.',
    "empty-text": "A text without n-grams makes this NaN: 0 of 0. Let the precision be 0 there.",
  },
  parts: [
    {
      name: "matches equation (1) for pairs of words",
      points: 2,
      look: "equation (1)",
      async run(given, t) {
        const n = 2;
        const [candidate, reference] = drawUntil(
          t.key,
          (key) => {
            const [a, b] = split(key);
            return [drawWords(a, 9), drawWords(b, 7)] as const;
          },
          ([a, b]) => areApart(Object.values(precisions(a, b, n))),
        );
        t.mistakes(
          await given.clippedPrecision([...candidate], [...reference], n),
          precisions(candidate, reference, n),
          1e-6,
          `the precision of pairs of ${quoted(candidate)} against ${quoted(reference)}`,
        );
      },
    },
    {
      name: "is 2 of 7 for Papineni's seven times the",
      points: 1,
      async run(given, t) {
        t.mistakes(
          await given.clippedPrecision(new Array(7).fill("the"), "the cat is on the mat".split(" "), 1),
          { right: 2 / 7, unclipped: 1, recall: 2 / 6, "each-once": 1 },
          1e-6,
          'single words of seven times "the" against "the cat is on the mat"',
        );
      },
    },
    {
      name: "is 0 for a text too short to have n-grams",
      points: 1,
      async run(given, t) {
        const got = await given.clippedPrecision(["whale"], ["the", "whale"], 2);
        if (Number.isNaN(got)) t.mistake("empty-text");
        t.near(got, 0, 0, 'pairs of "whale", which has none');
        if ((await given.clippedPrecision(["a", "bc"], ["ab", "c"], 2)) > 0.99) t.mistake("glued");
        const odd = await given.clippedPrecision(["constructor", "whale"], ["the", "whale"], 1);
        if (!(Math.abs(odd - 0.5) < 1e-6)) t.mistake("object-as-map");
      },
    },
  ],
});

export const brevityExercise = exercise({
  id: "06/brevity-penalty",
  title: "The price of brevity",
  difficulty: 1,
  minutes: 5,
  gives: ["brevityFactor"],
  watches: {
    "reversed-ratio":
      "The ratio is upside down: for a short text length / referenceLength is below 1, and exp(1 - ratio) above 1. It would pay for brevity. Reference over length.",
    uncapped:
      "Long texts get more than 1. The penalty takes away and never gives: it is 1 from the reference's length on.",
    linear: "This is length / referenceLength, without the exponential of equation (2).",
    "long-texts":
      "Long texts pay and short ones do not. Saying too much is punished by precision already; it is saying too little that precision does not see.",
  },
  parts: [
    {
      name: "is below 1 for a short text, as equation (2) says",
      points: 1,
      look: "equation (2)",
      async run(given, t) {
        const length = 3 + randint(t.key, 1, 0, 5)[0];
        const reference = length + 4;
        t.mistakes(
          await given.brevityFactor(length, reference),
          {
            right: brevityPenalty(length, reference),
            "reversed-ratio": Math.exp(1 - length / reference),
            linear: length / reference,
            "long-texts": 1,
          },
          1e-6,
          `${length} tokens against ${reference}`,
        );
      },
    },
    {
      name: "is 1 for a text that is long enough, and 0 for an empty one",
      points: 1,
      async run(given, t) {
        t.mistakes(
          await given.brevityFactor(12, 8),
          {
            right: 1,
            uncapped: Math.exp(1 - 8 / 12),
            "long-texts": Math.exp(1 - 12 / 8),
            "reversed-ratio": Math.exp(1 - 12 / 8),
            linear: 12 / 8,
          },
          1e-6,
          "12 tokens against 8",
        );
        t.near(await given.brevityFactor(8, 8), 1, 1e-6, "8 tokens against 8");
        t.mistakes(
          await given.brevityFactor(0, 8),
          { right: 0, "reversed-ratio": Math.E, "long-texts": 1 },
          1e-6,
          "an empty text against 8 tokens",
        );
      },
    },
  ],
});

/** The longest run of neighbours that both texts hold. */
function longestRun(a: readonly string[], b: readonly string[]): number {
  let best = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      let k = 0;
      while (i + k < a.length && j + k < b.length && a[i + k] === b[j + k]) k++;
      best = Math.max(best, k);
    }
  }
  return best;
}

/** Takes each word of a at its next place in b, if there is one. */
function greedySubsequence(a: readonly string[], b: readonly string[]): number {
  let [place, count] = [0, 0];
  for (const word of a) {
    const next = b.indexOf(word, place);
    if (next < 0) continue;
    place = next + 1;
    count++;
  }
  return count;
}

const subsequences = (a: readonly string[], b: readonly string[]) => ({
  right: lcsLength(a, b),
  substring: longestRun(a, b),
  "any-order": clippedMatches(a, [b], 1).matched,
  greedy: greedySubsequence(a, b),
  "shared-rows": tableWithSharedRows(a, b),
});

type Subsequence = keyof ReturnType<typeof subsequences>;

/** Two texts for which one mistake gives a number that neither the right answer nor another mistake gives. */
function drawTexts(key: Key, mistake: Subsequence): [string[], string[]] {
  for (let k = 0; ; k++) {
    const [a, b] = split(foldIn(key, k));
    const texts: [string[], string[]] = [drawWords(a, 9), drawWords(b, 8)];
    const { [mistake]: wrong, ...others } = subsequences(...texts);
    if (k > 5000 || !Object.values(others).includes(wrong)) return texts;
  }
}

/** Equation (4) in a table whose rows are all the same list, read at its corner. */
function tableWithSharedRows(a: readonly string[], b: readonly string[]): number {
  const row = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    for (let j = 1; j <= b.length; j++) row[j] = word === b[j - 1] ? row[j - 1] + 1 : Math.max(row[j], row[j - 1]);
  }
  return row[b.length];
}

export const lcsExercise = exercise({
  id: "06/lcs",
  title: "The longest common subsequence",
  difficulty: 3,
  minutes: 15,
  gives: ["lcsLength"],
  watches: {
    substring:
      "This is the longest run of neighbours. A subsequence may skip words on both sides: where two words differ, go on with the better of leaving out either, and do not start again from 0.",
    "any-order": "Common words were counted in any order. They have to come in the same order in both texts.",
    "shared-rows":
      "The rows of the table look like one and the same list: new Array(n).fill(new Array(m).fill(0)) puts one list into every place. Array.from({ length: n }, () => new Array(m).fill(0)) makes n of them.",
    greedy:
      "Each word was taken at the first place where it fits. That can skip far ahead, past words that would have matched: compare taking it with leaving it out, at each place.",
  },
  parts: [
    {
      name: "is right for random texts",
      points: 2,
      look: "equation (4)",
      async run(given, t) {
        // For each mistake two texts on which it alone gives its number; together they tell all of them apart.
        const mistakes = Object.keys(subsequences([], [])).filter((name) => name !== "right") as Subsequence[];
        const texts = mistakes.map((mistake, i) => drawTexts(foldIn(t.key, i), mistake));
        const got: unknown[] = [];
        for (const [x, y] of texts) got.push(await given.lcsLength([...x], [...y]));
        const all = texts.map(([x, y]) => subsequences(x, y));
        const lists = Object.fromEntries(
          (["right", ...mistakes] as const).map((name) => [name, all.map((values) => values[name])]),
        ) as Record<Subsequence, number[]>;
        const pairs = texts.map(([x, y]) => `${quoted(x)} and ${quoted(y)}`);
        t.mistakes(got, lists, 0, `the lengths for ${pairs.join("; ")}, in turn`);
      },
    },
    {
      name: "is 0 for an empty text, and the whole length for a copy",
      points: 1,
      async run(given, t) {
        const text = drawWords(t.key, 6);
        t.near(await given.lcsLength([...text], [...text]), 6, 0, "a text of 6 words and its copy");
        t.near(await given.lcsLength([], [...text]), 0, 0, "an empty text and one of 6 words");
      },
    },
  ],
});

/** Three parts in very different units, over a batch of six. */
function drawParts(key: Key): number[][] {
  return split(key, 3).map((k, i) => Array.from(normal(k, 6), (x) => [1, 30, 0.1][i] * x + [0, 100, 5][i]));
}

const weighted = (parts: readonly (readonly number[])[], weights: readonly number[]) =>
  parts[0].map((_, b) => parts.reduce((sum, part, i) => sum + weights[i] * part[b], 0));
const deviationOf = (part: readonly number[], over: number) => {
  const mean = part.reduce((a, b) => a + b, 0) / part.length;
  return Math.sqrt(part.reduce((sum, x) => sum + (x - mean) ** 2, 0) / over);
};

export const compositeExercise = exercise({
  id: "06/composite",
  title: "A composite in fair units",
  difficulty: 2,
  minutes: 10,
  gives: ["compositeOf"],
  watches: {
    raw: "The parts were added as they are. The one with the largest numbers drowns the others, whatever the weights say: normalise each part over the batch first.",
    "sum-first":
      "The sum was normalised instead of the parts. By then the largest part has drowned the others: first each part, then the weights.",
    "weights-lost":
      "The weights were multiplied in before normalising, which divides them out again. Weights come last, or all parts count the same.",
    "not-centred":
      "The parts were divided by their deviation, and their mean was left in. A part's offset says nothing about a reply: take the mean off.",
    "sample-deviation":
      "The deviation was taken over n - 1. Here it is over n, the size of the batch: the batch is all there is, not a sample from it.",
    rounding:
      "A part that is 0.1 for the whole batch was not let off: its mean comes out as 0.09999999999999999 and its deviation a little above 0, and the quotient of the two is about 1. Compare the largest with the smallest, not the deviation with 0.",
    "no-spread":
      "A part that is the same for the whole batch makes this NaN: its deviation is 0. Such a part says nothing: let it add 0.",
  },
  parts: [
    {
      name: "normalises each part over the batch, then weighs",
      points: 2,
      look: "equation (6)",
      async run(given, t) {
        const [partsKey, weightKey] = split(t.key);
        const parts = drawParts(partsKey);
        const weights = Array.from(uniform(weightKey, 3, 0.5, 2));
        const normal = parts.map((part) => [...normaliseOverBatch(part)]);
        const right = weighted(normal, weights);
        const [raw, ones] = [weighted(parts, weights), weights.map(() => 1)];
        t.mistakes(
          await given.compositeOf(
            parts.map((part) => [...part]),
            [...weights],
          ),
          {
            right,
            raw,
            "sum-first": [...normaliseOverBatch(raw)],
            "weights-lost": weighted(normal, ones),
            "not-centred": weighted(
              parts.map((part) => part.map((x) => x / deviationOf(part, part.length))),
              weights,
            ),
            "sample-deviation": right.map((x) => x * Math.sqrt(5 / 6)),
          },
          1e-5, // a part's deviation may be as little as 0.01, to which a guard of 1e-8 adds a millionth
          "the composite of three parts over a batch of six",
        );
      },
    },
    {
      name: "lets a part without spread add 0",
      points: 1,
      async run(given, t) {
        const mood = drawParts(t.key)[0];
        const got = await given.compositeOf([[...mood], new Array(6).fill(1)], [1, 3]);
        if (Array.isArray(got) && got.some(Number.isNaN)) t.mistake("no-spread");
        const right = compositeReward({ mood: normaliseOverBatch(mood) }, { mood: 1 });
        t.near(got, [...right], 1e-6, "a part with spread, and one that is 1 for the whole batch");
        for (const same of [0.1, 0.7]) {
          const sameAgain = await given.compositeOf([[...mood], new Array(6).fill(same)], [1, 3]);
          const far = Array.isArray(sameAgain) && sameAgain.some((x, b) => Math.abs(x - right[b]) > 0.1);
          if (far) t.mistake("rounding");
          t.near(sameAgain, [...right], 1e-5, `a part with spread, and one that is ${same} for the whole batch`);
        }
      },
    },
  ],
});

/** What each way to follow the deviation gives for a list, all of it seen. */
function deviations(values: readonly number[]) {
  let [count, mean] = [0, 0];
  const sums = { right: 0, "new-mean": 0, "old-mean": 0 };
  for (const x of values) {
    count++;
    const before = x - mean;
    mean += before / count;
    sums.right += before * (x - mean);
    sums["new-mean"] += (x - mean) ** 2;
    sums["old-mean"] += before ** 2;
  }
  return {
    right: Math.sqrt(sums.right / count),
    "new-mean": Math.sqrt(sums["new-mean"] / count),
    "old-mean": Math.sqrt(sums["old-mean"] / count),
    sample: Math.sqrt(sums.right / (count - 1)),
    variance: sums.right / count,
  };
}

export const runningDeviationExercise = exercise({
  id: "06/running-deviation",
  title: "Find the bug: a deviation that runs along",
  difficulty: 3,
  minutes: 8,
  gives: ["runningDeviation"],
  watches: {
    "new-mean":
      "Every distance is taken from a mean that already knows the number: the first one counts 0, and all of them too little. The mean moved between the two looks.",
    "old-mean":
      "Every distance is taken from the mean before the number came, the first one from 0: that is too far, and an offset of the reward ends up in its deviation.",
    sample: "This is over n - 1. Here it is over n, as in equation (6).",
    variance: "This is the variance: its root is missing.",
    cancels:
      "For numbers near a hundred million this comes out wrong: the mean of the squares and the square of the mean agree in all their digits, and what is left of the difference is rounding. Add up distances from the mean instead.",
  },
  parts: [
    {
      name: "is the deviation of all that was seen",
      points: 2,
      look: "from which mean each distance is taken, and when the mean moves",
      async run(given, t) {
        const [a, b] = split(t.key);
        const values = Array.from(normal(a, 4 + randint(b, 1, 0, 4)[0]), (x) => 2 + x);
        t.mistakes(
          await given.runningDeviation([...values]),
          deviations(values),
          1e-6,
          `the deviation of [${values.map((x) => x.toFixed(2))}]`,
        );
      },
    },
    {
      name: "does not mind a reward whose zero is far away",
      points: 1,
      async run(given, t) {
        const values = Array.from(normal(t.key, 9), (x) => 1e8 + x);
        const got = await given.runningDeviation([...values]);
        const answers = deviations(values);
        const known = Object.values(answers).some((answer) => Math.abs(Number(got) - answer) < 1e-6 * answer);
        if (!known) t.mistake("cancels");
        t.mistakes(got, answers, 1e-6, "the deviation of nine numbers close to a hundred million");
      },
    },
  ],
});

export const potentialExercise = exercise({
  id: "06/potential",
  title: "Shaping that keeps the optimum",
  difficulty: 2,
  minutes: 10,
  gives: ["shapingOfEpisode"],
  watches: {
    "forgets-gamma":
      "This is Phi(next) - Phi(now), without the discount. The sum no longer telescopes, so long ways and short ways gain different amounts: gamma belongs before the potential of the next state.",
    reversed: "The two potentials are the wrong way round: this pays for going where the potential is lower.",
    "gamma-on-now":
      "The discount stands before the potential of the present state. It belongs to the next one, which is a step further away.",
    "no-end":
      "The last step is missing. There are as many steps as states listed: from the last one the episode goes to its end, whose potential is 0.",
    "end-keeps-potential":
      "In the last step the end was given the potential of the state before it. The end's potential is 0: what was lent is paid back there.",
  },
  parts: [
    {
      name: "matches equation (8) along an episode of five steps",
      points: 2,
      look: "equation (8)",
      async run(given, t) {
        const [a, b] = split(t.key);
        const potentials = Array.from(uniform(a, 5, 1, 3));
        const discount = uniform(b, 1, 0.6, 0.9)[0];
        const after = [...potentials.slice(1), 0];
        const held = [...potentials.slice(1), potentials[4]];
        const right = potentials.map((now, i) => discount * after[i] - now);
        t.mistakes(
          await given.shapingOfEpisode([...potentials], discount),
          {
            right,
            "forgets-gamma": potentials.map((now, i) => after[i] - now),
            reversed: right.map((x) => -x),
            "gamma-on-now": potentials.map((now, i) => after[i] - discount * now),
            "no-end": right.slice(0, -1),
            "end-keeps-potential": potentials.map((now, i) => discount * held[i] - now),
          },
          1e-9,
          `the shaping of potentials [${potentials.map((x) => x.toFixed(2))}] with discount ${discount.toFixed(2)}`,
        );
      },
    },
    {
      name: "adds up, discounted, to minus the first potential: for every way to the end",
      points: 1,
      async run(given, t) {
        const discount = 0.8;
        for (const [i, length] of [1, 3, 6].entries()) {
          const potentials = Array.from(uniform(foldIn(t.key, i), length, 1, 3));
          const got = await given.shapingOfEpisode([...potentials], discount);
          if (!Array.isArray(got) || got.length !== length) {
            if (Array.isArray(got) && got.length === length - 1) t.mistake("no-end");
            t.near(got, new Array(length).fill(0), 0, `${length} numbers, one for each step`);
          }
          const sum = (got as number[]).reduce((total, extra, k) => total + discount ** k * extra, 0);
          t.near(
            sum,
            -potentials[0],
            1e-9,
            `the discounted sum of your shaping over ${length} step${length === 1 ? "" : "s"}, which should be minus the first potential`,
          );
        }
      },
    },
  ],
});

interface LoopPlan {
  steps: number;
  batch: number;
  rate: number;
}

/** The loop of 06/loop, or with one thing changed. */
function learned(
  key: Key,
  tree: SequenceTree,
  table: ArrayLike<number>,
  stepRewards: ArrayLike<number>,
  { steps, batch, rate }: LoopPlan,
  wrong: Record<string, boolean> = {},
): number[] {
  const V = tree.vocabulary;
  const logits = Array.from(table);
  const look = () => nextTokenLogProbs(treePolicy(tree, logits));
  const first = look();
  for (let step = 1; step <= steps; step++) {
    const conditionals = wrong.stale ? first : look();
    const drawKey = wrong["same-draws"] ? foldIn(key, 1) : foldIn(key, step);
    for (const y of categorical(drawKey, sequenceLogProbs(tree, conditionals), batch)) {
      const places = prefixesOf(tree, y).map((p, t) => p * V + tree.sequences[y][t]);
      places.forEach((place, t) => {
        const later = places.slice(wrong["whole-reply"] ? 0 : wrong["skips-own"] ? t + 1 : t);
        const paid = wrong["own-step"] ? [place] : wrong["past-only"] ? places.slice(0, t + 1) : later;
        const credit = paid.reduce((sum, one) => sum + stepRewards[one], 0);
        const push = ((wrong["wrong-sign"] ? -1 : 1) * rate * credit) / (wrong.sum ? 1 : batch);
        const row = place - (place % V);
        for (let v = row; v < row + V; v++) {
          const expected = wrong["no-expectation"] ? 0 : Math.exp(conditionals[v]);
          logits[v] += push * ((v === place ? 1 : 0) - expected);
        }
      });
    }
  }
  return logits;
}

const loopMistakes = [
  "whole-reply",
  "own-step",
  "past-only",
  "skips-own",
  "no-expectation",
  "wrong-sign",
  "sum",
  "same-draws",
  "stale",
] as const;

/**
 * A small world whose draws tell every mistake from the right table; the call with copies that a learner may change.
 */
async function runLoop(
  given: { learnFromSteps: (...args: unknown[]) => Promise<unknown> },
  key: Key,
  steps: number,
  mistakes: readonly string[],
) {
  const tree = sequenceTree(3, 3);
  const plan = { steps, batch: 6, rate: 0.5 };
  for (let again = 0; ; again++) {
    const [a, b, c] = split(foldIn(key, again), 3);
    const table = normal(a, tree.next.length);
    const rewards = normal(b, tree.next.length);
    const right = learned(c, tree, table, rewards, plan, {});
    const wrong = mistakes.map((name) => [name, learned(c, tree, table, rewards, plan, { [name]: true })] as const);
    // A firm policy may write the same replies whatever the draws.
    if (wrong.some(([, list]) => isNear(list, right, 1e-4))) continue;
    const got = await given.learnFromSteps([...c], tree, table.slice(), rewards.slice(), { ...plan });
    return { got, expected: { right, ...Object.fromEntries(wrong) } };
  }
}

export const loopExercise = exercise({
  id: "06/loop",
  title: "Draw, credit, step",
  difficulty: 4,
  minutes: 15,
  gives: ["learnFromSteps"],
  watches: {
    "whole-reply":
      "Every token was paid all rewards of its reply, those before it too. Right on average, but not what is asked: a token gets the rewards from its own step on.",
    "own-step":
      "Every token was paid its own step alone. What a token makes possible comes later: add the rewards of the steps that follow.",
    "past-only": "These sums run from the beginning up to the token. What a token can change comes after it.",
    "skips-own": "The reward of the token's own step is missing.",
    "no-expectation":
      "The logit of the token that was written moved, and the others of its row stayed. The gradient of log pi is 1 - pi for that token and -pi for each of the others.",
    "wrong-sign": "The logits went downhill: what was rewarded became rarer.",
    sum: "The pushes of the replies were added up, where their mean is wanted: divide by batch.",
    stale:
      "The replies of later steps were drawn from the policy of the beginning. Look at the policy anew in every step.",
    "same-draws":
      "Every step used the same random numbers. The replies of step k are drawn with foldIn(key, k), k from 1.",
  },
  parts: [
    {
      name: "makes one step",
      points: 2,
      look: "what each token is paid, and the row of logits that it moves",
      async run(given, t) {
        const wrong = loopMistakes.filter((name) => name !== "stale" && name !== "same-draws");
        const { got, expected } = await runLoop(given, t.key, 1, wrong);
        t.mistakes(got, expected, 1e-6, "the table after one step of six replies, rate 0.5");
      },
    },
    {
      name: "makes five, each from the policy as it is by then",
      points: 2,
      look: "what has to be done anew in every step",
      async run(given, t) {
        const { got, expected } = await runLoop(given, t.key, 5, loopMistakes);
        t.mistakes(got, expected, 1e-6, "the table after five steps");
      },
    },
  ],
});

/** Rewards of every subset of n tokens: bit i of a subset's number says whether token i is there. */
function credits(rewards: readonly number[], n: number) {
  const all = 2 ** n - 1;
  const tokens = Array.from({ length: n }, (_, i) => i);
  const gain = (subset: number, i: number) => rewards[subset | (1 << i)] - rewards[subset & ~(1 << i)];
  return {
    right: [...shapleyCredit(tokens, (list) => rewards[list.reduce((bits, i) => bits | (1 << i), 0)])],
    "leave-one-out": tokens.map((i) => gain(all, i)),
    "first-in": tokens.map((i) => gain(0, i)),
    "reading-order": tokens.map((i) => rewards[2 ** (i + 1) - 1] - rewards[2 ** i - 1]),
    "equal-subsets": tokens.map((i) => rewards.reduce((sum, _, subset) => sum + gain(subset, i), 0) / rewards.length),
  };
}

export const shapleyExercise = exercise({
  id: "06/shapley",
  title: "Whose merit was it?",
  difficulty: 4,
  minutes: 15,
  gives: ["shapley"],
  watches: {
    "leave-one-out":
      "This is what the whole reply loses without the token. Two tokens that say the same get nothing, each of them: average over all orders in which the tokens could have come.",
    "first-in": "This is what the token is worth alone. Average over everything that may have been there before it.",
    "reading-order":
      "The tokens were added in one order, the reply's. Then merit goes to whoever comes last: average over all orders.",
    "equal-subsets":
      "All subsets count the same here (that is Banzhaf's index, and it does not add up). A subset of size k stands for k! (n - k - 1)! of the n! orders.",
  },
  parts: [
    {
      name: "averages over all orders",
      points: 3,
      look: "equation (10)",
      async run(given, t) {
        const n = 3;
        const rewards = [0, ...uniform(t.key, 2 ** n - 1, -1, 3)];
        t.mistakes(
          await given.shapley([...rewards], n),
          credits(rewards, n),
          1e-6,
          `the credits of three tokens with rewards [${rewards.map((x) => x.toFixed(2))}]`,
        );
      },
    },
    {
      name: "adds up to what the reply is worth",
      points: 1,
      async run(given, t) {
        const n = 4;
        const rewards = Array.from(uniform(t.key, 2 ** n, -1, 3));
        const got = await given.shapley([...rewards], n);
        t.mistakes(got, credits(rewards, n), 1e-6, "the credits of four tokens");
      },
    },
  ],
});
