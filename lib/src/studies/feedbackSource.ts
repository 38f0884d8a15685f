import { complaint, DomainError } from "../core/index.js";
import { exactExpectation, exactRegularisedOptimum, sigmoid } from "../numerics/index.js";
import { betaForKl } from "../policy/index.js";
import { categorical, type Key, split, uniform } from "../random/index.js";
import { featurePairs, linearReward } from "../rewards/index.js";
import { type PhraseTask, phraseWords } from "../worlds/index.js";

/** Who answers: how likely the first of two replies is preferred, by their numbers in the phrase task. */
export type PairLabeler = (first: number, second: number) => number;

/**
 * People and a model as labelers of the phrase task's replies about the whale, right about equally often: people know
 * the true utility and answer by chance (Bradley and Terry at temperature 1.5, one answer in ten reversed); the
 * model answers at temperature 1 and sees good words minus bad ones, topic and ending, but no "not" and no wear.
 */
export function feedbackLabelers(task: PhraseTask): { readonly people: PairLabeler; readonly model: PairLabeler } {
  const utility = task.utility[0];
  // The parts of the utility that the model sees, with the lexicon in the mood's place.
  const seen = Float64Array.from(task.tree.sequences, (reply, y) => {
    const topic = (reply.includes(5) ? 1 : 0) - (reply.includes(6) ? 1 : 0);
    return task.lexicon[y] + topic - (reply.at(-1) === 0 ? 0 : 1);
  });
  return {
    people: (a, b) => 0.1 + 0.8 * sigmoid((utility[a] - utility[b]) / 1.5),
    model: (a, b) => sigmoid(seen[a] - seen[b]),
  };
}

/**
 * How often a labeler's answer is the better of two replies from the reference, exactly but for `pairs` drawn ones
 * (pairs of equal utility count not).
 */
export function labelerAccuracy(key: Key, task: PhraseTask, labeler: PairLabeler, pairs = 20_000): number {
  const [a, b] = split(key).map((k) => categorical(k, task.reference[0], pairs));
  let [right, all] = [0, 0];
  for (let i = 0; i < pairs; i++) {
    const difference = task.utility[0][a[i]] - task.utility[0][b[i]];
    if (difference === 0) continue;
    const p = labeler(a[i], b[i]);
    right += difference > 0 ? p : 1 - p;
    all++;
  }
  return right / all;
}

/** What the reward sees of a reply: counts of the seven words and of the 36 pairs of neighbours among six, [43]. */
export function phraseCounts(reply: readonly number[]): Float64Array {
  const V = phraseWords.length;
  const counts = new Float64Array(V + (V - 1) ** 2);
  reply.forEach((word, t) => {
    counts[word]++;
    const next = reply[t + 1];
    if (word > 0 && next > 0) counts[V + (word - 1) * (V - 1) + next - 1]++;
  });
  return counts;
}

export interface FeedbackOptions {
  /** Numbers of comparisons to learn from, ascending: each set begins with the smaller ones. */
  readonly sizes: readonly number[];
  /** Of the policy that is paid by the learned reward, from the reference, in nats; 2 by default. */
  readonly kl?: number;
}

/**
 * The true utility of the policy that a labeler's comparisons lead to: pairs of replies from the reference, a linear
 * reward of `phraseCounts` (penalty 1 / n), and the policy that is best for it at a fixed KL. One number for each size.
 * @throws DomainError without sizes, or for sizes that cannot be
 */
export function utilityFromFeedback(
  key: Key,
  task: PhraseTask,
  labeler: PairLabeler,
  options: FeedbackOptions,
): number[] {
  const { sizes, kl = 2 } = options;
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  if (sizes.length === 0 || !sizes.every((n) => Number.isInteger(n) && n >= 1)) {
    throw new DomainError(complaint("sizes", "whole numbers of at least 1", sizes));
  }
  const [aKey, bKey, answerKey] = split(key, 3);
  const [a, b] = [aKey, bKey].map((k) => categorical(k, task.reference[0], most));
  const luck = uniform(answerKey, most);
  const won = Uint8Array.from(luck, (u, i) => Number(u < labeler(a[i], b[i])));
  const counts = task.tree.sequences.map(phraseCounts);
  const flat = Float64Array.from(counts.flatMap((row) => Array.from(row)));
  return sizes.map((n) => {
    const of = (wanted: 0 | 1) =>
      Array.from({ length: n }, (_, i) => counts[(won[i] === 1) === (wanted === 1) ? a[i] : b[i]]);
    const { theta } = linearReward.fit(featurePairs(of(1), of(0)), { l2: 1 / n, method: "lbfgs", tolerance: 1e-5 });
    return utilityAtKl(task, linearReward.rewards(theta, flat), kl);
  });
}

/** The true utility of the policy that is best for a reward at a KL from the reference, in nats. */
export function utilityAtKl(task: PhraseTask, reward: ArrayLike<number>, kl: number): number {
  const reference = task.reference[0];
  const { logProbs } = exactRegularisedOptimum(reference, reward, betaForKl(reference, reward, kl));
  return exactExpectation(logProbs, task.utility[0]);
}
