import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { EnumeratedPolicy } from "./enumeratedPolicy.js";

/**
 * What is credited to the score of each token: the estimate from one reply y is
 *
 *   sum_t (return_t - baseline) d log pi(y_t | y_<t) / d logits.
 */
export interface Credit {
  /**
   * false, the default: return_t is the reward of the whole reply. true: of what comes from token t on (reward-to-go).
   */
  toGo?: boolean;
  /** What is subtracted, 0 by default: one number; or one per prefix [P], as the state-dependent `policy.valueToGo`. */
  baseline?: number | ArrayLike<number>;
  /**
   * One number per coordinate of the gradient, [D], on top of that: the estimate's coordinate i loses this
   * times the reply's score i.
   */
  coordinateBaseline?: ArrayLike<number>;
}

/**
 * Baselines that a batch makes for itself, for the reward of the whole reply: the mean of all its rewards, or for each
 * reply the mean of the others (Kool, van Hoof and Welling 2019).
 */
export type BatchBaseline = "batch mean" | "leave one out";

export interface BatchCredit extends Omit<Credit, "baseline"> {
  baseline?: Credit["baseline"] | BatchBaseline;
}

/**
 * REINFORCE's estimate of d E[reward] / d logits from a batch of replies, [D]: the mean over replies of what each of
 * them gives. `replies` are numbers in `policy.tree.sequences`, as `categorical(key, policy.logProbs, B)` draws them.
 *
 * Unbiased for replies from the policy, with every baseline that does not look at the reply's own tokens; "batch mean"
 * does, through the reply's own reward: its mean is (1 - 1/B) times the gradient. "leave one out" is that same estimate
 * times B / (B - 1), and is the sample covariance of reward and score. A batch of one has the batch mean estimate 0.
 * @throws DomainError for an empty batch, a reply that is not one, "leave one out" of a single reply, a batch's
 *   baseline with toGo; ShapeError if a baseline has another length than [P] or [D]
 */
export function estimateGradient(
  policy: EnumeratedPolicy,
  replies: ArrayLike<number>,
  credit: BatchCredit = {},
): Float64Array {
  const B = replies.length;
  if (B === 0) throw new DomainError(complaint("replies", "at least one", replies));
  const { baseline, ...rest } = credit;
  const out = new Float64Array(policy.logits.length);
  if (typeof baseline !== "string") {
    const each = { ...rest, baseline };
    checkCredit(policy, each);
    for (let b = 0; b < B; b++) addReplyGradient(policy, replies[b], each, 1 / B, out);
    return out;
  }
  checkBatchBaseline(baseline, B, rest);
  let sum = 0;
  for (let b = 0; b < B; b++) sum += policy.reward[checkReply(policy, replies[b])];
  for (let b = 0; b < B; b++) {
    const own = policy.reward[replies[b]];
    const mean = baseline === "batch mean" ? sum / B : (sum - own) / (B - 1);
    addReplyGradient(policy, replies[b], { ...rest, baseline: mean }, 1 / B, out);
  }
  return out;
}

/** d log pi(y) / d logits, [D]: the score of a whole reply. */
export function replyScore(policy: EnumeratedPolicy, reply: number): Float64Array {
  const out = new Float64Array(policy.logits.length);
  addScore(policy, checkReply(policy, reply), () => 1, 1, out);
  return out;
}

/** The estimate from one reply times `scale`, added to `out`. The credit has been checked. */
export function addReplyGradient(
  policy: EnumeratedPolicy,
  reply: number,
  credit: Credit,
  scale: number,
  out: Float64Array,
): void {
  const { toGo = false, baseline = 0, coordinateBaseline } = credit;
  const whole = policy.reward[checkReply(policy, reply)];
  const weight = (p: number) =>
    (toGo ? whole - policy.earned[p] : whole) - (typeof baseline === "number" ? baseline : baseline[p]);
  addScore(policy, reply, weight, scale, out, coordinateBaseline);
}

/**
 * Calls `visit` with every coordinate that a reply's estimate touches: the rows on its path. A row that it comes
 * by twice is visited twice.
 */
export function eachTouched(policy: EnumeratedPolicy, reply: number, visit: (at: number) => void): void {
  const V = policy.tree.vocabulary;
  const { length } = policy.tree.sequences[reply];
  for (let t = 0; t < length; t++) {
    const row = policy.contexts[policy.paths[reply * policy.tree.length + t]];
    for (let at = row * V; at < (row + 1) * V; at++) visit(at);
  }
}

/** scale * sum_t (weight(p_t) - coordinate) * score_t, added to `out`. */
export function addScore(
  policy: EnumeratedPolicy,
  reply: number,
  weight: (prefix: number) => number,
  scale: number,
  out: Float64Array,
  coordinate?: ArrayLike<number>,
): void {
  const { tree, contexts, probabilities, paths } = policy;
  const V = tree.vocabulary;
  const tokens = tree.sequences[reply];
  for (let t = 0; t < tokens.length; t++) {
    const p = paths[reply * tree.length + t];
    const credit = weight(p);
    for (let v = 0; v < V; v++) {
      const score = (v === tokens[t] ? 1 : 0) - probabilities[p * V + v];
      const at = contexts[p] * V + v;
      out[at] += scale * (coordinate === undefined ? credit : credit - coordinate[at]) * score;
    }
  }
}

/**
 * @throws ShapeError if a baseline has neither one number nor [P], or a coordinate's not [D]; DomainError if one is NaN
 */
export function checkCredit(policy: EnumeratedPolicy, { baseline = 0, coordinateBaseline }: Credit): void {
  const P = policy.tree.prefixes.length;
  if (typeof baseline === "number" ? !Number.isFinite(baseline) : Array.prototype.some.call(baseline, Number.isNaN)) {
    throw new DomainError(complaint("baseline", "finite numbers", baseline));
  }
  if (typeof baseline !== "number" && baseline.length !== P) {
    throw new ShapeError(complaint("baseline", `one number, or ${P}, one per prefix`, baseline));
  }
  if (coordinateBaseline !== undefined && coordinateBaseline.length !== policy.logits.length) {
    throw new ShapeError(complaint("coordinateBaseline", `${policy.logits.length} numbers`, coordinateBaseline));
  }
}

/** @throws DomainError if the baseline is unknown, has too few replies, or does not go with the rest of the credit */
export function checkBatchBaseline(baseline: BatchBaseline, B: number, credit: Credit): void {
  if (baseline !== "batch mean" && baseline !== "leave one out") {
    throw new DomainError(complaint("baseline", 'a number, numbers, "batch mean" or "leave one out"', baseline));
  }
  if (credit.toGo) {
    throw new DomainError(
      complaint("toGo", `false with the baseline "${baseline}"`, true, "It is a mean of whole rewards"),
    );
  }
  if (baseline === "leave one out" && B < 2) {
    throw new DomainError(complaint("replies", 'at least two for "leave one out"', B));
  }
}

function checkReply(policy: EnumeratedPolicy, reply: number): number {
  const N = policy.tree.sequences.length;
  if (!(Number.isInteger(reply) && reply >= 0 && reply < N)) {
    throw new DomainError(complaint("reply", `a number from 0 to ${N - 1}`, reply));
  }
  if (policy.logProbs[reply] === Number.NEGATIVE_INFINITY) {
    throw new DomainError(complaint("reply", "one that the policy can write", policy.tree.sequences[reply]));
  }
  return reply;
}
