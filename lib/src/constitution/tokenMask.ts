import { complaint, DomainError } from "../core/index.js";
import { maskTokens, type SequenceTree } from "../trees/index.js";

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
  const { conditionals: masked } = maskTokens(tree, conditionals, allowed);
  tree.prefixes.forEach((prefix, p) => {
    // A row of -Infinity: reached, and nothing may follow.
    if (masked.subarray(p * tree.vocabulary, (p + 1) * tree.vocabulary).some((x) => x > Number.NEGATIVE_INFINITY))
      return;
    const hint = "A mask that looks one token ahead runs into it";
    throw new DomainError(complaint(`prefix [${prefix}]`, "a token that may follow", "none", hint));
  });
  return masked;
}
