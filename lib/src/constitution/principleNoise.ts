import { checkNumbers } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";
import { dot } from "../numerics/dot.js";
import { exactExpectation } from "../numerics/index.js";
import {
  exactPolicyGradient,
  nextTokenLogProbs,
  type SequenceTree,
  sequenceLogProbs,
  treePolicy,
} from "../trees/index.js";
import { checkScores, checkWeights, type Scores } from "./checkScores.js";
import { combine } from "./minNorm.js";

/** What each of k rewards tells the optimiser, and how noisily, from one drawn reply. */
export interface PrincipleGradients {
  /** Exact policy gradients, [k][D]. */
  gradients: Float64Array[];
  /** Traces of the covariances of the one-reply estimates, [k][k]: sum over coordinates of Cov(ghat_i, ghat_j). */
  covariance: Float64Array[];
}

/** A one-reply estimate of a gradient: how it scatters, beside what it says. */
export interface EstimateNoise {
  /** Trace of the covariance, E |estimate - mean|^2. */
  totalVariance: number;
  /** |mean|^2. */
  squaredNorm: number;
  /** Their ratio: so many replies make noise as long as signal. Infinity where the mean is 0. */
  noiseToSignal: number;
}

/**
 * Exact gradients and covariances of REINFORCE for several rewards at a tabular policy (every prefix has a row of its
 * own): from one reply y the estimate for reward i is (R_i(y) - E[R_i]) times the score. By enumeration:
 * tr Cov(ghat_i, ghat_j) = E[A_i A_j |score|^2] - g_i . g_j.
 * @param logits [P, V] row-major
 * @param rewards [k][N]
 * @throws ShapeError if lengths differ; DomainError if a number is not finite
 */
export function principleGradients(tree: SequenceTree, logits: ArrayLike<number>, rewards: Scores): PrincipleGradients {
  checkScores("rewards", rewards);
  checkNumbers("rewards[0]", rewards[0], tree.sequences.length);
  const V = tree.vocabulary;
  if (logits.length !== tree.prefixes.length * V) {
    throw new ShapeError(complaint("logits", `${tree.prefixes.length * V} numbers, tabular`, logits));
  }
  const policy = treePolicy(tree, logits);
  const conditionals = nextTokenLogProbs(policy);
  const logProbs = sequenceLogProbs(tree, conditionals);
  const lengths = squaredScores(tree, conditionals);
  const advantages = rewards.map((reward) => {
    const value = exactExpectation(logProbs, reward);
    return Float64Array.from(reward, (r) => r - value);
  });
  const gradients = rewards.map((reward) => exactPolicyGradient(policy, reward).gradient);
  const covariance = advantages.map((a, i) =>
    Float64Array.from(advantages, (b, j) => {
      const products = lengths.map((length, y) => a[y] * b[y] * length);
      return exactExpectation(logProbs, products) - dot(gradients[i], gradients[j]);
    }),
  );
  return { gradients, covariance };
}

/** |d log pi(y) / d logits|^2 of every reply, [N]: over its tokens, the sum of 1 - 2 pi(v) + sum_u pi(u)^2. */
function squaredScores(tree: SequenceTree, conditionals: Float64Array): Float64Array {
  const V = tree.vocabulary;
  const reached = new Float64Array(tree.prefixes.length);
  const out = new Float64Array(tree.sequences.length);
  for (let p = 0; p < tree.prefixes.length; p++) {
    let squares = 0;
    for (let v = 0; v < V; v++) squares += Math.exp(2 * conditionals[p * V + v]);
    for (let v = 0; v < V; v++) {
      const length = reached[p] + 1 - 2 * Math.exp(conditionals[p * V + v]) + squares;
      const child = tree.next[p * V + v];
      if (child >= 0) reached[child] = length;
      else out[-1 - child] = length;
    }
  }
  return out;
}

/**
 * The noise when one reply is judged by all principles, R = sum_i w_i R_i:
 * tr Cov = sum_ij w_i w_j tr Cov(ghat_i, ghat_j), around sum_i w_i g_i.
 * @throws ShapeError, DomainError unless there is a gradient, a row of covariances and a weight per principle
 */
export function sumNoise(moments: PrincipleGradients, weights: ArrayLike<number>): EstimateNoise {
  const D = checkMoments(moments, weights);
  const { gradients, covariance } = moments;
  const totalVariance = covariance.reduce((sum, row, i) => sum + weights[i] * dot(row, weights), 0);
  return noise(totalVariance, combine(gradients, weights, D));
}

/**
 * The noise when one principle, drawn with probability w_i, judges a reply (as Bai et al. 2022, arXiv:2212.08073, draw
 * one per comparison). By the law of total variance, around the same mean:
 * tr Cov = sum_i w_i tr Cov(ghat_i) + sum_i w_i |g_i - gbar|^2.
 * @throws as `sumNoise`; DomainError unless the weights add up to 1
 */
export function sampledPrincipleNoise(moments: PrincipleGradients, weights: ArrayLike<number>): EstimateNoise {
  const D = checkMoments(moments, weights);
  const total = Array.from(weights).reduce((a, b) => a + b, 0);
  if (!(Math.abs(total - 1) < 1e-9)) throw new DomainError(complaint("weights", "probabilities", weights));
  const { gradients, covariance } = moments;
  const mean = combine(gradients, weights, D);
  const totalVariance = gradients.reduce((sum, g, i) => {
    const apart = g.map((value, d) => value - mean[d]);
    return sum + weights[i] * (covariance[i][i] + dot(apart, apart));
  }, 0);
  return noise(totalVariance, mean);
}

function noise(totalVariance: number, mean: Float64Array): EstimateNoise {
  const squaredNorm = dot(mean, mean);
  return { totalVariance, squaredNorm, noiseToSignal: squaredNorm > 0 ? totalVariance / squaredNorm : Infinity };
}

function checkMoments({ gradients, covariance }: PrincipleGradients, weights: ArrayLike<number>): number {
  const D = checkScores("gradients", gradients);
  checkWeights(weights, gradients.length);
  if (covariance.length !== gradients.length) {
    throw new ShapeError(complaint("covariance", `${gradients.length} rows`, covariance));
  }
  covariance.forEach((row, i) => {
    checkNumbers(`covariance[${i}]`, row, gradients.length);
  });
  return D;
}
