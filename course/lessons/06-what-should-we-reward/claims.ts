// What lesson 06 says its experiments show. Scores on damaged sentences, policies that are optima, ships, writers,
// credits and judges; two small transformers.

import { type Key, split } from "rlhf-lab";
import { mobyDick } from "rlhf-lab/data";
import { optimalPolicy, policyReturn, qLearningCurve } from "rlhf-lab/mdp";
import { transformer } from "rlhf-lab/models";
import { exactExpectation, exactRegularisedOptimum } from "rlhf-lab/numerics";
import { bestOfNLogProbs, betaForKl, stepwiseBestOfNLogProbs } from "rlhf-lab/policy";
import { categorical, permutation } from "rlhf-lab/random";
import {
  brevityPenalty,
  clippedMatches,
  compositeReward,
  distinctN,
  drawLabelledSteps,
  fitProcessReward,
  labelledSteps,
  leaveOneOutCredit,
  noMoments,
  normaliseBy,
  processRewardScore,
  reinforceCurve,
  repeatedShare,
  rougeL,
  rougeN,
  sentenceBleu,
  shapleyCredit,
  updateMoments,
  valueCredit,
  withPotential,
  withTransitionReward,
} from "rlhf-lab/rewards";
import { processReward, successProbability } from "rlhf-lab/rewards/tensor";
import { adam, cosineSchedule, disposeTree } from "rlhf-lab/tensor";
import { sentencesOf, wordsOf } from "rlhf-lab/tokenizers";
import { algorithms, trainPolicy, trainProcessReward } from "rlhf-lab/train";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  potentialTokenRewards,
  prefixesOf,
  sequenceIndex,
  type TokenRewards,
  tabularContexts,
  terminalRewards,
  treePolicy,
} from "rlhf-lab/trees";
import { harbour, lexiconScore, phraseStepFeatures, phraseTask, phraseUtility, phraseWords } from "rlhf-lab/worlds";
import { both, every, exactly, experiment, mean, share } from "../../../scripts/claims/claim.js";

const average = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const close = (a: number, b: number, within = 1e-9) => Math.abs(a - b) <= within;

// Run it, and section 1.

const reference = "Better sleep with a sober cannibal than a drunken Christian.";
const said = {
  opposite: "Better sleep with a drunken cannibal than a sober Christian.",
  meant: "I would rather share a bed with a heathen who has not been drinking than with a churchgoer who has.",
  backwards: "Christian drunken a than cannibal sober a with sleep Better.",
  short: "Better sleep with a sober cannibal.",
  again: "a a a a a a a a a a",
};
const ofReply = (reply: string) => ({
  bleu: sentenceBleu(reply, [reference]).score,
  one: rougeN(1, reply, reference).fMeasure,
  two: rougeN(2, reply, reference).fMeasure,
  longest: rougeL(reply, reference).fMeasure,
});

const sentences = mobyDick()
  .flatMap(({ text }) => sentencesOf(text))
  .map(wordsOf)
  .filter((words) => words.length >= 12 && words.length <= 24);
const half = (words: readonly string[]) => Math.floor(words.length / 2);
type Damage = (words: readonly string[], k: Key, other: readonly string[]) => readonly string[];
const damages = {
  copy: (words) => words,
  not: (words) => [...words.slice(0, half(words)), "not", ...words.slice(half(words))],
  swapped: (words) => [...words.slice(half(words)), ...words.slice(0, half(words))],
  shuffled: (words, k) => Array.from(permutation(k, words.length), (i) => words[i]),
  cut: (words) => words.slice(0, half(words)),
  halfTwice: (words) => [...words.slice(0, half(words)), ...words.slice(0, half(words))],
  twice: (words) => [...words, ...words],
  other: (_words, _k, other) => other,
} satisfies Record<string, Damage>;

/** Mean scores of 200 drawn sentences under each damage. */
function damaged(key: Key) {
  const [draw, shuffle] = split(key);
  const chosen = Array.from(permutation(draw, sentences.length).subarray(0, 200), (i) => sentences[i]);
  const keys = split(shuffle, chosen.length);
  const scores = (damage: Damage) => {
    const rows = chosen.map((words, s) => {
      const text = damage(words, keys[s], chosen[(s + 1) % chosen.length]).join(" ");
      const whole = words.join(" ");
      return {
        precision: rougeN(1, text, whole).precision,
        recall: rougeN(1, text, whole).recall,
        one: rougeN(1, text, whole).fMeasure,
        two: rougeN(2, text, whole).fMeasure,
        longest: rougeL(text, whole).fMeasure,
        bleu: sentenceBleu(text, [whole]).score / 100,
        distinct: distinctN(text.split(" "), 2),
      };
    });
    const of = (name: keyof (typeof rows)[number]) => average(rows.map((row) => row[name]));
    return {
      ...{ precision: of("precision"), recall: of("recall"), one: of("one"), two: of("two") },
      ...{ longest: of("longest"), bleu: of("bleu"), distinct: of("distinct") },
    };
  };
  type Scores = ReturnType<typeof scores>;
  return Object.fromEntries(Object.entries(damages).map(([name, damage]) => [name, scores(damage)])) as Record<
    keyof typeof damages,
    Scores
  >;
}

const task = phraseTask();
const { tree } = task;
const [ref, utility, whale] = [task.reference[0], task.utility[0], task.prompts[0]];
const spoken = tree.sequences.map((tokens) => tokens.filter((token) => token !== 0).map((token) => phraseWords[token]));
const indexOf = (text: string) =>
  sequenceIndex(tree, [...text.split(" ").map((word) => phraseWords.indexOf(word as (typeof phraseWords)[number])), 0]);

/** How many of all replies share the highest score, and the utilities of the worst and the best of them. */
function winners(score: (words: readonly string[]) => number) {
  const scores = spoken.map((words) => score(words));
  const best = Math.max(...scores);
  const top = scores.flatMap((s, y) => (s > best - 1e-9 ? [y] : []));
  const worths = top.map((y) => utility[y]);
  const worst = Math.min(...worths);
  return {
    count: top.length,
    worst,
    best: Math.max(...worths),
    words: spoken[top[worths.indexOf(worst)]].join(" "),
  };
}
const answers = ["very good whale", "not bad whale", "good whale"];
const answerWords = answers.map((answer) => answer.split(" "));
const precisionOf = (words: readonly string[]) => {
  const { matched, total } = clippedMatches([...words], answerWords, 1);
  return total === 0 ? 0 : matched / total;
};

const cannibal = wordsOf(reference);
const target = cannibal.join(" ");
const wordList = ["(end)", ...new Set([...cannibal, "not", "never", "the", "whale", "sea"]), "(start)"];
const pays = {
  precision: (text: string) => rougeN(1, text, target).precision,
  recall: (text: string) => rougeN(1, text, target).recall,
  longest: (text: string) => rougeL(text, target).fMeasure,
  bleu: (text: string) => sentenceBleu(text, [target]).score / 100,
};
const writer = transformer({
  ...{ vocabulary: wordList.length, context: 21, width: 32 },
  ...{ layers: 1, heads: 2, deviation: 0.1 },
});

/** A transformer that knows nothing, paid by one score for a hundred steps: what its last 64 replies are like. */
async function taught(key: Key, pay: (text: string) => number) {
  const [init, train] = split(key);
  const start = writer.init(init);
  let last: string[][] = [];
  const { params } = await trainPolicy(train, {
    ...{ model: writer, start, algorithm: algorithms.rloo({ group: 64 }), beta: 0, label: false },
    ...{ optimizer: adam({ rate: cosineSchedule(1e-2, 100), maxNorm: 1 }) },
    ...{ batch: 64, iterations: 100, newTokens: 20, stop: 0 },
    prompts: (_, count) => Array.from({ length: count }, () => [wordList.length - 1]),
    reward({ written }) {
      last = written.map((tokens) => tokens.filter((token) => token > 0).map((token) => wordList[token]));
      return last.map((words) => pay(words.join(" ")));
    },
  });
  disposeTree(params);
  disposeTree(start);
  const of = (f: (words: string[]) => number) => average(last.map(f));
  return {
    words: of((words) => words.length),
    repeated: of((words) => repeatedShare(words, 1)),
    said: of((words) => Number(words.join(" ") === target)),
    precision: of((words) => pays.precision(words.join(" "))),
    recall: of((words) => pays.recall(words.join(" "))),
    longest: of((words) => pays.longest(words.join(" "))),
    bleu: of((words) => pays.bleu(words.join(" "))),
  };
}

// Section 2.

const parts: Record<string, ArrayLike<number>> = {
  mood: tree.sequences.map(lexiconScore),
  topic: spoken.map((words) => Number(words.includes("whale")) - Number(words.includes("sea"))),
  ending: tree.sequences.map((tokens) => Number(tokens.at(-1) === 0)),
  variety: spoken.map((words) => -repeatedShare(words, 1)),
  length: spoken.map((words) => words.join(" ").length),
};
const learn = (reward: ArrayLike<number>, nats = 2) =>
  exactRegularisedOptimum(ref, reward, betaForKl(ref, reward, nats)).logProbs;
const worth = (logProbs: ArrayLike<number>) => exactExpectation(logProbs, utility);
const composite = (weights: Record<string, number>) =>
  compositeReward(Object.fromEntries(Object.keys(weights).map((name) => [name, parts[name]])), weights);
const covariance = (a: ArrayLike<number>, b: ArrayLike<number>, logProbs: ArrayLike<number> = ref) =>
  exactExpectation(
    logProbs,
    Array.from(a, (x, y) => x * b[y]),
  ) -
  exactExpectation(logProbs, a) * exactExpectation(logProbs, b);
const three = { mood: 1, topic: 1, ending: 1 };
const wishes: Record<string, ArrayLike<number>> = {
  ...{ mood: parts.mood, topic: parts.topic, ending: parts.ending },
  letters: Array.from(parts.length, (letters) => -Math.abs(letters - 12)),
};
const equally = Object.fromEntries(Object.keys(wishes).map((name) => [name, 1]));
const sayOf = (given: Record<string, ArrayLike<number>>) => {
  const total = compositeReward(given, equally);
  const shares = Object.keys(wishes).map((name) => covariance(given[name], total) / covariance(total, total));
  return { shares, worth: worth(learn(total)) };
};
const asMeasured = sayOf(wishes);

// Section 3.

const sea = harbour();
const { mdp, distance } = sea;
const closer = (bonus: number) =>
  withTransitionReward(mdp, (state, _, next) => (distance[next] < distance[state] ? bonus : 0));
const onLand = (state: number) => distance[state] === Number.POSITIVE_INFINITY;
const nearness = distance.map((steps, state) => (state === sea.harbour || onLand(state) ? 0 : 1 - steps / 15));
const potentials = {
  trueValues: distance.map((steps, state) => (state === sea.harbour ? 0 : 0.95 ** (steps - 1))),
  crow: distance.map((_, state) => {
    const across = Math.abs((state % sea.columns) - (sea.harbour % sea.columns));
    const down = Math.abs(Math.floor(state / sea.columns) - Math.floor(sea.harbour / sea.columns));
    return state === sea.harbour ? 0 : 0.95 ** (across + down - 1);
  }),
  stepsLeft: distance.map((steps, state) => (onLand(state) ? 0 : -steps / 14)),
  raised: distance.map((steps, state) => (state === sea.harbour || onLand(state) ? 0 : 1 - steps / 14)),
};
const best = policyReturn(mdp, optimalPolicy(mdp).policy);
/** True return of the greedy policy after every fifth episode. */
const ship = (key: Key, world: typeof mdp, rate: number) =>
  qLearningCurve(key, world, mdp, { episodes: 300, horizon: 60, rate, explore: 0.1, judgeEvery: 5 }).curve;
/** Episodes until the greedy policy is the best one, 305 if never. */
const arrives = (curve: Float64Array) => {
  const at = curve.findIndex((value) => value > best - 1e-6);
  return at < 0 ? 305 : 5 * (at + 1);
};

const short = phraseTask({ length: 4 });
const shortRows = tabularContexts(short.tree);
const success = short.utility[0].map((u) => Number(u >= 3));
const people = conditionalLogProbs(short.tree, short.reference[0]);
const anything = new Float64Array(people.length);
const probability = exactPolicyGradient(treePolicy(short.tree, people, shortRows), success);
const sparse = terminalRewards(short.tree, success);
const shaped = (phi: ArrayLike<number>): TokenRewards => {
  const extra = potentialTokenRewards(short.tree, phi);
  return sparse.map((reward, step) => reward + extra[step]);
};
const soFar = short.tree.prefixes.map((prefix) => (phraseUtility(short.prompts[0], prefix).total + 1) / 3);
const graded = terminalRewards(
  short.tree,
  short.utility[0].map((u) => u / 3),
);
type Credit = "whole" | "to go" | "own";
/** Mean probability of success over 250 steps of 8 replies, and the last. */
const write = (key: Key, logits: Float64Array, rewards: TokenRewards, credit: Credit, rate: number) => {
  const options = { steps: 250, batch: 8, rate, credit };
  const { curve } = reinforceCurve(key, treePolicy(short.tree, logits), rewards, success, options);
  return { over: average(curve), end: curve[250] };
};
/** The utility that the same loop ends with. */
const utilityAfter = (key: Key, logits: Float64Array, rewards: TokenRewards, rate: number) => {
  const options = { steps: 250, batch: 8, rate, credit: "whole" as const };
  return reinforceCurve(key, treePolicy(short.tree, logits), rewards, short.utility[0], options).curve[250];
};
const atRates = <R extends string>(rates: Record<R, number>, of: (rate: number) => { over: number; end: number }) =>
  Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, of(rate as number)])) as Record<
    R,
    { over: number; end: number }
  >;
const rates = { slow: 0.3, one: 1, ten: 10, thirty: 30 };

/**
 * The exercise's loop: replies of three tokens, the utility paid at the end, on the way, and on the way with each
 * token paid its own step.
 */
const tiny = phraseTask({ length: 3 });
const tinyStart = conditionalLogProbs(tiny.tree, tiny.reference[0]);
const atTheEnd = terminalRewards(tiny.tree, tiny.utility[0]);
const tinySoFar = tiny.tree.prefixes.map((prefix) => phraseUtility(tiny.prompts[0], prefix).total);
const tinyHelp = potentialTokenRewards(tiny.tree, tinySoFar);
const onTheWay = atTheEnd.map((reward, step) => reward + tinyHelp[step]);
const tinyEnd = (key: Key, rewards: TokenRewards, credit: Credit, rate = 1) => {
  const options = { steps: 60, batch: 8, rate, credit };
  return reinforceCurve(key, treePolicy(tiny.tree, tinyStart), rewards, tiny.utility[0], options).curve[60];
};

// Section 4.

const valuesOf = (logProbs: Float64Array) =>
  exactPolicyGradient(treePolicy(tree, conditionalLogProbs(tree, logProbs)), utility).V;
/** The accounts of one reply, token by token, the end included. */
function accounts(text: string) {
  const y = indexOf(text);
  const tokens = tree.sequences[y];
  const total = (list: readonly number[]) => phraseUtility(whale, list).total;
  const trained = exactRegularisedOptimum(ref, utility, 0.3).logProbs;
  return {
    list: tokens.map((token) => lexiconScore([token])),
    left: Array.from(leaveOneOutCredit(tokens, total)),
    shapley: Array.from(shapleyCredit(tokens, total)),
    people: Array.from(valueCredit(tree, valuesOf(ref), y, utility[y])),
    trained: Array.from(valueCredit(tree, valuesOf(trained), y, utility[y])),
    worth: utility[y],
    silence: total([]),
  };
}
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

// Section 5.

const well = utility.map((u) => Number(u >= 2));
const conditionals = conditionalLogProbs(tree, ref);
const exactProbability = exactPolicyGradient(treePolicy(tree, conditionals), well).V;
const read = (tokens: readonly number[]) => phraseStepFeatures(whale, tokens);
const [beginnings, wholes] = [tree.prefixes.map(read), tree.sequences.map(read)];
const endsWell = (logProbs: ArrayLike<number>) => exactExpectation(logProbs, well);
const byEnd = (scores: ArrayLike<number>, n: number) => endsWell(bestOfNLogProbs(ref, scores, n));
type Judge = { beginnings: ArrayLike<number>; wholes: ArrayLike<number> };
const byWay = (judge: Judge, n: number) => endsWell(stepwiseBestOfNLogProbs(tree, conditionals, judge, n));
/** How often people's replies pass by each prefix; the empty one is not asked about. */
const passedBy = new Float64Array(tree.prefixes.length);
ref.forEach((logp, y) => {
  for (const p of prefixesOf(tree, y).slice(1)) passedBy[p] += Math.exp(logp);
});
/** Mean squared error of a judge's probabilities, where people's replies pass. */
const errorOf = (judge: Judge) => {
  const [squares, passes] = passedBy.reduce(
    ([sum, all], weight, p) => [
      sum + (weight > 0 ? weight * (judge.beginnings[p] - exactProbability[p]) ** 2 : 0),
      all + weight,
    ],
    [0, 0],
  );
  return squares / passes;
};
const perfect = { two: byEnd(well, 2), four: byEnd(well, 4) };
const exact: Judge = { beginnings: exactProbability, wholes: well };
const reader = processReward({ vocabulary: tree.vocabulary, context: 1 + tree.length, width: 16, layers: 1, heads: 2 });

const aggregates = {
  last: (scores: number[]) => scores[scores.length - 1],
  least: (scores: number[]) => Math.min(...scores),
  product: (scores: number[]) => scores.reduce((a, b) => a * b),
  sum,
};
const ranked = (judge: Judge, aggregate: (scores: number[]) => number) =>
  byEnd(
    tree.sequences.map((_, y) =>
      aggregate([
        ...prefixesOf(tree, y)
          .slice(1)
          .map((p) => judge.beginnings[p]),
        judge.wholes[y],
      ]),
    ),
    16,
  );
const rankings = (judge: Judge) => ({
  last: ranked(judge, aggregates.last),
  least: ranked(judge, aggregates.least),
  product: ranked(judge, aggregates.product),
  sum: ranked(judge, aggregates.sum),
});

/** Judges learned from 1000 labelled replies. */
async function judges(key: Key) {
  const [draw, train] = split(key);
  const drawn = drawLabelledSteps(draw, tree, ref, well, { replies: 1000, rollouts: 4 });
  const ends = Array.from(drawn.sequences, (y) => wholes[y]);
  const passed = drawn.prefixes.flat().map((p) => beginnings[p]);
  const labels = drawn.labels.flatMap((list) => Array.from(list));
  const scored = (model: ReturnType<typeof fitProcessReward>): Judge => ({
    beginnings: beginnings.map((features) => processRewardScore(model, features)),
    wholes: wholes.map((features) => processRewardScore(model, features)),
  });
  const linear = scored(fitProcessReward([...passed, ...ends], [...labels, ...drawn.outcomes]));
  const outcome = scored(fitProcessReward(ends, drawn.outcomes));
  const replies = labelledSteps(tree, whale, drawn);
  const hard = indexOf("not very bad whale");
  const transformers: {
    rate: number;
    two: number;
    four: number;
    eight: number;
    sixteen: number;
    hard: number;
    error: number;
  }[] = [];
  for (const rate of [3e-3, 1e-2]) {
    const optimizer = adam({ rate: cosineSchedule(rate, 300), maxNorm: 1 });
    const { params } = await trainProcessReward(train, { model: reader, optimizer, replies, steps: 300, label: false });
    const judge = successProbability(reader, params, tree, whale);
    disposeTree(params);
    transformers.push({
      ...{ rate, two: byWay(judge, 2), four: byWay(judge, 4), eight: byWay(judge, 8), sixteen: byWay(judge, 16) },
      ...{ hard: judge.wholes[hard], error: errorOf(judge) },
    });
  }
  return {
    linear: {
      ...{ two: byWay(linear, 2), four: byWay(linear, 4), eight: byWay(linear, 8), sixteen: byWay(linear, 16) },
      hard: linear.wholes[hard],
      plain: linear.wholes[indexOf("very good whale")],
      ...rankings(linear),
    },
    outcome: { way: byWay(outcome, 16), end: byEnd(outcome.wholes, 16) },
    transformers,
  };
}
type Judged = Awaited<ReturnType<typeof judges>>;
const [calm, usual] = [0, 1].map((i) => (o: Judged) => o.transformers[i]);

export default [
  exactly("six replies to one reference", () => ({
    opposite: ofReply(said.opposite),
    meant: ofReply(said.meant),
    backwards: ofReply(said.backwards),
    short: ofReply(said.short),
    again: ofReply(said.again),
  })).shows({
    "06/the-opposite-is-liked-best": every(({ opposite, ...rest }) => {
      const others = Object.values(rest);
      const rouge = ["one", "two", "longest"] as const;
      return (
        close(opposite.one, 1) &&
        rouge.every((name) => others.every((other) => other[name] <= opposite[name])) &&
        others.filter((other) => other.bleu > opposite.bleu).length === 1 &&
        rest.short.bleu > opposite.bleu
      );
    }),
    "06/other-words-count-for-nothing": every(
      ({ meant, again }) => Math.abs(meant.bleu - again.bleu) < 0.5 && meant.longest < 0.3,
    ),
  }),

  experiment("damaged sentences", { keys: 10, run: damaged }).shows({
    "06/words-do-not-see-order": every(({ shuffled, swapped }) => close(shuffled.one, 1) && close(swapped.one, 1)),
    "06/precision-and-recall-look-one-way": every(
      ({ cut, twice }) =>
        close(cut.precision, 1) && close(twice.recall, 1) && cut.recall < 0.6 && twice.precision < 0.6,
    ),
    "06/nobody-sees-the-not": every(({ not }) =>
      [not.precision, not.recall, not.one, not.two, not.longest, not.bleu].every((score) => score > 0.8),
    ),
    "06/distinct-sees-repetition": every(
      ({ copy, not, swapped, shuffled, cut, halfTwice, twice, other }) =>
        [copy, not, swapped, shuffled, cut, other].every(({ distinct }) => distinct > 0.97) &&
        halfTwice.distinct < 0.6 &&
        twice.distinct < 0.6,
    ),
  }),

  exactly("the best of all replies", () => ({
    unclipped: winners(
      (words) =>
        words.filter((word) => answerWords.some((answer) => answer.includes(word as never))).length /
        (words.length || 1),
    ),
    clipped: winners(precisionOf),
    brief: winners((words) => precisionOf(words) * brevityPenalty(words.length, 3)),
    longest: winners((words) => average(answers.map((answer) => rougeL(words.join(" "), answer).fMeasure))),
    bleu: winners((words) => sentenceBleu(words.join(" "), answers).score),
    best: Math.max(...utility),
  })).shows({
    "06/repairs-thin-them-out": every(
      ({ unclipped, clipped, brief, bleu }) =>
        unclipped.count > 2000 &&
        unclipped.count > clipped.count &&
        clipped.count > brief.count &&
        brief.count > bleu.count,
    ),
    "06/no-better-than-the-references": every(({ bleu, longest, best }) => Math.max(bleu.best, longest.best) < best),
    "06/a-piece-of-an-answer": every(
      ({ bleu }) => "not bad whale".includes(bleu.words) && bleu.words !== "not bad whale",
    ),
  }),

  experiment("a transformer paid by a score", {
    ...{ keys: 6, few: "transformer" },
    run: async (key) => ({
      precision: await taught(key, pays.precision),
      recall: await taught(key, pays.recall),
      longest: await taught(key, pays.longest),
      bleu: await taught(key, pays.bleu),
    }),
  }).shows({
    "06/precision-says-one-word": every(({ precision }) => precision.words < 1.5 && precision.precision > 0.95),
    "06/recall-talks-on": every(
      ({ recall }) => recall.words > 18 && recall.repeated > 0.5 && recall.recall > 0.8 && recall.recall < 1,
    ),
    "06/about-the-right-length": every(({ longest, bleu }) =>
      [longest, bleu].every(({ words }) => words > 6 && words < 12),
    ),
    "06/bleu-repeats-pieces": both(
      every(({ longest, bleu }) => bleu.repeated > longest.repeated),
      mean(({ bleu }) => bleu.repeated, { between: [0.2, 0.6] }),
    ),
    "06/hardly-ever-the-sentence": both(
      share((runs) => Object.values(runs).every((run) => run.said < 0.7), { above: 0.6 }),
      share((runs) => Object.values(runs).every((run) => run.said < 0.05), { above: 0.5 }),
    ),
    "06/each-by-its-own-score": both(
      every(({ longest, bleu }) => longest.longest > bleu.longest),
      share(({ longest, bleu }) => bleu.bleu > longest.bleu, { above: 0.5 }),
    ),
  }),

  exactly("several wishes at once", () => {
    const of = (weights: Record<string, number>) => {
      const logProbs = learn(composite(weights));
      return { utility: worth(logProbs), ends: exactExpectation(logProbs, parts.ending) };
    };
    const strengths = [0, 0.25, 0.5, 1, 2, 4];
    const grid = strengths.flatMap((topic) =>
      strengths.map((ending) => worth(learn(composite({ mood: 1, topic, ending })))),
    );
    const spread = (name: string, logProbs: ArrayLike<number>) =>
      Math.sqrt(covariance(parts[name], parts[name], logProbs));
    const far = learn(composite(three), 4);
    return {
      ...{ mood: of({ mood: 1 }), topic: of({ mood: 1, topic: 1 }), ending: of({ mood: 1, ending: 1 }) },
      ...{ three: of(three), variety: of({ ...three, variety: 4 }), length: of({ ...three, length: 0.1 }) },
      ...{ grid: Math.max(...grid), strong: worth(learn(composite({ mood: 1, topic: 4, ending: 4 }))) },
      ceiling: worth(learn(utility)),
      louder: { topic: spread("topic", ref) / spread("topic", far), mood: spread("mood", ref) / spread("mood", far) },
    };
  }).shows({
    "06/mood-alone-never-ends": every(({ mood }) => mood.ends < 0.5),
    "06/each-true-wish-helps": every(
      ({ mood, topic, ending, three }) =>
        Math.min(topic.utility, ending.utility) > mood.utility &&
        three.utility > Math.max(topic.utility, ending.utility),
    ),
    "06/variety-costs": every(({ three, variety }) => variety.utility < three.utility - 0.01),
    "06/length-undoes-the-ending": every(({ three, length }) => length.ends < three.ends - 0.2),
    "06/a-plateau-below": every(({ grid, strong, ceiling }) => ceiling - grid > 0.3 && grid - strong < 0.3),
    "06/topic-grows-loud": every(({ louder }) => louder.topic > 4 && louder.topic > 2 * louder.mood),
  }),

  experiment("equal weights, a batch of people's replies", {
    keys: 20,
    run: (key) => {
      const seen = categorical(key, ref, 256);
      const fair = Object.fromEntries(
        Object.entries(wishes).map(([name, part]) => {
          const moments = updateMoments(
            noMoments,
            Array.from(seen, (y) => part[y]),
          );
          return [name, normaliseBy(moments, part)];
        }),
      );
      return { asMeasured, fair: sayOf(fair) };
    },
  }).shows({
    "06/letters-decide": every(({ asMeasured, fair }) => asMeasured.shares[3] > 0.5 && Math.max(...fair.shares) < 0.45),
    "06/fair-units-are-worth-more": every(({ asMeasured, fair }) => fair.worth > asMeasured.worth),
  }),

  exactly("help for a ship", () => {
    const sizes = [0.01, 0.03, 0.06, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6];
    const of = (help: (size: number) => typeof mdp) =>
      sizes.map((size) => policyReturn(mdp, optimalPolicy(help(size)).policy));
    const scaled = (size: number) => nearness.map((phi) => size * phi);
    return {
      closer: of(closer),
      near: of((size) => withTransitionReward(mdp, (_s, _a, next) => size * nearness[next])),
      forgotten: of((size) => withTransitionReward(mdp, (state, _, next) => size * (nearness[next] - nearness[state]))),
      potential: of((size) => withPotential(mdp, scaled(size))),
      circling: policyReturn(mdp, optimalPolicy(closer(0.3)).policy),
      best,
    };
  }).shows({
    "06/closer-never-arrives": every(({ circling }) => circling === 0),
    "06/three-helps-drown-the-goal": every(({ closer, near, forgotten, potential, best }) => {
      const drowns = [closer, near, forgotten].every((worths) => worths[0] > best - 1e-9 && worths[9] === 0);
      return drowns && potential.every((value) => close(value, best));
    }),
    "06/harmless-while-small": every(({ forgotten, best }) => close(forgotten[6], best) && forgotten[7] === 0),
  }),

  experiment("ships that learn", {
    keys: 12,
    run: (key) => {
      const of = (world: typeof mdp) => [0.1, 0.5, 1].map((rate) => ship(key, world, rate));
      const after = (phi: ArrayLike<number>) => of(withPotential(mdp, phi)).map(arrives);
      const circling = of(closer(0.3)).map((curve) => curve[59]);
      return {
        ...{ sparse: of(mdp).map(arrives), circling, trueValues: after(potentials.trueValues) },
        ...{ crow: after(potentials.crow), stepsLeft: after(potentials.stepsLeft), raised: after(potentials.raised) },
      };
    },
  }).shows({
    "06/true-values-in-a-dozen": every(({ trueValues }) => trueValues.every((at) => at <= 15)),
    "06/a-guess-takes-longer": both(
      every(({ crow }) => crow[1] <= 60),
      mean(({ crow, trueValues }) => crow[1] - trueValues[1], { above: 5 }),
      mean(({ crow, sparse }) => sparse[1] - crow[1], { above: 100 }),
    ),
    "06/the-bonus-circles": every(({ circling }) => circling[1] === 0 && circling[2] === 0),
    "06/steps-left-finds-nothing": every(({ stepsLeft }) => stepsLeft.every((at) => at > 300)),
    "06/raised-by-one": every(({ raised }) => raised[1] <= 100),
    "06/sparse-has-begun": share(({ sparse }) => sparse[1] <= 300, { between: [0.25, 0.95] }),
  }),

  experiment("writers from people's replies", {
    keys: 10,
    run: (key) => {
      const of = (rewards: TokenRewards, credit: Credit) =>
        atRates(rates, (rate) => write(key, people, rewards, credit, rate));
      return {
        sparse: of(sparse, "whole"),
        soFar: of(shaped(soFar), "to go"),
        probability: of(shaped(probability.V), "to go"),
        ownProbability: of(shaped(probability.V), "own"),
        ownSoFar: of(shaped(soFar), "own"),
      };
    },
  }).shows({
    "06/the-same-curves": both(
      mean(({ sparse, soFar }) => soFar.one.over - sparse.one.over, { between: [-0.03, 0.03] }),
      mean(({ sparse, probability }) => probability.one.over - sparse.one.over, { between: [-0.03, 0.03] }),
    ),
    "06/own-step-is-slow-and-catches-up": both(
      mean(({ sparse, ownProbability }) => sparse.slow.over - ownProbability.slow.over, { above: 0.15 }),
      mean(({ sparse, ownProbability }) => sparse.thirty.over - ownProbability.thirty.over, { between: [-0.02, 0.02] }),
    ),
    "06/own-step-of-a-guess-dies": every(({ ownSoFar }) => Object.values(ownSoFar).every(({ end }) => end < 0.03)),
    "06/best-rates-are-alike": both(
      mean(({ sparse, soFar }) => soFar.thirty.over - sparse.thirty.over, { between: [-0.03, 0.03] }),
      mean(({ sparse, probability }) => probability.thirty.over - sparse.thirty.over, { between: [-0.03, 0.03] }),
    ),
  }),

  experiment("the loop of the exercise", {
    keys: 20,
    run: (key) => ({
      end: tinyEnd(key, atTheEnd, "to go"),
      way: tinyEnd(key, onTheWay, "to go"),
      own: [0.3, 1, 3].map((rate) => tinyEnd(key, onTheWay, "own", rate)),
      ownEnd: tinyEnd(key, atTheEnd, "own"),
    }),
  }).shows({
    "06/your-loop-learns": both(
      every(({ end }) => end > 1.9),
      share(({ way }) => way > 1.9, { above: 0.85 }),
    ),
    "06/short-sight-stays-below": both(
      every(({ ownEnd }) => ownEnd < 0.2),
      share(({ own }) => own[1] < 1.3, { between: [0.3, 0.8] }),
      share(({ own }) => own[0] < 1.7, { above: 0.95 }),
    ),
  }),

  exactly("how rare success is", () => ({
    people: probability.value,
    anything: exactPolicyGradient(treePolicy(short.tree, anything, shortRows), success).value,
    paying: average(success) * success.length,
  })).shows({
    "06/people-find-it-more-often": every(
      ({ people, anything, paying }) =>
        people / anything > 20 &&
        1 / anything > 780 &&
        1 / anything < 820 &&
        paying === 3 &&
        Math.round(1 / people) === 36,
    ),
  }),

  experiment("writers from uniform words", {
    keys: 40,
    run: (key) => {
      const far = { ten: 10, thirty: 30, hundred: 100 };
      const near = { three: 3, ten: 10, thirty: 30 };
      return {
        people: write(key, people, sparse, "whole", 30),
        sparse: atRates(far, (rate) => write(key, anything, sparse, "whole", rate)),
        soFar: atRates(near, (rate) => write(key, anything, shaped(soFar), "to go", rate)),
        graded: atRates(near, (rate) => write(key, anything, graded, "whole", rate)),
        settles: utilityAfter(key, anything, graded, 10),
      };
    },
  }).shows({
    "06/people-are-done-at-once": every(({ people }) => people.over > 0.9),
    "06/all-or-nothing": both(
      share(({ sparse }) => sparse.thirty.end > 0.9 || sparse.thirty.end < 0.01, { above: 0.9 }),
      share(({ sparse }) => sparse.thirty.end > 0.9, { between: [0.75, 1] }),
    ),
    "06/the-wait-does-not-look-at-the-rate": mean(({ sparse }) => sparse.hundred.over - sparse.ten.over, {
      between: [-0.01, 0.08],
    }),
    "06/a-potential-hardly-shortens-the-wait": mean(({ sparse, soFar }) => soFar.ten.over - sparse.thirty.over, {
      between: [-0.2, 0.2],
    }),
    "06/grades-lead-elsewhere": both(
      share(({ graded }) => Math.max(...Object.values(graded).map(({ end }) => end)) > 0.5, { between: [0, 0.4] }),
      mean(({ sparse, graded }) => sparse.thirty.end - graded.ten.end, { above: 0.4 }),
      share(({ settles }) => settles > 0.5 && settles < 2.6, { above: 0.6 }),
    ),
  }),

  exactly("five accounts of a reply", () => ({
    hard: accounts("not very bad whale"),
    wrong: accounts("bad not very good"),
  })).shows({
    "06/the-list-blames-bad": every(
      ({ hard }) => hard.list[2] === Math.min(...hard.list) && hard.people[2] === Math.max(...hard.people),
    ),
    "06/leaving-out-gives-nine": every(
      ({ hard }) => hard.worth === 3 && close(hard.left[0], 4) && close(sum(hard.left), 9),
    ),
    "06/credits-that-add-up": every(({ hard, wrong }) =>
      [hard, wrong].every(({ shapley, worth, silence }) => close(sum(shapley), worth - silence)),
    ),
    "06/nothing-to-thank-for": every(
      ({ hard, wrong }) => Math.max(...hard.trained.map(Math.abs)) < 0.6 && Math.min(...wrong.trained) < -2,
    ),
  }),

  exactly("perfect judges", () => ({
    none: endsWell(ref),
    hardest: well[indexOf("not very bad whale")],
    ...perfect,
    exact: [1, 2, 4, 8, 16].map((n) => byWay(exact, n)),
    ranks: rankings(exact),
    sixteen: byEnd(well, 16),
  })).shows({
    "06/one-of-six-ends-well": every(({ none }) => none > 0.16 && none < 0.19),
    "06/exact-chances-need-no-luck": every(({ exact, two, four }) => exact[1] > two + 0.2 && exact[2] > four + 0.3),
    "06/with-exact-chances-it-hardly-matters": every(({ ranks, sixteen }) =>
      [ranks.last, ranks.least, ranks.product].every((value) => value > sixteen - 0.02),
    ),
  }),

  experiment("judges learned from 1000 replies", { keys: 12, run: judges }).shows({
    "06/linear-cannot-read-it": every(({ linear }) => linear.hard < 0.3 && linear.plain > 0.5),
    "06/the-way-beats-a-perfect-end": both(
      every(({ linear }) => linear.two > perfect.two && linear.four > perfect.four),
      every((o) => calm(o).two > perfect.two && calm(o).four > perfect.four),
    ),
    "06/linear-falls-in-some": share(({ linear }) => linear.sixteen < linear.four - 0.1, { between: [0.1, 0.8] }),
    "06/transformer-reads-some-of-it": both(
      mean((o) => usual(o).hard - o.linear.hard, { above: 0.1 }),
      share((o) => usual(o).hard > 0.5, { between: [0.1, 0.6] }),
    ),
    "06/transformer-comes-near": both(
      every((o) => calm(o).sixteen > 0.85),
      mean((o) => calm(o).sixteen, { above: 0.93 }),
    ),
    "06/some-training-sets-fail-it": share((o) => usual(o).sixteen < 0.5, { between: [0.05, 0.5] }),
    "06/nearer-on-peoples-replies": mean((o) => calm(o).error - usual(o).error, { above: 0.003 }),
    "06/outcome-model-off-its-ground": share(({ outcome }) => outcome.way < 0.178, { between: [0.6, 0.99] }),
    "06/aggregates-matter": both(
      mean(({ linear }) => linear.last - linear.product, { above: 0.1 }),
      mean(({ linear }) => linear.last - linear.least, { between: [-0.1, 0.1] }),
    ),
  }),
];
