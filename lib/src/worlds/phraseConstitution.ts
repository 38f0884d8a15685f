import { crossValidateShrinkage, shrunkReward } from "../constitution/index.js";
import { exactRegularisedObjective, exactRegularisedOptimum } from "../numerics/index.js";
import { categorical, type Key, normal, split } from "../random/index.js";
import { phraseContent } from "./phrasePrinciples.js";
import { type PhraseTask, phraseWords } from "./phrases.js";

const WORDS = phraseWords.length - 1;

/**
 * What a linear reward sees of a reply: how often each of the six words comes up, whether it ends, and how often each
 * of the 36 pairs of neighbours does; [N][43].
 */
export function phraseFeatures(task: PhraseTask): Float64Array[] {
  return task.tree.sequences.map((reply) => {
    const words = phraseContent(reply);
    const out = new Float64Array(WORDS + 1 + WORDS * WORDS);
    words.forEach((word, t) => {
      out[word - 1]++;
      if (t > 0) out[WORDS + 1 + (words[t - 1] - 1) * WORDS + word - 1]++;
    });
    out[WORDS] = words.length < reply.length ? 1 : 0;
    return out;
  });
}

/**
 * What a constitution says of the words, as weights of `phraseFeatures` [43]: +1 for good, the whale and an end, -1 for
 * bad and the sea. It knows neither "not" nor "very", and so is right about most replies, and wrong about some.
 */
export function phraseConstitution(): Float64Array {
  const out = new Float64Array(WORDS + 1 + WORDS * WORDS);
  for (const [word, value] of [
    ["good", 1],
    ["bad", -1],
    ["whale", 1],
    ["sea", -1],
  ] as const) {
    out[phraseWords.indexOf(word) - 1] = value;
  }
  out[WORDS] = 1;
  return out;
}

/** Replies with noisy labels. */
export interface LabelledReplies {
  /** Numbers in `task.tree.sequences`, [n]. */
  replies: Int32Array;
  /** True utility plus noise, [n]. */
  labels: Float64Array;
}

/** n replies of the reference (about the whale), each with a label: its true utility plus normal noise. */
export function labelReplies(key: Key, task: PhraseTask, n: number, noise: number): LabelledReplies {
  const [drawKey, noiseKey] = split(key);
  const replies = categorical(drawKey, task.reference[0], n);
  const errors = normal(noiseKey, n);
  return { replies, labels: Float64Array.from(replies, (y, i) => task.utility[0][y] + noise * errors[i]) };
}

export interface RegretOptions {
  features: readonly Float64Array[];
  prior: ArrayLike<number>;
  /** Weight of the constitution, 0 to Infinity. */
  weight: number;
  /** Price of a nat of KL. */
  beta: number;
}

/**
 * What a learned reward costs once it is optimised, in utility: J* - J(pi), J = E[utility] - beta KL to the reference,
 * pi the optimum for the reward that `shrunkReward` learns. Also that reward, [N].
 */
export function phraseRegret(
  task: PhraseTask,
  { replies, labels }: LabelledReplies,
  { features, prior, weight, beta }: RegretOptions,
): { regret: number; reward: Float64Array } {
  const theta = shrunkReward(
    Array.from(replies, (y) => features[y]),
    labels,
    prior,
    weight,
  );
  const reward = Float64Array.from(features, (row) => {
    let sum = 0;
    for (let j = 0; j < row.length; j++) sum += row[j] * theta[j];
    return sum;
  });
  const [logRef, utility] = [task.reference[0], task.utility[0]];
  const { logProbs } = exactRegularisedOptimum(logRef, reward, beta);
  const best = exactRegularisedOptimum(logRef, utility, beta).value;
  return { regret: best - exactRegularisedObjective(logProbs, logRef, utility, beta), reward };
}

/**
 * How lesson 12 weighs a constitution against labels: their deviation, the weights that are tried, the features, what
 * the constitution says of them, and the price of a nat.
 */
export function phraseConstitutionStudy(task: PhraseTask) {
  return {
    noise: 1.5,
    weights: [0.3, 1, 3, 10, 30, 100, 300, Number.POSITIVE_INFINITY],
    features: phraseFeatures(task),
    prior: phraseConstitution(),
    beta: 0.5,
  };
}

/** What one data set teaches at each weight of the constitution. */
export interface ConstitutionRun {
  /** Regret at each weight. */
  regrets: number[];
  /** The learned rewards, [weights][N]. */
  rewards: Float64Array[];
  /** The place of the weight that cross-validation on the labels picks. */
  chosen: number;
}

/** Labels n replies, learns a reward at each weight (`phraseRegret`), and lets 5-fold cross-validation pick one. */
export function constitutionRun(
  key: Key,
  task: PhraseTask,
  {
    n,
    noise,
    weights,
    ...options
  }: Omit<RegretOptions, "weight"> & { n: number; noise: number; weights: readonly number[] },
): ConstitutionRun {
  const [dataKey, foldKey] = split(key);
  const data = labelReplies(dataKey, task, n, noise);
  const learned = weights.map((weight) => phraseRegret(task, data, { ...options, weight }));
  const seen = Array.from(data.replies, (y) => options.features[y]);
  const errors = crossValidateShrinkage(foldKey, seen, data.labels, options.prior, { weights });
  const least = errors.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return {
    regrets: learned.map(({ regret }) => regret),
    rewards: learned.map(({ reward }) => reward),
    chosen: errors.indexOf(least),
  };
}
