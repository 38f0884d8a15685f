import { checkLength } from "../../core/checks.js";
import type { Contexts, SequenceTree } from "../../trees/index.js";

/**
 * The policy of a class that fits a distribution over sequences best, argmin of KL(target || pi), as logits [rows, V]:
 * fine-tuning on infinitely many samples, in closed form. Each row is the mean next-token distribution over the
 * prefixes that read it, weighted by how often the target comes by. `weights` [N] are probabilities or counts. Tokens
 * that never follow get -Infinity, or, with `smoothing`, as if each token of each row had been seen that often besides;
 * rows that are never read become uniform.
 * @throws ShapeError if the weights are not as many as the sequences
 */
export function maximumLikelihoodLogits(
  tree: SequenceTree,
  contexts: Contexts,
  weights: ArrayLike<number>,
  { smoothing = 0 }: { readonly smoothing?: number } = {},
): Float64Array {
  const V = tree.vocabulary;
  checkLength("weights", weights, tree.sequences.length, "one per sequence");
  const counts = new Float64Array((contexts.reduce((most, row) => Math.max(most, row), 0) + 1) * V).fill(smoothing);
  const mass = new Float64Array(tree.prefixes.length);
  for (let p = tree.prefixes.length - 1; p >= 0; p--) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      const passing = child >= 0 ? mass[child] : weights[-1 - child];
      mass[p] += passing;
      counts[contexts[p] * V + v] += passing;
    }
  }
  return counts.map((count, i) => {
    const start = i - (i % V);
    let total = 0;
    for (let v = 0; v < V; v++) total += counts[start + v];
    return total > 0 ? Math.log(count / total) : -Math.log(V);
  });
}
