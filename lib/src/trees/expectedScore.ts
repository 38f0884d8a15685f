import { complaint, ShapeError } from "../core/index.js";
import { nextTokenLogProbs, type PolicyRows } from "./sequencePolicy.js";
import type { SequenceTree } from "./sequenceTree.js";

/**
 * What a loss on drawn tokens does on average: the expectation, over sequences of the policy `behaviour`, of
 *
 *   sum over tokens t of weight(prefix_t, token_t) * d log pi(token_t | prefix_t) / d logits,
 *
 * by going through the whole tree; [rows, V] row-major, as `logits` of pi. The weights [P, V] are d loss / d logp of
 * a token, which may depend on its prefix, not on what comes later. `behaviour` holds conditional log-probabilities
 * [P, V]; pi's own when left out.
 * @throws ShapeError if a table has another length
 */
export function expectedScore(
  tree: SequenceTree,
  rows: PolicyRows,
  logits: ArrayLike<number>,
  weights: ArrayLike<number>,
  behaviour?: ArrayLike<number>,
): Float64Array {
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  const own = nextTokenLogProbs(tree, rows, logits);
  const drawn = behaviour ?? own;
  for (const [name, list] of Object.entries({ weights, behaviour: drawn })) {
    if (list.length !== P * V)
      throw new ShapeError(complaint(name, `${P * V} numbers, ${P} prefixes by ${V} tokens`, list));
  }
  const reach = new Float64Array(P);
  reach[0] = 1;
  const out = new Float64Array(logits.length);
  for (let p = 0; p < P; p++) {
    let total = 0;
    for (let v = 0; v < V; v++) {
      const at = p * V + v;
      const here = reach[p] * Math.exp(drawn[at]);
      if (tree.next[at] >= 0) reach[tree.next[at]] = here;
      if (here === 0) continue; // a weight of Infinity on what is never drawn counts for nothing
      out[rows[p] * V + v] += here * weights[at];
      total += here * weights[at];
    }
    for (let v = 0; v < V; v++) out[rows[p] * V + v] -= total * Math.exp(own[p * V + v]);
  }
  return out;
}
