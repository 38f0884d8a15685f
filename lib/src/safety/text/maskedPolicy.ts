import { type MaskedPolicy, maskTokens, type SequenceTree } from "../../trees/index.js";
import { safeTokens } from "./exactShield.js";

/**
 * A shield by masking: pi over the tokens that a mask allows, renormalised after each prefix.
 *
 * - With `isSafe`, one per sequence, the mask looks ahead: a token is allowed if something safe can still come after
 *   it. Always safe, never stuck, and not the policy conditioned on safety (`exactShield`): prefixes that are rarely
 *   safe keep all of their weight, so what is left of them becomes too likely.
 * - With `isWrong`, asked about the tokens so far and the next one, it sees only what is wrong *now*: what it writes is
 *   never wrong in that sense, but it may run out of room; `stuck` says where and how often.
 * @param conditionals log pi(v | prefix), [P, V] row-major
 * @throws ShapeError for other lengths; DomainError for NaN, or where nothing safe can be written
 */
export function maskedPolicy(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  mask: { isSafe: ArrayLike<boolean | number> } | { isWrong: (tokens: readonly number[]) => boolean },
): MaskedPolicy {
  if ("isSafe" in mask) return maskTokens(tree, conditionals, safeTokens(tree, conditionals, mask.isSafe));
  return maskTokens(tree, conditionals, (p, v) => !mask.isWrong([...tree.prefixes[p], v]));
}
