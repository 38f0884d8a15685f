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
  checkTables(tree, conditionals, reward, beta);
  const [P, V] = [tree.prefixes.length, tree.vocabulary];
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

/**
 * Decoding by mean values, log pi(v | prefix), [P, V]: ref(v | prefix) e^(E_ref[R | child] / beta), normalised. What a
 * critic of the reference suggests; it does not know that later tokens will be steered too, and is not optimal.
 * @throws as `treeDesirability`
 */
export function meanValuePolicy(
  tree: SequenceTree,
  conditionals: ArrayLike<number>,
  reward: ArrayLike<number>,
  beta: number,
): Float64Array {
  checkTables(tree, conditionals, reward, beta);
  const [P, V] = [tree.prefixes.length, tree.vocabulary];
  const means = new Float64Array(P);
  const policy = new Float64Array(P * V);
  for (let p = P - 1; p >= 0; p--) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      const after = child >= 0 ? means[child] : reward[-1 - child];
      means[p] += Math.exp(conditionals[p * V + v]) * after;
      policy[p * V + v] = conditionals[p * V + v] + after / beta;
    }
    const row = policy.subarray(p * V, (p + 1) * V);
    const total = logSumExp(row);
    for (let v = 0; v < V; v++) row[v] -= total;
  }
  return policy;
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

function checkTables(
  { prefixes, sequences, vocabulary }: SequenceTree,
  conditionals: ArrayLike<number>,
  reward: ArrayLike<number>,
  beta: number,
): void {
  checkPositive("beta", beta);
  if (reward.length !== sequences.length) {
    throw new ShapeError(complaint("reward", `${sequences.length} numbers, one per sequence`, reward));
  }
  if (conditionals.length !== prefixes.length * vocabulary) {
    throw new ShapeError(
      complaint("conditionals", `${prefixes.length * vocabulary} numbers, one per prefix and token`, conditionals),
    );
  }
}
