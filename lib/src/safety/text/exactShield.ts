import { checkLength } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { SequenceTree } from "../../trees/index.js";

/** A policy conditioned on writing a safe sequence, token by token. */
export interface ExactShield {
  /** log pi(v | p) h(pv) / h(p), [P, V]; uniform after prefixes from which nothing safe can come. */
  readonly conditionals: Float64Array;
  /** h(p) = P(the whole is safe | prefix p) under the policy itself, [P]. */
  readonly safe: Float64Array;
  /** h of the empty prefix: the probability that the policy, left alone, writes something safe. */
  readonly probability: number;
  /** KL(shielded || policy) = -ln h(empty prefix), in nats: the least that any policy that is always safe must pay. */
  readonly kl: number;
}

/**
 * The exact shield: each token is weighted by how likely the rest is safe,
 *
 *   pi(v | p) h(pv) / h(p),  h(p) = sum over v of pi(v | p) h(pv),  h(sequence) = 1 if it is safe, else 0.
 *
 * That is the policy conditioned on safety, the one always-safe policy with the least KL from it. A mask keeps every
 * token with h(pv) > 0 at its full weight, which is another distribution. As grammar-aligned decoding: Park et al.
 * 2024, arXiv:2405.21047.
 * @param conditionals log pi(v | prefix), [P, V] row-major
 * @param isSafe one per sequence, [N]
 * @throws ShapeError for other lengths; DomainError where nothing safe has a positive probability
 */
export function exactShield(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  isSafe: ArrayLike<boolean | number>,
): ExactShield {
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  checkTable(tree, conditionals);
  checkLength("isSafe", isSafe, tree.sequences.length, "one per sequence");
  const safe = new Float64Array(P);
  const shielded = new Float64Array(P * V);
  for (let p = P - 1; p >= 0; p--) {
    for (let v = 0; v < V; v++) {
      const h = safetyAfter(tree, safe, isSafe, p * V + v);
      shielded[p * V + v] = h === 0 ? 0 : Math.exp(conditionals[p * V + v]) * h;
      safe[p] += shielded[p * V + v];
    }
    if (Number.isNaN(safe[p])) throw new DomainError(complaint(`conditionals of prefix ${p}`, "no NaN", conditionals));
    for (let v = 0; v < V; v++) {
      shielded[p * V + v] = safe[p] === 0 ? -Math.log(V) : Math.log(shielded[p * V + v] / safe[p]);
    }
  }
  if (safe[0] === 0) throw new DomainError(complaint("isSafe", "a sequence that the policy can write", "none"));
  return { conditionals: shielded, safe, probability: safe[0], kl: -Math.log(safe[0]) };
}

/**
 * The mask with look-ahead: whether something safe can still come after token v at prefix p, for `maskedPolicy`. A
 * policy that is masked so always finds a token, and everything that it writes is safe.
 * @throws as `exactShield`
 */
export function safeTokens(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  isSafe: ArrayLike<boolean | number>,
): (prefix: number, token: number) => boolean {
  const { safe } = exactShield(tree, conditionals, isSafe);
  const V = tree.vocabulary;
  return (p, v) => safetyAfter(tree, safe, isSafe, p * V + v) > 0 && conditionals[p * V + v] > Number.NEGATIVE_INFINITY;
}

/** h of what follows at this place of a table [P, V]. */
function safetyAfter(
  tree: SequenceTree,
  safe: ArrayLike<number>,
  isSafe: ArrayLike<boolean | number>,
  at: number,
): number {
  const child = tree.next[at];
  return child >= 0 ? safe[child] : Number(isSafe[-1 - child]);
}

function checkTable(tree: SequenceTree, conditionals: ArrayLike<number>): void {
  const needed = tree.prefixes.length * tree.vocabulary;
  if (conditionals.length === needed) return;
  throw new ShapeError(complaint("conditionals", `${needed} numbers, one per prefix and token`, conditionals));
}
