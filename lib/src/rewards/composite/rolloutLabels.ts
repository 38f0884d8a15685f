import { checkCount, checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { foldIn, type Key } from "../../random/index.js";
import { drawSequences, type TreePolicy } from "../../trees/index.js";

/** What rollouts say of a prefix: `soft` is the share of them that ended well, `hard` is 1 if any did. */
export interface RolloutLabels {
  readonly soft: Float64Array;
  readonly hard: Float64Array;
}

/**
 * Labels for steps without a person: from each prefix the policy finishes the reply `rollouts` times, and the ends are
 * judged. The soft label is an unbiased estimate of V(prefix), the probability to end well; the hard one, of the
 * probability that at least one of them does, which grows with their number. Math-Shepherd, Wang et al. 2023,
 * arXiv:2312.08935, equations 3 and 4. `good` [N] is 1 for sequences that ended
 * well and 0 for others, `prefixes` are numbers of prefixes; the labels are in their order.
 * @throws ShapeError if a table has another size; DomainError unless rollouts >= 1 and good is 0 or 1
 */
export function rolloutLabels(
  key: Key,
  policy: TreePolicy,
  good: ArrayLike<number>,
  { prefixes, rollouts }: { prefixes: ArrayLike<number>; rollouts: number },
): RolloutLabels {
  const { tree } = policy;
  checkLength("good", good, tree.sequences.length, "one per sequence");
  checkCount("rollouts", rollouts);
  const soft = Float64Array.from(prefixes, (prefix, k) => {
    if (tree.prefixes[prefix] === undefined) {
      throw new DomainError(complaint(`prefixes[${k}]`, `a number below ${tree.prefixes.length}`, prefix));
    }
    let well = 0;
    for (const y of drawSequences(foldIn(key, k), policy, rollouts, { from: prefix }).sequences) {
      if (good[y] !== 0 && good[y] !== 1) throw new DomainError(complaint(`good[${y}]`, "0 or 1", good[y]));
      well += good[y];
    }
    return well / rollouts;
  });
  return { soft, hard: soft.map((share) => (share > 0 ? 1 : 0)) };
}
