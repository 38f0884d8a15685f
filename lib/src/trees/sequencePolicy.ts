import { complaint, DomainError, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import { categorical, type Key } from "../random/index.js";
import type { SequenceTree } from "./sequenceTree.js";

/**
 * Which row of the table of logits each prefix reads, [P]. Two policies over the same tree:
 * - `tabularRows`: every prefix has its own row; any distribution over sequences can be written;
 * - `lastTokenRows`: one row per last token (and one for the beginning); the policy forgets all but that token, so
 *   the best one it can write is usually not the best one there is.
 */
export type PolicyRows = Int32Array;

/** A row of its own for every prefix. */
export function tabularRows(tree: SequenceTree): PolicyRows {
  return Int32Array.from(tree.prefixes, (_, p) => p);
}

/** One row per last token; the empty prefix reads row `vocabulary`. */
export function lastTokenRows(tree: SequenceTree): PolicyRows {
  return Int32Array.from(tree.prefixes, (prefix) => prefix.at(-1) ?? tree.vocabulary);
}

/**
 * A table of logits that reads the last k tokens: one row for each different ending of a prefix. k = 1 forgets all but
 * one token as `lastTokenRows` does; with k as long as the longest prefix every prefix has a row of its own.
 * @throws DomainError unless k is a whole number of at least 1
 */
export function contextRows(tree: SequenceTree, k: number): PolicyRows {
  if (!(Number.isInteger(k) && k >= 1)) throw new DomainError(complaint("k", "a whole number of at least 1", k));
  const known = new Map<string, number>();
  return Int32Array.from(tree.prefixes, (prefix) => {
    const ending = prefix.slice(-k).join();
    if (!known.has(ending)) known.set(ending, known.size);
    return known.get(ending) as number;
  });
}

/**
 * log pi(v | prefix p), [P, V] row-major, of the softmax policy with logits [rows, V] row-major. A row is normalised
 * once, however many prefixes read it.
 * @throws ShapeError if the table is smaller than the rows ask for
 */
export function nextTokenLogProbs(tree: SequenceTree, rows: PolicyRows, logits: ArrayLike<number>): Float64Array {
  const V = tree.vocabulary;
  const needed = (rows.reduce((most, row) => Math.max(most, row), 0) + 1) * V;
  if (logits.length < needed) throw new ShapeError(complaint("logits", `at least ${needed} numbers`, logits));
  const out = new Float64Array(tree.prefixes.length * V);
  const row = new Float64Array(V);
  const firstReader = new Int32Array(needed / V).fill(-1); // of each row: the prefix that has it already
  for (let p = 0; p < tree.prefixes.length; p++) {
    const known = firstReader[rows[p]];
    if (known >= 0) {
      out.copyWithin(p * V, known * V, (known + 1) * V);
      continue;
    }
    firstReader[rows[p]] = p;
    for (let v = 0; v < V; v++) row[v] = logits[rows[p] * V + v];
    const total = logSumExp(row);
    for (let v = 0; v < V; v++) out[p * V + v] = row[v] - total;
  }
  return out;
}

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
 * The exact policy gradient, d E_pi[reward] / d logits, [rows, V] row-major, by going through the whole tree:
 * for each prefix s, P(reach s) pi(v | s) (Q(s, v) - V(s)), summed over the prefixes that share a row.
 * With a KL penalty, give reward(y) - beta log(pi(y) / ref(y)): the gradient of its -beta log pi(y) is zero on average.
 * Also returns the exact value E_pi[reward], and per prefix the action values Q [P, V], the state values V [P] and the
 * probability of reaching it [P]: what a critic should learn.
 * @example
 * const tree = sequenceTree(2, 2);
 * const logits = [0, 0, 0, 0];
 * exactPolicyGradient(tree, tabularRows(tree), logits, [0, 1, 0]).gradient // [-0.125, 0.125, 0.125, -0.125]
 */
export function exactPolicyGradient(
  tree: SequenceTree,
  rows: PolicyRows,
  logits: ArrayLike<number>,
  reward: ArrayLike<number>,
): { gradient: Float64Array; value: number; Q: Float64Array; V: Float64Array; reach: Float64Array } {
  checkLength("reward", tree.sequences.length, reward);
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  const probability = nextTokenLogProbs(tree, rows, logits).map(Math.exp);
  const Q = new Float64Array(P * V);
  const values = new Float64Array(P);
  for (let p = P - 1; p >= 0; p--) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      Q[p * V + v] = child >= 0 ? values[child] : reward[-1 - child];
      // An impossible token adds nothing, even where its reward is -Infinity.
      if (probability[p * V + v] > 0) values[p] += probability[p * V + v] * Q[p * V + v];
    }
  }
  const reach = new Float64Array(P);
  reach[0] = 1;
  const gradient = new Float64Array(logits.length);
  for (let p = 0; p < P; p++) {
    for (let v = 0; v < V; v++) {
      const here = reach[p] * probability[p * V + v];
      if (here > 0) gradient[rows[p] * V + v] += here * (Q[p * V + v] - values[p]);
      const child = tree.next[p * V + v];
      if (child >= 0) reach[child] = here;
    }
  }
  return { gradient, value: values[0], Q, V: values, reach };
}

function checkLength(what: string, expected: number, got: ArrayLike<number>): void {
  if (got.length !== expected) throw new ShapeError(complaint(what, `${expected} numbers`, got));
}

/**
 * n replies of a policy given by its log-probabilities over all replies [N]: their numbers in `tree.sequences`, [n].
 */
export function sampleReplies(key: Key, logProbs: ArrayLike<number>, n: number): Int32Array {
  return categorical(key, logProbs, n);
}
