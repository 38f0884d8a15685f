import { complaint, DomainError } from "../../core/index.js";
import { penalisedRewards } from "../../numerics/index.js";
import type { Key } from "../../random/index.js";
import {
  exactPolicyGradient,
  prefixLogitGradient,
  rowLogProbs,
  sequenceLogProbsOf,
  type TreePolicy,
} from "../../trees/index.js";
import {
  checkRate,
  type DrawnTokens,
  runTabular,
  type TabularOptions,
  type TabularRun,
  type TabularStep,
} from "./runTabular.js";

export interface TabularReinforceOptions extends Omit<TabularOptions, "batch"> {
  /** Sequences per step; "all" takes the exact gradient over every sequence instead. 16 by default. */
  batch?: number | "all";
  /** The logits move by this times the estimate; 1 by default. */
  rate?: number;
  /**
   * As `reinforce.estimateGradient` has it, and "running mean": of the rewards of earlier steps (Williams 1992).
   * "leave one out" by default.
   */
  baseline?: number | "batch mean" | "leave one out" | "running mean";
  /**
   * beta: each sequence's reward is lessened by beta log(pi(y) / ref(y)), so that E[reward] - beta KL(pi || ref)
   * is maximised. 0 by default.
   */
  beta?: number;
  /**
   * The entropy of the next token, at every prefix a sequence came by, is maximised along with the reward, with this
   * weight; 0 by default. As is usual, its effect on which prefixes are reached is left out.
   */
  entropyBonus?: number;
}

/**
 * REINFORCE on a table of logits, with fresh sequences in every step; measured by enumeration.
 * The key decides everything.
 * @throws ShapeError if a length does not fit; DomainError for an option that cannot be; DivergenceError naming the
 *   step if a logit is no longer finite
 */
export function trainTabularReinforce(key: Key, start: TreePolicy, options: TabularReinforceOptions): TabularRun {
  const { batch = 16, rate = 1, beta = 0 } = options;
  check(options);
  let running: number | undefined;
  const average = (rewards: ArrayLike<number>): number => {
    const now = sum(rewards) / rewards.length;
    const before = running ?? now;
    running = 0.9 * before + 0.1 * now;
    return before;
  };
  return runTabular(
    key,
    start,
    { ...options, batch: batch === "all" ? 1 : batch },
    (step) => {
      const { logits } = step.policy;
      const gradient = batch === "all" ? exactSlope(options, step) : estimatedSlope(options, step, beta, average);
      for (let d = 0; d < logits.length; d++) logits[d] += rate * gradient[d];
    },
    () => ({}),
  );
}

/** d (E[reward] - beta KL + entropyBonus * entropy) / d logits, over every sequence, [rows, V]. */
function exactSlope(options: TabularReinforceOptions, { policy, logRef }: TabularStep): Float64Array {
  const { reward, beta = 0, entropyBonus = 0 } = options;
  const shaped = penalisedRewards(reward, sequenceLogProbsOf(policy), logRef, beta);
  const { gradient, reach } = exactPolicyGradient(policy, shaped);
  if (entropyBonus === 0) return gradient;
  const calm = prefixLogitGradient(policy, entropySlopes(policy, reach));
  return gradient.map((g, d) => g + entropyBonus * calm[d]);
}

/**
 * The mean over the batch of credit * score, and of the entropy's slope.
 */
function estimatedSlope(
  { baseline, entropyBonus = 0 }: TabularReinforceOptions,
  { policy, draw }: TabularStep,
  beta: number,
  average: (rewards: ArrayLike<number>) => number,
): Float64Array {
  const V = policy.tree.vocabulary;
  const drawn = draw();
  const rewards = paidRewards(drawn, beta);
  const credit = credits(baseline, rewards, average(rewards));
  const slopes = new Float64Array(policy.contexts.length * V);
  const visits = new Float64Array(policy.contexts.length);
  for (let b = 0; b < rewards.length; b++) {
    for (let i = drawn.starts[b]; i < drawn.starts[b + 1]; i++) {
      slopes[drawn.tokenIndices[i]] += credit[b] / rewards.length;
      visits[Math.floor(drawn.tokenIndices[i] / V)] += 1 / rewards.length;
    }
  }
  if (entropyBonus > 0) {
    entropySlopes(policy, visits).forEach((slope, at) => {
      slopes[at] += entropyBonus * slope;
    });
  }
  return prefixLogitGradient(policy, slopes);
}

/** What each sequence is paid: its reward less the penalty, [B]. */
function paidRewards({ starts, reward, logp, logpRef }: DrawnTokens, beta: number): Float64Array {
  const paid = penalisedRewards(reward, logp, logpRef, beta);
  return Float64Array.from({ length: starts.length - 1 }, (_, b) => sum(paid.subarray(starts[b], starts[b + 1])));
}

/** What each sequence is credited with: its reward less the baseline. `average` is that of earlier steps. */
function credits(
  baseline: TabularReinforceOptions["baseline"] = "leave one out",
  rewards: Float64Array,
  average: number,
): Float64Array {
  const total = sum(rewards);
  return rewards.map((own) => {
    if (typeof baseline === "number") return own - baseline;
    if (baseline === "batch mean") return own - total / rewards.length;
    if (baseline === "leave one out") return own - (total - own) / (rewards.length - 1);
    return own - average;
  });
}

/**
 * Slopes [P, V] for `prefixLogitGradient` of sum over p of weight(p) H(pi(. | p)): -weight pi log pi, whose score is
 * that of the entropy, d H / d logit(v) = -pi(v) (log pi(v) + H).
 */
function entropySlopes(policy: TreePolicy, weights: Float64Array): Float64Array {
  const V = policy.tree.vocabulary;
  const logProbs = rowLogProbs(policy);
  const out = new Float64Array(weights.length * V);
  weights.forEach((weight, p) => {
    if (weight === 0) return;
    logProbs(p).forEach((log, v) => {
      if (log > Number.NEGATIVE_INFINITY) out[p * V + v] = -weight * Math.exp(log) * log;
    });
  });
  return out;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

function check({ batch = 16, baseline = "leave one out", rate = 1, entropyBonus = 0 }: TabularReinforceOptions): void {
  if (batch !== "all" && !(Number.isInteger(batch) && batch >= 1)) {
    throw new DomainError(complaint("batch", 'a whole number of at least 1, or "all"', batch));
  }
  if (baseline === "leave one out" && batch !== "all" && batch < 2) {
    throw new DomainError(complaint("batch", 'at least two for "leave one out"', batch));
  }
  checkRate("rate", rate);
  if (!(entropyBonus >= 0)) throw new DomainError(complaint("entropyBonus", "a number of at least 0", entropyBonus));
}
