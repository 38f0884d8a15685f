import { checkNumbers } from "../../core/checks.js";
import { exactExpectation, mean } from "../../numerics/index.js";
import { foldIn, type Key } from "../../random/index.js";
import {
  drawSequences,
  sequenceLogProbsOf,
  type TokenRewards,
  type TreePolicy,
  tokenLogitGradient,
} from "../../trees/index.js";

// A learner as plain as can be, to show what a form of reward does to learning (with mdp/qLearning); src/policy
// has those to train with.

export interface ReinforceGradientOptions {
  /** Sequences a step. */
  batch: number;
  /**
   * What a token is held responsible for: the rewards of the whole sequence, its own and later ones (reward to go), or
   * its own alone. The last one is biased: it is blind for what a token makes possible.
   */
  credit: "whole" | "to go" | "own";
  /** Subtract the batch's mean from the credits; default false. */
  baseline?: boolean;
}

export interface ReinforceCurveOptions extends ReinforceGradientOptions {
  steps: number;
  rate: number;
}

/**
 * REINFORCE with rewards of tokens on a tree (Williams 1992): each step draws a batch, adds rate times the mean of
 * sum_t credit_t grad log pi(y_t), and computes the exact expectation of `judge` [N] under the new policy. Returns that
 * curve [steps + 1], the first value before learning, and the final log-probabilities of sequences [N].
 */
export function reinforceCurve(
  key: Key,
  start: TreePolicy,
  tokenRewards: TokenRewards,
  judge: ArrayLike<number>,
  options: ReinforceCurveOptions,
): { curve: Float64Array; logProbs: Float64Array } {
  const { steps, rate } = options;
  const { tree } = start;
  checkNumbers("judge", judge, tree.sequences.length);
  const curve = new Float64Array(steps + 1);
  let policy = start;
  let logProbs = sequenceLogProbsOf(policy);
  curve[0] = exactExpectation(logProbs, judge);
  for (let step = 0; step < steps; step++) {
    const gradient = reinforceGradient(foldIn(key, step), policy, tokenRewards, options);
    const logits = policy.logits.slice();
    for (let i = 0; i < logits.length; i++) logits[i] += rate * gradient[i];
    policy = { ...policy, logits };
    logProbs = sequenceLogProbsOf(policy);
    curve[step + 1] = exactExpectation(logProbs, judge);
  }
  return { curve, logProbs };
}

/** One estimate of d E[sum of rewards] / d logits, [rows, V], from `batch` sequences of the policy. */
export function reinforceGradient(
  key: Key,
  policy: TreePolicy,
  tokenRewards: TokenRewards,
  { batch, credit, baseline = false }: ReinforceGradientOptions,
): Float64Array {
  checkNumbers("tokenRewards", tokenRewards, policy.tree.next.length);
  const { tokenIndices } = drawSequences(key, policy, batch);
  const credits = tokenIndices.map((list) => {
    const own = Array.from(list, (place) => tokenRewards[place]);
    const whole = own.reduce((a, b) => a + b, 0);
    let before = 0;
    return own.map((reward) => {
      const toGo = whole - before;
      before += reward;
      return credit === "whole" ? whole : credit === "to go" ? toGo : reward;
    });
  });
  const centre = baseline ? mean(credits.flat()) : 0;
  const slopes = credits.map((list) => list.map((own) => (own - centre) / batch));
  return tokenLogitGradient(policy, tokenIndices, slopes);
}
