import { complaint, DivergenceError, DomainError, ShapeError } from "../../core/index.js";
import { exactExpectation } from "../../numerics/index.js";
import { reinforce } from "../../policy/index.js";
import { foldIn, type Key, uniform } from "../../random/index.js";
import {
  conditionalLogProbs,
  exactPolicyGradient,
  nextTokenLogProbs,
  type PolicyRows,
  type SequenceTree,
  sequenceLogProbs,
} from "../../trees/index.js";
import { type TabularWatch, tabularLoop } from "./tabularLoop.js";

export interface TabularReinforceOptions extends TabularWatch<TabularRecord> {
  tree: SequenceTree;
  rows: PolicyRows;
  /** Where to begin, [rows, V] row-major. It is not changed. */
  logits: ArrayLike<number>;
  /** The reward that is learned from, one number per reply, [N]. */
  reward: ArrayLike<number>;
  /** log-probability of each reply under the reference, [N], for the KL; where training begins, when left out. */
  reference?: ArrayLike<number>;
  /** The true utility, [N], only measured; the reward itself when left out. */
  trueReward?: ArrayLike<number>;
  steps: number;
  /** Replies per step; "all" takes the exact gradient over every reply instead. 16 by default. */
  batch?: number | "all";
  /** The logits move by this times the estimate; 1 by default. */
  learningRate?: number;
  /**
   * As `reinforce.estimateGradient` has it, and "running mean": of the rewards of earlier steps (Williams 1992).
   * "leave one out" by default.
   */
  baseline?: number | "batch mean" | "leave one out" | "running mean";
  /**
   * beta: each reply's reward is lessened by beta log(pi(y) / ref(y)), so that E[reward] - beta KL(pi || ref)
   * is climbed. 0 by default.
   */
  beta?: number;
  /**
   * The entropy of the next token, at every prefix a reply came by, is climbed along with the reward, with this weight;
   * 0 by default. As is usual, its effect on which prefixes are reached is left out.
   */
  entropyBonus?: number;
}

/** Exact figures of the policy after so many steps. */
export interface TabularRecord {
  step: number;
  /** E[reward], without the penalty. */
  reward: number;
  /** E[true reward]. */
  trueReward: number;
  /** Of the reply, in nats: of the whole reply, where a sample's is per token. */
  entropy: number;
  /** KL(pi || ref), in nats per reply. */
  referenceKl: number;
}

/**
 * REINFORCE on a table of logits, with fresh replies in every step; measured by enumeration.
 * The key decides everything.
 * @throws ShapeError if a length does not fit; DomainError for an option that cannot be; DivergenceError naming the
 *   step if a logit is no longer finite
 */
export function trainTabularReinforce(
  key: Key,
  options: TabularReinforceOptions,
): { logits: Float64Array; history: TabularRecord[] } {
  const { tree, rows, reward, batch = 16, learningRate = 1, beta = 0, trueReward = reward } = options;
  check(options);
  const logits = Float64Array.from(options.logits);
  const reference = options.reference ?? sequenceLogProbs(tree, nextTokenLogProbs(tree, rows, logits));
  // The reference's next-token log-probabilities are only needed along the replies that are drawn.
  const anchor = beta > 0 ? conditionalLogProbs(tree, reference) : undefined;
  let running: number | undefined;
  const history = tabularLoop<TabularRecord>(options, {
    advance(step) {
      if (batch === "all") {
        const gradient = exactSlope(options, logits, reference);
        for (let d = 0; d < logits.length; d++) logits[d] += learningRate * gradient[d];
      } else {
        const replies = drawReplies(foldIn(key, step), tree, rows, logits, batch, anchor);
        const rewards = replies.map(({ reply, logRatio }) => reward[reply] - beta * logRatio);
        const sum = rewards.reduce((a, b) => a + b, 0);
        const average = running ?? sum / batch;
        running = 0.9 * average + (0.1 * sum) / batch;
        const slope = estimatedSlope(options, replies, credits(options.baseline, rewards, average));
        for (const [at, push] of slope) logits[at] += learningRate * push;
      }
      if (!logits.every(Number.isFinite)) {
        throw new DivergenceError(`logits: NaN or Infinity at step ${step}. Take a smaller learning rate.`);
      }
    },
    measure(step) {
      const logProbs = sequenceLogProbs(tree, nextTokenLogProbs(tree, rows, logits));
      const { reward: mean, entropy, kl } = reinforce.measureReplies(logProbs, reward, reference);
      return { step, reward: mean, trueReward: exactExpectation(logProbs, trueReward), entropy, referenceKl: kl };
    },
  });
  return { logits, history };
}

/** d (E[reward] - beta KL + entropyBonus * entropy) / d logits, over every reply, [rows, V]. */
function exactSlope(
  options: TabularReinforceOptions,
  logits: Float64Array,
  reference: ArrayLike<number>,
): Float64Array {
  const { tree, rows, reward, beta = 0, entropyBonus = 0 } = options;
  const V = tree.vocabulary;
  const logProbs = sequenceLogProbs(tree, nextTokenLogProbs(tree, rows, logits));
  const shaped = Float64Array.from(reward, (r, n) => (beta > 0 ? r - beta * (logProbs[n] - reference[n]) : r));
  const { gradient, reach } = exactPolicyGradient(tree, rows, logits, shaped);
  if (entropyBonus > 0) {
    tree.prefixes.forEach((_, p) => {
      if (reach[p] > 0) addEntropySlope(logits, rows[p] * V, V, entropyBonus * reach[p], gradient);
    });
  }
  return gradient;
}

/** What each reply is credited with: its reward less the baseline. `average` is that of earlier steps. */
function credits(
  baseline: TabularReinforceOptions["baseline"] = "leave one out",
  rewards: readonly number[],
  average: number,
): number[] {
  const sum = rewards.reduce((a, b) => a + b, 0);
  return rewards.map((own) => {
    if (typeof baseline === "number") return own - baseline;
    if (baseline === "batch mean") return own - sum / rewards.length;
    if (baseline === "leave one out") return own - (sum - own) / (rewards.length - 1);
    return own - average;
  });
}

/**
 * The mean over replies of credit * score, and of the entropy's slope; only the coordinates of rows that were visited.
 */
function estimatedSlope(
  { tree, rows, entropyBonus = 0 }: TabularReinforceOptions,
  replies: readonly Drawn[],
  credit: readonly number[],
): Map<number, number> {
  const V = tree.vocabulary;
  const slope = new Map<number, number>();
  replies.forEach(({ path, tokens, probabilities }, b) => {
    path.forEach((p, t) => {
      const row = probabilities[t];
      const entropy = row.reduce((h, q) => (q > 0 ? h - q * Math.log(q) : h), 0);
      for (let v = 0; v < V; v++) {
        const at = rows[p] * V + v;
        const calm = entropyBonus > 0 && row[v] > 0 ? -entropyBonus * row[v] * (Math.log(row[v]) + entropy) : 0;
        const push = credit[b] * ((v === tokens[t] ? 1 : 0) - row[v]) + calm;
        slope.set(at, (slope.get(at) ?? 0) + push / replies.length);
      }
    });
  });
  return slope;
}

interface Drawn {
  /** Its number in tree.sequences. */
  reply: number;
  path: number[];
  tokens: number[];
  /** pi(. | prefix) at each step. */
  probabilities: number[][];
  /** log pi(y) - log ref(y); 0 without an anchor. */
  logRatio: number;
}

/** Walks down the tree, token by token: only the rows that are visited are looked at. */
function drawReplies(
  key: Key,
  tree: SequenceTree,
  rows: PolicyRows,
  logits: Float64Array,
  batch: number,
  anchor: Float64Array | undefined,
): Drawn[] {
  const V = tree.vocabulary;
  const noise = uniform(key, batch * tree.length);
  return Array.from({ length: batch }, (_, b) => {
    const drawn: Drawn = { reply: -1, path: [], tokens: [], probabilities: [], logRatio: 0 };
    let p = 0;
    for (let t = 0; p >= 0; t++) {
      const row = probabilitiesOf(logits, rows[p] * V, V);
      let token = 0;
      let rest = noise[b * tree.length + t] - row[0];
      while (rest >= 0 && token < V - 1) rest -= row[++token];
      while (row[token] === 0) token--; // rounding at the end of the row
      drawn.path.push(p);
      drawn.tokens.push(token);
      drawn.probabilities.push(row);
      if (anchor !== undefined) drawn.logRatio += Math.log(row[token]) - anchor[p * V + token];
      p = tree.next[p * V + token];
    }
    drawn.reply = -1 - p;
    return drawn;
  });
}

function probabilitiesOf(logits: Float64Array, from: number, V: number): number[] {
  let most = Number.NEGATIVE_INFINITY;
  for (let v = 0; v < V; v++) most = Math.max(most, logits[from + v]);
  const row = new Array<number>(V);
  let sum = 0;
  for (let v = 0; v < V; v++) {
    row[v] = Math.exp(logits[from + v] - most);
    sum += row[v];
  }
  for (let v = 0; v < V; v++) row[v] /= sum;
  return row;
}

function addEntropySlope(logits: Float64Array, from: number, V: number, scale: number, out: Float64Array): void {
  const slope = reinforce.softmaxEntropyGradient(logits.subarray(from, from + V));
  for (let v = 0; v < V; v++) out[from + v] += scale * slope[v];
}

function check(options: TabularReinforceOptions): void {
  const { tree, reward, trueReward, reference, batch = 16, learningRate = 1 } = options;
  const { baseline = "leave one out", beta = 0, entropyBonus = 0 } = options;
  for (const [name, list] of Object.entries({ reward, trueReward, reference })) {
    if (list !== undefined && list.length !== tree.sequences.length) {
      throw new ShapeError(complaint(name, `${tree.sequences.length} numbers, one per reply`, list));
    }
  }
  if (batch !== "all" && !(Number.isInteger(batch) && batch >= 1)) {
    throw new DomainError(complaint("batch", 'a whole number of at least 1, or "all"', batch));
  }
  if (baseline === "leave one out" && batch !== "all" && batch < 2) {
    throw new DomainError(complaint("batch", 'at least two for "leave one out"', batch));
  }
  if (!(learningRate > 0)) throw new DomainError(complaint("learningRate", "a positive number", learningRate));
  for (const [name, weight] of Object.entries({ beta, entropyBonus })) {
    if (!(weight >= 0)) throw new DomainError(complaint(name, "a number of at least 0", weight));
  }
  if (!Array.prototype.every.call(options.logits, Number.isFinite)) {
    throw new DomainError(complaint("logits", "finite numbers", options.logits));
  }
}
