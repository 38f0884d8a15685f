import { complaint, ShapeError } from "../core/index.js";
import { prefixProbabilities } from "./sequenceLogProbs.js";
import type { SequenceTree } from "./sequenceTree.js";

/** Where the KL between two policies over a tree comes from. */
export interface SequenceKl {
  /** KL(p || q) of whole sequences, in nats. */
  readonly kl: number;
  /** KL of the next token at each prefix, [P]. */
  readonly atPrefix: Float64Array;
  /** The probability, under p, that a sequence comes by this prefix, [P]. */
  readonly reach: Float64Array;
  /** What each position adds, [length]; their sum is kl. */
  readonly atPosition: Float64Array;
}

/**
 * Exact KL of sequences by the chain rule: the sum over prefixes of P_p(reach prefix)
 * KL(p(. | prefix) || q(. | prefix)). So the KL of a sequence is the expected *sum* of its tokens' KLs, on prefixes
 * that p itself has written. Conditional log-probabilities [P, V], as from `nextTokenLogProbs`.
 * A prefix that p never reaches adds nothing.
 * @throws ShapeError unless both have one number for each prefix and token
 */
export function sequenceKl(tree: SequenceTree, logP: ArrayLike<number>, logQ: ArrayLike<number>): SequenceKl {
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  for (const [name, list] of Object.entries({ logP, logQ })) {
    if (list.length !== P * V)
      throw new ShapeError(complaint(name, `${P * V} numbers, ${P} prefixes by ${V} tokens`, list));
  }
  const reach = prefixProbabilities(tree, logP);
  const atPrefix = new Float64Array(P);
  const atPosition = new Float64Array(tree.length);
  let kl = 0;
  for (let p = 0; p < P; p++) {
    for (let v = 0; v < V; v++) {
      const at = p * V + v;
      const probability = Math.exp(logP[at]);
      if (probability > 0) atPrefix[p] += probability * (logP[at] - logQ[at]);
    }
    if (reach[p] === 0) continue;
    atPosition[tree.prefixes[p].length] += reach[p] * atPrefix[p];
    kl += reach[p] * atPrefix[p];
  }
  return { kl, atPrefix, reach, atPosition };
}
