import { complaint, DomainError, ShapeError } from "../../core/index.js";
import type { SequenceTree } from "../../trees/index.js";

// Rewards of single tokens, [P, V] row-major: what writing token v after prefix p brings. A reply's reward
// is the sum along its path.

/** The whole reward [N] on the last token of each reply, as from a reward model that reads finished replies. */
export function terminalRewards(tree: SequenceTree, reward: ArrayLike<number>): Float64Array {
  if (reward.length !== tree.sequences.length) {
    throw new ShapeError(complaint("reward", `${tree.sequences.length} numbers, one per reply`, reward));
  }
  return Float64Array.from(tree.next, (child) => (child >= 0 ? 0 : reward[-1 - child]));
}

/**
 * Every token credited with what it changes: value(prefix and token) - value(prefix). A reply's tokens add up to
 * value(reply) - value([]).
 * @throws DomainError if a value is not finite
 */
export function differenceRewards(tree: SequenceTree, value: (tokens: readonly number[]) => number): Float64Array {
  const known = (tokens: readonly number[]) => {
    const v = value(tokens);
    if (!Number.isFinite(v)) throw new DomainError(complaint(`value([${tokens}])`, "a finite number", v));
    return v;
  };
  const before = tree.prefixes.map(known);
  return Float64Array.from(tree.next, (child, at) => {
    const here = before[Math.floor(at / tree.vocabulary)];
    return (child >= 0 ? before[child] : known(tree.sequences[-1 - child])) - here;
  });
}
