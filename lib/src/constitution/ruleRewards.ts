import { checkCount, checkNumbers } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/** A better and a worse completion to one prompt: what the rules say of each, and what a reward model gives. */
export interface RulePair {
  /** Features of the rules, [K] each: "refuses", "leaks", ... */
  readonly better: ArrayLike<number>;
  readonly worse: ArrayLike<number>;
  /** Rewards to which the rules' are added; 0 by default. */
  readonly rewardBetter?: number;
  readonly rewardWorse?: number;
}

/**
 * The hinge loss of rule-based rewards R = RM + sum_k w_k phi_k, mean over pairs of max(0, margin + R(worse) -
 * R(better)), and its gradient in w, [K] (0 where a pair is told apart by the margin or more). Mu et al. 2024,
 * arXiv:2411.01111.
 * @throws ShapeError if a pair has not K features, DomainError without pairs, or for a negative margin
 * @example ruleHinge([1], [{ better: [1], worse: [0] }], { margin: 1 }).loss // 0
 */
export function ruleHinge(
  weights: ArrayLike<number>,
  pairs: readonly RulePair[],
  { margin = 1 }: { margin?: number } = {},
): { loss: number; gradient: Float64Array } {
  if (pairs.length === 0) throw new DomainError(complaint("pairs", "at least one", pairs));
  if (!(margin >= 0)) throw new DomainError(complaint("margin", "a number of at least 0", margin));
  const K = weights.length;
  const gradient = new Float64Array(K);
  let loss = 0;
  for (const { better, worse, rewardBetter = 0, rewardWorse = 0 } of pairs) {
    checkNumbers("better", better, K);
    checkNumbers("worse", worse, K);
    let short = margin + rewardWorse - rewardBetter;
    for (let k = 0; k < K; k++) short += weights[k] * (worse[k] - better[k]);
    if (short <= 0) continue;
    loss += short / pairs.length;
    for (let k = 0; k < K; k++) gradient[k] += (worse[k] - better[k]) / pairs.length;
  }
  return { loss, gradient };
}

/**
 * Fits the weights of rules by subgradient steps w <- w - rate / sqrt(step) gradient of `ruleHinge` plus an l2 penalty,
 * from 0; the mean of the second half of the steps is returned, [K]. The minimum is that of a linear program (an
 * oracle for tests: slack s_b >= margin - R difference, minimise its mean).
 * @throws DomainError as ruleHinge, and for steps that cannot be
 */
export function fitRuleWeights(
  pairs: readonly RulePair[],
  {
    margin = 1,
    steps = 2000,
    rate = 0.5,
    l2 = 0,
  }: { margin?: number; steps?: number; rate?: number; l2?: number } = {},
): Float64Array {
  checkCount("steps", steps, 2);
  if (pairs.length === 0) throw new DomainError(complaint("pairs", "at least one", pairs));
  const weights = new Float64Array(pairs[0].better.length);
  const average = new Float64Array(weights.length);
  const half = Math.floor(steps / 2);
  for (let step = 1; step <= steps; step++) {
    const { gradient } = ruleHinge(weights, pairs, { margin });
    for (let k = 0; k < weights.length; k++) {
      weights[k] -= (rate / Math.sqrt(step)) * (gradient[k] + l2 * weights[k]);
      if (step > half) average[k] += weights[k] / (steps - half);
    }
  }
  return average;
}
