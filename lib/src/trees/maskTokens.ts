import { complaint, DomainError, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import type { SequenceTree } from "./sequenceTree.js";

/** A policy whose tokens were masked one by one. */
export interface MaskedPolicy {
  /**
   * Conditionals [P, V], in nats: what is allowed, renormalised after each prefix. Uniform after prefixes that are
   * never reached; -Infinity throughout after those that are reached and have no token left.
   */
  readonly conditionals: Float64Array;
  /** The probability of coming to prefix p and finding no token there, [P]. What is left of 1 is written to the end. */
  readonly stuck: Float64Array;
}

/**
 * Masking, as in constrained decoding: after each prefix, tokens that are not allowed get probability 0 and the rest is
 * renormalised. (Not the policy conditioned on their absence; see `exactShield` in rlhf-lab/safety.)
 * @param conditionals log pi(v | prefix), [P, V] row-major
 * @param allowed whether token v may follow prefix number p
 * @throws ShapeError unless there is one number for each prefix and token; DomainError for NaN
 */
export function maskTokens(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  allowed: (prefix: number, token: number) => boolean,
): MaskedPolicy {
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  if (conditionals.length !== P * V) {
    throw new ShapeError(complaint("conditionals", `${P * V} numbers, one per prefix and token`, conditionals));
  }
  const out = new Float64Array(P * V);
  const stuck = new Float64Array(P);
  const reached = new Uint8Array(P);
  const reach = new Float64Array(P);
  reached[0] = 1;
  reach[0] = 1;
  for (let p = 0; p < P; p++) {
    const row = Float64Array.from({ length: V }, (_, v) =>
      allowed(p, v) ? conditionals[p * V + v] : Number.NEGATIVE_INFINITY,
    );
    const total = logSumExp(row);
    if (Number.isNaN(total)) throw new DomainError(complaint(`conditionals of prefix ${p}`, "no NaN", row));
    const none = total === Number.NEGATIVE_INFINITY;
    if (none) stuck[p] = reach[p];
    for (let v = 0; v < V; v++) {
      out[p * V + v] = none ? (reached[p] === 1 ? total : -Math.log(V)) : row[v] - total;
      const child = tree.next[p * V + v];
      if (child < 0 || reached[p] === 0 || row[v] === Number.NEGATIVE_INFINITY) continue;
      reached[child] = 1;
      reach[child] = reach[p] * Math.exp(out[p * V + v]);
    }
  }
  return { conditionals: out, stuck };
}
