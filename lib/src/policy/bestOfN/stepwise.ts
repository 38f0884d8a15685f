import { complaint, ShapeError } from "../../core/index.js";
import { type SequenceTree, sequenceLogProbs } from "../../trees/index.js";
import { bestOfNLogProbs } from "./distribution.js";

/** What a judge says of everything in a tree: of each prefix, [P], and of each finished sequence, [N]. */
export interface TreeScores {
  readonly beginnings: ArrayLike<number>;
  readonly wholes: ArrayLike<number>;
}

/**
 * What best-of-n of single tokens writes, exactly: at every step n tokens are drawn from the policy, and the one after
 * which the judge thinks best of the reply is kept (`bestOfNLogProbs` in each row). Log-probabilities in nats: of
 * tokens, [P, V] row-major, to those of whole sequences, [N]. The score of the empty prefix is never read. Mudgal et
 * al. 2023, arXiv:2310.17022, do so with blocks of tokens.
 * @throws ShapeError if a table has another size; DomainError as `bestOfNLogProbs`
 */
export function stepwiseBestOfNLogProbs(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  { beginnings, wholes }: TreeScores,
  n: number,
): Float64Array {
  const V = tree.vocabulary;
  const sizes = [
    ["conditionals", conditionals, tree.next.length],
    ["beginnings", beginnings, tree.prefixes.length],
    ["wholes", wholes, tree.sequences.length],
  ] as const;
  for (const [what, values, length] of sizes) {
    if (values.length !== length) throw new ShapeError(complaint(what, `${length} numbers`, values));
  }
  const kept = new Float64Array(conditionals.length);
  for (let p = 0; p < tree.prefixes.length; p++) {
    const places = Array.from({ length: V }, (_, v) => p * V + v);
    const scores = places.map((place) => {
      const node = tree.next[place];
      return node >= 0 ? beginnings[node] : wholes[-1 - node];
    });
    const row = places.map((place) => conditionals[place]);
    kept.set(bestOfNLogProbs(row, scores, n), p * V);
  }
  return sequenceLogProbs(tree, kept);
}
