import { checkPositive } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { exactEntropy, exactExpectation, exactKL, exactRegularisedOptimum, logSoftmax } from "../../numerics/index.js";
import { type SequenceTree, sequenceLogProbs } from "../../trees/index.js";

// Ways to explore, on a policy given by its next-token log-probabilities [P, V] row-major (as `nextTokenLogProbs` and
// `conditionalLogProbs` make them), and what they cost: all exactly, by enumeration.

/**
 * Every row softmax(log pi / temperature): above 1 flatter, below 1 sharper, as a sampler does token by token. The
 * distribution over replies is then not pi(y)^(1/temperature) / Z: each token looks at its own row only.
 * @throws ShapeError if the length is no multiple of V; DomainError unless temperature > 0
 */
export function temper(conditionals: ArrayLike<number>, vocabulary: number, temperature: number): Float64Array {
  checkPositive("temperature", temperature);
  return eachRow(conditionals, vocabulary, (row) => {
    // Taken off first, or a tiny temperature makes -Infinity of everything.
    const most = row.reduce((a, b) => Math.max(a, b));
    return logSoftmax(row.map((logp) => (logp - most) / temperature));
  });
}

/**
 * Nucleus sampling: of every row the most likely tokens, as few as it takes to reach probability p, at 1 / their
 * mass; -Infinity for the rest. Tokens as likely as the last one stay in. (Holtzman et al. 2019, arXiv:1904.09751.) The
 * same rule as `topP` of `generator`.
 * @throws ShapeError if the length is no multiple of V; DomainError unless p is in (0, 1]
 */
export function nucleus(conditionals: ArrayLike<number>, vocabulary: number, p: number): Float64Array {
  if (!(p > 0 && p <= 1)) throw new DomainError(complaint("p", "a probability in (0, 1]", p));
  return eachRow(conditionals, vocabulary, (row) => {
    if (p === 1) return row;
    const sorted = [...row].sort((a, b) => b - a);
    let mass = 0;
    let least = sorted[0];
    for (const logp of sorted) {
      if (mass >= p) break;
      least = logp;
      mass += Math.exp(logp);
    }
    return logSoftmax(row.map((logp) => (logp >= least ? logp : Number.NEGATIVE_INFINITY)));
  });
}

/** What a policy earns and how it spreads. */
export interface PolicyMeasures {
  /** E[reward]. */
  reward: number;
  /** The entropy of the reply, in nats. */
  entropy: number;
  /** KL(policy || reference) of the reply, in nats; Infinity where the policy writes what the reference cannot. */
  kl: number;
}

/**
 * Reward, entropy and KL to the reference [N] of a distribution over replies [N], exactly.
 * @throws ShapeError if lengths differ
 */
export function measureReplies(
  logProbs: ArrayLike<number>,
  reward: ArrayLike<number>,
  reference: ArrayLike<number>,
): PolicyMeasures {
  return {
    reward: exactExpectation(logProbs, reward),
    entropy: exactEntropy(logProbs),
    kl: exactKL(logProbs, reference),
  };
}

/** The same for a policy given by its next-token log-probabilities [P, V]. @throws ShapeError if lengths differ */
export function measurePolicy(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  reward: ArrayLike<number>,
  reference: ArrayLike<number>,
): PolicyMeasures {
  return measureReplies(sequenceLogProbs(tree, conditionals), reward, reference);
}

/**
 * The replies' log-probabilities [N] that maximise E[reward] + coefficient * entropy: proportional to
 * exp(reward / coefficient). Of all distributions with its entropy this one earns the most, so it is the yardstick for
 * every other way to explore.
 * @throws DomainError unless coefficient > 0
 */
export function entropyOptimum(reward: ArrayLike<number>, coefficient: number): Float64Array {
  const blank = new Float64Array(reward.length); // all replies alike: KL to it is a constant minus the entropy
  return exactRegularisedOptimum(blank, reward, coefficient).logProbs;
}

function eachRow(conditionals: ArrayLike<number>, V: number, fn: (row: number[]) => ArrayLike<number>): Float64Array {
  if (!(Number.isInteger(V) && V > 0) || conditionals.length % V !== 0) {
    throw new ShapeError(complaint("conditionals", `a multiple of ${V} numbers`, conditionals));
  }
  const out = new Float64Array(conditionals.length);
  for (let at = 0; at < out.length; at += V) {
    out.set(fn(Array.from({ length: V }, (_, v) => conditionals[at + v])), at);
  }
  return out;
}
