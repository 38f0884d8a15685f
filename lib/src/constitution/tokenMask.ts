import { complaint, DomainError, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import type { SequenceTree } from "../trees/index.js";

/**
 * Forbids tokens one by one, as constrained decoding does: after each prefix, tokens that are not allowed get
 * probability 0 and the rest is normalised. Returns conditionals [P, V].
 *
 * That is not the policy conditioned on writing none of them: the mask does not see what a token leads to, so a prefix
 * that mostly leads to forbidden tokens keeps all of its probability. (Park et al. 2024, arXiv:2405.21047.)
 * @param conditionals log pi(v | prefix), [P, V] row-major
 * @param allowed whether token v may follow prefix number p
 * @throws ShapeError unless there is one number for each prefix and token; DomainError if a reachable prefix has no
 *   token left
 */
export function tokenMask(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  allowed: (prefix: number, token: number) => boolean,
): Float64Array {
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  if (conditionals.length !== P * V) {
    throw new ShapeError(complaint("conditionals", `${P * V} numbers, one per prefix and token`, conditionals));
  }
  const out = new Float64Array(P * V);
  const reached = new Uint8Array(P);
  reached[0] = 1;
  for (let p = 0; p < P; p++) {
    const row = Float64Array.from({ length: V }, (_, v) =>
      allowed(p, v) ? conditionals[p * V + v] : Number.NEGATIVE_INFINITY,
    );
    const total = logSumExp(row);
    if (Number.isNaN(total)) throw new DomainError(complaint(`conditionals of prefix ${p}`, "no NaN", row));
    if (total === Number.NEGATIVE_INFINITY && reached[p] === 1) {
      const hint = "A mask that looks one token ahead runs into it";
      throw new DomainError(complaint(`prefix [${tree.prefixes[p]}]`, "a token that may follow", "none", hint));
    }
    for (let v = 0; v < V; v++) {
      out[p * V + v] = total === Number.NEGATIVE_INFINITY ? -Math.log(V) : row[v] - total;
      const child = tree.next[p * V + v];
      if (child >= 0 && reached[p] === 1 && row[v] > Number.NEGATIVE_INFINITY) reached[child] = 1;
    }
  }
  return out;
}
