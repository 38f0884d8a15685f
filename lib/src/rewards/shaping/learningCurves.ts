import { checkNumbers } from "../../core/checks.js";
import { exactExpectation, mean } from "../../numerics/index.js";
import { foldIn, type Key, uniform } from "../../random/index.js";
import {
  nextTokenLogProbs,
  type PolicyRows,
  type SequenceTree,
  sequenceLogProbs,
  type TokenRewards,
} from "../../trees/index.js";

// A learner as plain as can be, to show what a form of reward does to learning (with mdp/qLearning); src/policy
// has those to train with.

export interface ReinforceCurveOptions {
  /** Where learning starts, [rows, V] row-major. */
  logits: ArrayLike<number>;
  /** Which row each prefix reads. */
  rows: PolicyRows;
  steps: number;
  /** Sequences a step. */
  batch: number;
  rate: number;
  /**
   * What a token is held responsible for: the rewards of the whole sequence, its own and later ones (reward to go), or
   * its own alone. The last one is biased: it is blind for what a token makes possible.
   */
  credit: "whole" | "to go" | "own";
  /** Subtract the batch's mean from the credits; default false. */
  baseline?: boolean;
}

/**
 * REINFORCE with rewards of tokens on a tree (Williams 1992): each step draws a batch, adds rate times the mean of
 * sum_t credit_t grad log pi(y_t), and computes the exact expectation of `judge` [N] under the new policy. Returns that
 * curve [steps + 1], the first value before learning, and the final log-probabilities of sequences [N].
 */
export function reinforceCurve(
  key: Key,
  tree: SequenceTree,
  tokenRewards: TokenRewards,
  judge: ArrayLike<number>,
  options: ReinforceCurveOptions,
): { curve: Float64Array; logProbs: Float64Array } {
  const { rows, steps, batch, rate, credit, baseline } = options;
  checkNumbers("tokenRewards", tokenRewards, tree.next.length);
  checkNumbers("judge", judge, tree.sequences.length);
  const logits = Float64Array.from(options.logits);
  const curve = new Float64Array(steps + 1);
  let conditionals = nextTokenLogProbs(tree, rows, logits);
  let logProbs = sequenceLogProbs(tree, conditionals);
  curve[0] = exactExpectation(logProbs, judge);
  for (let step = 0; step < steps; step++) {
    const gradient = reinforceGradient(foldIn(key, step), tree, tokenRewards, conditionals, {
      rows,
      size: logits.length,
      batch,
      credit,
      baseline,
    });
    for (let i = 0; i < logits.length; i++) logits[i] += rate * gradient[i];
    conditionals = nextTokenLogProbs(tree, rows, logits);
    logProbs = sequenceLogProbs(tree, conditionals);
    curve[step + 1] = exactExpectation(logProbs, judge);
  }
  return { curve, logProbs };
}

/**
 * One estimate of d E[sum of rewards] / d logits, [size], from `batch` sequences of the policy with
 * these conditionals [P, V].
 */
export function reinforceGradient(
  key: Key,
  tree: SequenceTree,
  tokenRewards: TokenRewards,
  conditionals: ArrayLike<number>,
  {
    rows,
    size,
    batch,
    credit,
    baseline = false,
  }: Pick<ReinforceCurveOptions, "rows" | "batch" | "credit" | "baseline"> & { size: number },
): Float64Array {
  const V = tree.vocabulary;
  const gradient = new Float64Array(size);
  const u = uniform(key, batch * tree.length);
  const drawn = Array.from({ length: batch }, (_, b) => {
    const places: number[] = [];
    for (let node = 0, t = 0; node >= 0; t++) {
      let rest = u[b * tree.length + t];
      let v = 0;
      for (; v < V - 1; v++) {
        rest -= Math.exp(conditionals[node * V + v]);
        if (rest < 0) break;
      }
      places.push(node * V + v);
      node = tree.next[node * V + v];
    }
    const own = places.map((place) => tokenRewards[place]);
    const whole = own.reduce((a, b) => a + b, 0);
    let before = 0;
    const credits = own.map((reward) => {
      const toGo = whole - before;
      before += reward;
      return credit === "whole" ? whole : credit === "to go" ? toGo : reward;
    });
    return { places, credits };
  });
  const centre = baseline ? mean(drawn.flatMap(({ credits }) => credits)) : 0;
  for (const { places, credits } of drawn) {
    places.forEach((place, t) => {
      const p = Math.floor(place / V);
      const weight = (credits[t] - centre) / batch;
      for (let v = 0; v < V; v++) gradient[rows[p] * V + v] -= weight * Math.exp(conditionals[p * V + v]);
      gradient[rows[p] * V + (place % V)] += weight;
    });
  }
  return gradient;
}
