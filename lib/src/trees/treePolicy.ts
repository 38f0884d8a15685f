import { checkLength } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import { type Contexts, tabularContexts } from "./contexts.js";
import { prefixProbabilities, sequenceLogProbs } from "./sequenceLogProbs.js";
import type { SequenceTree } from "./sequenceTree.js";

/** A softmax policy over a tree of sequences: each prefix reads a row of the table of logits [rows, V], row-major. */
export interface TreePolicy {
  readonly tree: SequenceTree;
  readonly contexts: Contexts;
  readonly logits: Float64Array;
}

/**
 * A policy from a table of logits, which is copied: [P, V], a row for each prefix, unless `contexts` say which row
 * each prefix reads.
 * @throws ShapeError unless contexts are one for each prefix and the table has a row for each
 * @example treePolicy(sequenceTree(2, 2), [0, 0, 0, 0]).contexts // [0, 1]
 */
export function treePolicy(
  tree: SequenceTree,
  logits: ArrayLike<number>,
  contexts: Contexts = tabularContexts(tree),
): TreePolicy {
  const policy = { tree, contexts, logits: Float64Array.from(logits) };
  checkTable(policy);
  return policy;
}

/**
 * log pi(v | prefix p), [P, V] row-major. A row of the table is normalised once, however many prefixes read it.
 * @throws ShapeError if the table is smaller than the contexts ask for
 */
export function nextTokenLogProbs(policy: TreePolicy): Float64Array {
  checkTable(policy);
  const { tree, contexts, logits } = policy;
  const V = tree.vocabulary;
  const out = new Float64Array(contexts.length * V);
  const reader = new Int32Array(rowCount(contexts)).fill(-1); // the first prefix that reads a row
  for (let p = 0; p < contexts.length; p++) {
    const [row, first] = [contexts[p] * V, reader[contexts[p]]];
    if (first >= 0) {
      out.copyWithin(p * V, first * V, (first + 1) * V);
      continue;
    }
    reader[contexts[p]] = p;
    const total = logSumExp(logits.subarray(row, row + V));
    for (let v = 0; v < V; v++) out[p * V + v] = logits[row + v] - total;
  }
  return out;
}

/**
 * log pi(. | prefix p), [V], by the number p: for those who look at a few prefixes of a large tree. A row of the table
 * is normalised when it is first asked for.
 * @throws ShapeError as `nextTokenLogProbs`
 */
export function rowLogProbs(policy: TreePolicy): (prefix: number) => Float64Array {
  checkTable(policy);
  const { tree, contexts, logits } = policy;
  const V = tree.vocabulary;
  const normalised: (Float64Array | undefined)[] = [];
  return (prefix) => {
    const row = contexts[prefix];
    const found = normalised[row];
    if (found !== undefined) return found;
    const logProbs = logits.slice(row * V, (row + 1) * V);
    const total = logSumExp(logProbs);
    for (let v = 0; v < V; v++) logProbs[v] -= total;
    normalised[row] = logProbs;
    return logProbs;
  };
}

/**
 * log pi(y) of every sequence, [N].
 * @example
 * const policy = treePolicy(sequenceTree(2, 2), [0, 0, 0, 0]);
 * sequenceLogProbsOf(policy).map(Math.exp) // [0.5, 0.25, 0.25]
 */
export function sequenceLogProbsOf(policy: TreePolicy): Float64Array {
  return sequenceLogProbs(policy.tree, nextTokenLogProbs(policy));
}

/**
 * The policy with these contexts that is closest to given conditionals [P, V]: each row is their mean over the
 * prefixes that read it, weighted by how often those are reached, which minimises KL(given || policy). Exact
 * where the given ones share rows too, as the phrase task's reference does with `lastTokenContexts`. A row that is
 * never reached is uniform.
 * @throws ShapeError unless there is one number for each prefix and token, and a context for each prefix
 */
export function fitTreePolicy(tree: SequenceTree, contexts: Contexts, conditionals: ArrayLike<number>): TreePolicy {
  const V = tree.vocabulary;
  checkLength("contexts", contexts, tree.prefixes.length, "one per prefix");
  const reach = prefixProbabilities(tree, conditionals);
  const counts = new Float64Array(rowCount(contexts) * V);
  for (let p = 0; p < contexts.length; p++) {
    for (let v = 0; v < V; v++) counts[contexts[p] * V + v] += reach[p] * Math.exp(conditionals[p * V + v]);
  }
  const logits = counts.map((count, i) => {
    const row = Math.floor(i / V) * V;
    const total = counts.subarray(row, row + V).reduce((a, b) => a + b);
    return total > 0 ? Math.log(count / total) : 0;
  });
  return { tree, contexts, logits };
}

function rowCount(contexts: Contexts): number {
  let last = 0;
  for (const row of contexts) if (row > last) last = row;
  return last + 1;
}

function checkTable({ tree, contexts, logits }: TreePolicy): void {
  const P = tree.prefixes.length;
  checkLength("contexts", contexts, P, "one per prefix");
  const needed = rowCount(contexts) * tree.vocabulary;
  if (logits.length < needed) throw new ShapeError(complaint("logits", `at least ${needed} numbers`, logits));
}
