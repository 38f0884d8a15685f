import { complaint, DomainError, ShapeError } from "../core/index.js";
import { categorical, type Key } from "../random/index.js";
import { nextTokenLogProbs, type PolicyRows, sequenceLogProbs } from "./sequencePolicy.js";
import type { SequenceTree } from "./sequenceTree.js";

// A softmax policy on a tree of sequences, and the way from drawn tokens back to its logits. Four functions go from
// slopes to logits; they differ in what the slopes belong to: `treeLogitGradient` to tokens that were drawn,
// `expectedScore` to every pair of prefix and token, as often as a policy comes by it, `sequenceLogitGradient` to every
// finished sequence, and `exactPolicyGradient` to rewards. (`reinforce.enumeratePolicy` adds what a reader may want to
// know of a policy, once, for thousands of estimates from it.)

/** A softmax policy over a tree of sequences: each prefix reads a row of the table of logits [rows, V], row-major. */
export interface TreePolicy {
  readonly tree: SequenceTree;
  readonly rows: PolicyRows;
  readonly logits: Float64Array;
}

/**
 * Sequences that a policy has drawn, with what is kept of them. Lists may differ in length: a sequence has
 * as many tokens as it has.
 */
export interface TreeBatch {
  /** Numbers in `tree.sequences`, [n]. */
  readonly sequences: Int32Array;
  /** For each sequence, where its tokens stand in tables [P, V]: prefix * V + token. */
  readonly places: readonly Int32Array[];
  /** log-probability of each token under the policy that drew it. */
  readonly logpOld: readonly Float64Array[];
}

/** log pi(v | prefix) of a policy, [P, V]. @throws ShapeError if the table is smaller than the rows ask for */
export function conditionalsOf({ tree, rows, logits }: TreePolicy): Float64Array {
  return nextTokenLogProbs(tree, rows, logits);
}

/**
 * log pi(y) of every sequence, [N].
 * @example
 * const tree = sequenceTree(2, 2);
 * const policy = { tree, rows: tabularRows(tree), logits: new Float64Array(4) };
 * sequenceLogProbsOf(policy).map(Math.exp) // [0.5, 0.25, 0.25]
 */
export function sequenceLogProbsOf(policy: TreePolicy): Float64Array {
  return sequenceLogProbs(policy.tree, conditionalsOf(policy));
}

/**
 * n sequences of a policy.
 * @throws DomainError unless n is a count of at least 1
 * @example
 * const tree = sequenceTree(2, 2);
 * const policy = { tree, rows: tabularRows(tree), logits: new Float64Array(4) };
 * drawTreeBatch(key(0), policy, 5).sequences // [0, 0, 2, 1, 1]
 */
export function drawTreeBatch(key: Key, policy: TreePolicy, n: number): TreeBatch {
  if (!Number.isInteger(n) || n < 1) throw new DomainError(complaint("n", "an integer of at least 1", n));
  const conditionals = conditionalsOf(policy);
  const sequences = categorical(key, sequenceLogProbs(policy.tree, conditionals), n);
  const places = Array.from(sequences, (y) => tokenPlaces(policy.tree, y));
  return { sequences, places, logpOld: treeTokenLogProbs(conditionals, places) };
}

/**
 * Where the tokens of sequence number y stand in a table [P, V]: prefix * V + token, one per token.
 * @throws DomainError for a number that no sequence has
 */
export function tokenPlaces(tree: SequenceTree, y: number): Int32Array {
  const sequence = tree.sequences[y];
  if (sequence === undefined) {
    throw new DomainError(complaint("sequence", `a number from 0 to ${tree.sequences.length - 1}`, y));
  }
  let prefix = 0;
  return Int32Array.from(sequence, (token) => {
    const at = prefix * tree.vocabulary + token;
    prefix = tree.next[at];
    return at;
  });
}

/** What a table of log-probabilities [P, V] says at these places, list by list. */
export function treeTokenLogProbs(table: ArrayLike<number>, places: readonly Int32Array[]): Float64Array[] {
  return places.map((list) => Float64Array.from(list, (at) => table[at]));
}

/**
 * From d loss / d logp of drawn tokens to d loss / d logits: the sum over tokens of
 * slope * (onehot(token) - pi(. | prefix)), [rows, V].
 * @throws ShapeError unless there is one slope for each place
 */
export function treeLogitGradient(
  policy: TreePolicy,
  places: readonly Int32Array[],
  slopes: readonly ArrayLike<number>[],
): Float64Array {
  const { tree, rows, logits } = policy;
  const V = tree.vocabulary;
  const conditionals = conditionalsOf(policy);
  const out = new Float64Array(logits.length);
  if (slopes.length !== places.length) throw new ShapeError(complaint("slopes", `${places.length} lists`, slopes));
  places.forEach((list, b) => {
    if (slopes[b].length !== list.length) {
      throw new ShapeError(complaint(`slopes[${b}]`, `${list.length} numbers, one per token`, slopes[b]));
    }
    list.forEach((at, t) => {
      const prefix = Math.floor(at / V);
      const row = rows[prefix] * V;
      out[row + (at % V)] += slopes[b][t];
      for (let v = 0; v < V; v++) out[row + v] -= slopes[b][t] * Math.exp(conditionals[prefix * V + v]);
    });
  });
  return out;
}

/**
 * The policy with this table's rows that is closest to given conditionals [P, V]: each row is their mean over the
 * prefixes that read it, weighted by how often those are reached, which minimises KL(given || policy). Exact
 * where the given ones share rows too, as the phrase task's reference does with `lastTokenRows`. A row that is
 * never reached is uniform.
 * @throws ShapeError unless there is one number for each prefix and token
 */
export function fitTreePolicy(tree: SequenceTree, rows: PolicyRows, conditionals: ArrayLike<number>): TreePolicy {
  const V = tree.vocabulary;
  if (conditionals.length !== rows.length * V) {
    throw new ShapeError(complaint("conditionals", `${rows.length * V} numbers`, conditionals));
  }
  const reach = new Float64Array(rows.length);
  reach[0] = 1;
  const counts = new Float64Array((rows.reduce((most, row) => Math.max(most, row), 0) + 1) * V);
  for (let p = 0; p < rows.length; p++) {
    for (let v = 0; v < V; v++) {
      const here = reach[p] * Math.exp(conditionals[p * V + v]);
      counts[rows[p] * V + v] += here;
      if (tree.next[p * V + v] >= 0) reach[tree.next[p * V + v]] = here;
    }
  }
  const logits = counts.map((count, i) => {
    const row = Math.floor(i / V) * V;
    const total = counts.subarray(row, row + V).reduce((a, b) => a + b);
    return total > 0 ? Math.log(count / total) : 0;
  });
  return { tree, rows, logits };
}
