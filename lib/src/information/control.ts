import { checkPositive } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { logSumExp } from "../numerics/index.js";
import type { SequenceTree } from "../trees/index.js";

/**
 * ln z of every prefix, [P]: z = E_ref[e^(R/beta) | prefix], by the linear recursion z(prefix) = sum_v ref(v|prefix)
 * z(child) from the leaves up (Todorov 2009, linearly solvable control). beta ln z is the soft value; at the root it is
 * the maximum of E R - beta KL. The mean value E_ref[R | prefix] is another number, and decoding by it is not optimal.
 * @param conditionals log ref(v | prefix), [P, V] row-major
 * @throws ShapeError unless there is a reward for each sequence and a number for each prefix and token
 */
export function treeDesirability(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  reward: ArrayLike<number>,
  beta: number,
): Float64Array {
  const [P, V] = [tree.prefixes.length, tree.vocabulary];
  checkPositive("beta", beta);
  if (reward.length !== tree.sequences.length) {
    throw new ShapeError(complaint("reward", `${tree.sequences.length} numbers, one per sequence`, reward));
  }
  if (conditionals.length !== P * V) {
    throw new ShapeError(complaint("conditionals", `${P * V} numbers, one per prefix and token`, conditionals));
  }
  const logZ = new Float64Array(P);
  const terms = new Float64Array(V);
  for (let p = P - 1; p >= 0; p--) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      terms[v] = conditionals[p * V + v] + (child >= 0 ? logZ[child] : reward[-1 - child] / beta);
    }
    logZ[p] = logSumExp(terms);
  }
  return logZ;
}

/** log ref(v|prefix) z(child) / z(prefix), [P, V]: the optimal policy, token by token. */
export function desirabilityPolicy(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  reward: ArrayLike<number>,
  beta: number,
): Float64Array {
  const logZ = treeDesirability(tree, conditionals, reward, beta);
  const V = tree.vocabulary;
  return Float64Array.from(conditionals, (log, at) => {
    const child = tree.next[at];
    const after = child >= 0 ? logZ[child] : reward[-1 - child] / beta;
    return log + after - logZ[Math.floor(at / V)];
  });
}
