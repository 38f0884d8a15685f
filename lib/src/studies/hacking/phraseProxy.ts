import type { Matrix } from "ml-matrix";
import { exactExpectation } from "../../numerics/index.js";
import { categorical, type Key, randint, split } from "../../random/index.js";
import { type FeaturePairs, featurePairs, labelPairs, linearReward } from "../../rewards/index.js";
import { phraseTask } from "../../worlds/index.js";

/** The phrase task asked about the whale, and what a reward model sees of its replies. */
export interface ProxyWorld {
  /** Log-probabilities of the reference, [N]. */
  readonly logRef: Float64Array;
  /** True utility, [N], in nats. */
  readonly utility: Float64Array;
  /** What a reward model counts in each reply, [N][d]. */
  readonly features: readonly number[][];
  /** The same, as the list of what is counted, once for each time, [N]. */
  readonly entries: readonly (readonly number[])[];
  /** The replies, as tokens. */
  readonly replies: readonly (readonly number[])[];
}

/**
 * The world of lesson 11: replies of five words about the whale, and a reward model that counts words ("words", d = 7)
 * or also neighbours ("bigrams", d = 63: 7 words, and which of 7 follows the beginning or which of 7).
 */
export function proxyWorld(counts: "bigrams" | "words" = "bigrams"): ProxyWorld {
  const { tree, reference, utility, words } = phraseTask();
  const V = words.length;
  const width = counts === "words" ? V : V + (V + 1) * V;
  const entries = tree.sequences.map((reply) => {
    const neighbours = reply.map((word, t) => V + (t === 0 ? V : reply[t - 1]) * V + word);
    return counts === "words" ? reply : [...reply, ...neighbours];
  });
  const features = entries.map((own) => {
    const row = new Array<number>(width).fill(0);
    for (const j of own) row[j]++;
    return row;
  });
  return { logRef: reference[0], utility: utility[0], features, entries, replies: tree.sequences };
}

/** Comparisons of replies, by their numbers. */
export interface ReplyPairs {
  readonly chosen: Int32Array;
  readonly rejected: Int32Array;
}

/**
 * m comparisons: a reply of `logSampling` against one of `against` (log-probabilities [N]), answered by Bradley and
 * Terry's model of the true utility.
 */
export function compareReplies(
  key: Key,
  world: ProxyWorld,
  m: number,
  { logSampling = world.logRef, against = world.logRef }: { logSampling?: Float64Array; against?: Float64Array } = {},
): ReplyPairs {
  const [a, b, answer] = split(key, 3);
  const [first, second] = [categorical(a, logSampling, m), categorical(b, against, m)];
  const utilities = (ys: Int32Array) => Array.from(ys, (y) => world.utility[y]);
  const labels = labelPairs(answer, utilities(first), utilities(second));
  return {
    chosen: first.map((y, k) => (labels[k] === 1 ? y : second[k])),
    rejected: first.map((y, k) => (labels[k] === 1 ? second[k] : y)),
  };
}

/** Both lists of comparisons, one after the other. */
export function joinPairs(a: ReplyPairs, b: ReplyPairs): ReplyPairs {
  const join = (x: Int32Array, y: Int32Array) => Int32Array.from([...x, ...y]);
  return { chosen: join(a.chosen, b.chosen), rejected: join(a.rejected, b.rejected) };
}

/** As many comparisons, drawn from these with replacement: what a bootstrap's member learns from. */
export function resamplePairs(key: Key, { chosen, rejected }: ReplyPairs): ReplyPairs {
  const rows = randint(key, chosen.length, 0, chosen.length);
  return { chosen: rows.map((k) => chosen[k]), rejected: rows.map((k) => rejected[k]) };
}

/** A learned reward of all replies, 0 on average under the reference, and how sure it is of its weights. */
export interface LearnedReward {
  readonly reward: Float64Array;
  /** The most probable weights, [d]. */
  readonly theta: Float64Array;
  /** The posterior's precision, [d, d] (Laplace's approximation). */
  precision(): Matrix;
}

/** The linear reward that is most probable after the comparisons, if each weight is Normal(0, 1) before. */
export function learnReward(world: ProxyWorld, pairs: ReplyPairs): LearnedReward {
  const m = pairs.chosen.length;
  const rows = (ys: Int32Array) => Array.from(ys, (y) => world.features[y]);
  const data: FeaturePairs = featurePairs(rows(pairs.chosen), rows(pairs.rejected));
  const l2 = 1 / m; // of a mean: a prior of variance 1 for the sum
  const { theta } = linearReward.fit(data, { l2, tolerance: 1e-6 });
  const raw = new Float64Array(world.entries.length);
  for (let y = 0; y < raw.length; y++) for (const j of world.entries[y]) raw[y] += theta[j];
  const offset = exactExpectation(world.logRef, raw);
  return {
    reward: raw.map((r) => r - offset),
    theta,
    precision: () => linearReward.hessian(theta, data, { l2 }).mul(m),
  };
}
