import { checkNumbers } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { prefixesOf, type SequenceTree } from "../../trees/index.js";

/**
 * Credit of each token by how it changes what is to be expected, [T]: c_t = V(y_1..t) - V(y_1..t-1), where V [P] are
 * the values of prefixes under a policy (`exactPolicyGradient`), and a finished sequence is worth its reward. They add
 * up to R(y) - V(empty), and each is the advantage Q(s, a) - V(s) of writing that token: the credit depends on the
 * policy that would have gone on.
 * @throws ShapeError, DomainError unless there is a finite value for each prefix and a finite reward;
 *   DomainError for an unknown sequence
 */
export function valueCredit(tree: SequenceTree, V: ArrayLike<number>, sequence: number, reward: number): Float64Array {
  checkNumbers("V", V, tree.prefixes.length);
  checkNumbers("reward", [reward], 1);
  if (tree.sequences[sequence] === undefined) {
    throw new DomainError(complaint("sequence", `a number below ${tree.sequences.length}`, sequence));
  }
  const values = [...prefixesOf(tree, sequence).map((p) => V[p]), reward];
  return Float64Array.from({ length: values.length - 1 }, (_, t) => values[t + 1] - values[t]);
}
