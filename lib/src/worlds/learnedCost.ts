import { chargedOptimum, constraintMultiplier } from "../constitution/index.js";
import { checkCount, checkNonNegative, checkShare } from "../core/checks.js";
import { dot } from "../numerics/dot.js";
import { exactExpectation, sigmoid } from "../numerics/index.js";
import { categorical, type Key, split, uniform } from "../random/index.js";
import { featurePairs, linearReward, posteriorSd } from "../rewards/index.js";
import { type PhraseTask, phraseWords } from "./phrases.js";

const word = (name: (typeof phraseWords)[number]) => phraseWords.indexOf(name);

/** 1 for replies in which "good" follows on "very": the harm that somebody wants rare, [N]. */
export function phraseHarm({ tree }: PhraseTask): Float64Array {
  return Float64Array.from(tree.sequences, (reply) =>
    reply.some((token, t) => token === word("good") && reply[t - 1] === word("very")) ? 1 : 0,
  );
}

/** How often "very" occurs in each reply: flattery, [N]. */
export function phraseFlattery({ tree }: PhraseTask): Float64Array {
  return Float64Array.from(tree.sequences, (reply) => reply.filter((token) => token === word("very")).length);
}

/** What a model of harm sees of a reply: how often each word is there, or each pair of neighbours as well. */
export type HarmFeatures = "words" | "pairs";

export interface LearnedCostOptions {
  /** Replies of the reference that somebody labels as harmful or not. */
  labels: number;
  features: HarmFeatures;
  /** Share of labels that are turned round; 0 by default. */
  flipped?: number;
  /** So many standard deviations are added to the modelled log-odds of harm; 0 by default. */
  pessimism?: number;
  /** The most that the *modelled* harm may be on average, and the price of KL; 0.15 and 0.3 by default. */
  limit?: number;
  beta?: number;
}

/** A model of harm, [N] each: the log-odds and their standard deviation, and the cost that a policy is held to. */
export interface HarmModel {
  logOdds: Float64Array;
  deviation: Float64Array;
  cost: Float64Array;
}

/**
 * Logistic regression for harm on replies of the reference to the task's first prompt, with a weak prior (standard
 * deviation 3.16 for each weight), and Laplace's standard deviations.
 * @throws DomainError unless labels is a count, flipped a share and pessimism at least 0
 */
export function fitHarmModel(
  key: Key,
  task: PhraseTask,
  { labels, features, flipped = 0, pessimism = 0 }: LearnedCostOptions,
): HarmModel {
  checkCount("labels", labels);
  checkShare("flipped", flipped);
  checkNonNegative("pessimism", pessimism);
  const [replyKey, flipKey] = split(key);
  const seen = harmFeatures(task, features);
  const harm = phraseHarm(task);
  const luck = uniform(flipKey, labels);
  const rows = Array.from(categorical(replyKey, task.reference[0], labels));
  // A label is a comparison with a reply of no features: harmful wins, harmless loses.
  const nothing = new Float64Array(seen[0].length);
  const isHarm = rows.map((y, k) => (luck[k] < flipped ? 1 - harm[y] : harm[y]) === 1);
  const pairs = featurePairs(
    rows.map((y, k) => (isHarm[k] ? seen[y] : nothing)),
    rows.map((y, k) => (isHarm[k] ? nothing : seen[y])),
  );
  const l2 = 0.1 / labels; // of the mean loss
  const { theta } = linearReward.fit(pairs, { l2 });
  const bend = linearReward.hessian(theta, pairs, { l2 });
  const logOdds = Float64Array.from(seen, (row) => dot(theta, row));
  const deviation = posteriorSd(seen, bend.mul(labels));
  return { logOdds, deviation, cost: logOdds.map((z, y) => sigmoid(z + pessimism * deviation[y])) };
}

/**
 * The best policy under a limit on modelled harm, and what it does: `modelled` is on the limit, `harm` is true, both
 * exact.
 * @throws as `fitHarmModel` and `constraintMultiplier`
 */
export function learnedCostTrial(
  key: Key,
  task: PhraseTask,
  options: LearnedCostOptions,
): { modelled: number; harm: number; utility: number } {
  const { limit = 0.15, beta = 0.3 } = options;
  const { cost } = fitHarmModel(key, task, options);
  const problem = { logRef: task.reference[0], reward: task.utility[0], cost, beta, limit };
  const { logProbs } = chargedOptimum(problem, constraintMultiplier(problem));
  return {
    modelled: exactExpectation(logProbs, cost),
    harm: exactExpectation(logProbs, phraseHarm(task)),
    utility: exactExpectation(logProbs, task.utility[0]),
  };
}

/** [N][d]: 1, then how often each word occurs, then each pair of neighbours. */
function harmFeatures({ tree }: PhraseTask, kind: HarmFeatures): Float64Array[] {
  const V = phraseWords.length;
  return tree.sequences.map((reply) => {
    const row = new Float64Array(kind === "words" ? 1 + V : 1 + V + V * V);
    row[0] = 1;
    reply.forEach((token, t) => {
      row[1 + token]++;
      if (kind === "pairs" && t > 0) row[1 + V + reply[t - 1] * V + token]++;
    });
    return row;
  });
}
