import { complaint, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import type { SequenceTree } from "./sequenceTree.js";

/** log pi(y) of every finished sequence, [N]: the sum of its tokens' conditional log-probabilities [P, V]. */
export function sequenceLogProbs(tree: SequenceTree, conditionals: ArrayLike<number>): Float64Array {
  const V = tree.vocabulary;
  checkLength("conditionals", tree.prefixes.length * V, conditionals);
  const reached = new Float64Array(tree.prefixes.length);
  const out = new Float64Array(tree.sequences.length);
  for (let p = 0; p < tree.prefixes.length; p++) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      const logProb = reached[p] + conditionals[p * V + v];
      if (child >= 0) reached[child] = logProb;
      else out[-1 - child] = logProb;
    }
  }
  return out;
}

/**
 * The inverse of `sequenceLogProbs`: the conditional log-probabilities [P, V] of a distribution over sequences, given
 * by its log-probabilities [N]. They are the logits of the tabular policy that writes this distribution.
 * A prefix that is never reached gets uniform conditionals.
 */
export function conditionalLogProbs(tree: SequenceTree, logProbs: ArrayLike<number>): Float64Array {
  const V = tree.vocabulary;
  checkLength("logProbs", tree.sequences.length, logProbs);
  const mass = new Float64Array(tree.prefixes.length);
  const out = new Float64Array(tree.prefixes.length * V);
  for (let p = tree.prefixes.length - 1; p >= 0; p--) {
    const row = Array.from({ length: V }, (_, v) => {
      const child = tree.next[p * V + v];
      return child >= 0 ? mass[child] : logProbs[-1 - child];
    });
    mass[p] = logSumExp(row);
    for (let v = 0; v < V; v++) out[p * V + v] = mass[p] === Number.NEGATIVE_INFINITY ? -Math.log(V) : row[v] - mass[p];
  }
  return out;
}

/**
 * The probability that a sequence comes by each prefix, [P], from conditional log-probabilities [P, V].
 * @throws ShapeError unless there is one number for each prefix and token
 */
export function prefixProbabilities(tree: SequenceTree, conditionals: ArrayLike<number>): Float64Array {
  const V = tree.vocabulary;
  checkLength("conditionals", tree.prefixes.length * V, conditionals);
  const reach = new Float64Array(tree.prefixes.length);
  reach[0] = 1;
  for (let p = 0; p < reach.length; p++) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      if (child >= 0) reach[child] = reach[p] * Math.exp(conditionals[p * V + v]);
    }
  }
  return reach;
}

function checkLength(what: string, expected: number, got: ArrayLike<number>): void {
  if (got.length !== expected) throw new ShapeError(complaint(what, `${expected} numbers`, got));
}
