import { checkLength } from "../core/checks.js";
import { complaint, ShapeError } from "../core/index.js";
import { prefixProbabilities } from "./sequenceLogProbs.js";
import { nextTokenLogProbs, rowLogProbs, type TreePolicy } from "./treePolicy.js";

// From slopes, d loss / d log pi, to d loss / d logits, [rows, V] row-major. There are three ways, by what the slopes
// belong to: every prefix and token (`prefixLogitGradient`), tokens that were drawn (`tokenLogitGradient`), or every
// finished sequence (`sequenceLogitGradient`). All rest on the first, on the score of a softmax,
//
//   d log pi(v | p) / d logits = onehot(v) - pi(. | p),   in the row that p reads.
//
// `expectedScore` and `exactPolicyGradient` are what the first gives where slopes count as often as a policy comes by.

/**
 * By every prefix: the sum over prefixes p and tokens v of slope(p, v) d log pi(v | p) / d logits, from slopes [P, V].
 * Only the rows of prefixes with a slope that is not 0 are looked at.
 * @throws ShapeError unless there is one slope for each prefix and token
 * @example prefixLogitGradient(treePolicy(sequenceTree(2, 1), [0, 0]), [3, 1]) // [1, -1]
 */
export function prefixLogitGradient(policy: TreePolicy, slopes: ArrayLike<number>): Float64Array {
  const { tree, contexts, logits } = policy;
  const V = tree.vocabulary;
  checkPairs(policy, { slopes });
  const logProbs = rowLogProbs(policy);
  const out = new Float64Array(logits.length);
  for (let p = 0; p < contexts.length; p++) {
    let total = 0;
    let any = false;
    for (let v = 0; v < V; v++) {
      const slope = slopes[p * V + v];
      if (slope === 0) continue;
      out[contexts[p] * V + v] += slope;
      total += slope;
      any = true;
    }
    if (!any) continue;
    const row = logProbs(p);
    for (let v = 0; v < V; v++) out[contexts[p] * V + v] -= total * Math.exp(row[v]);
  }
  return out;
}

/**
 * By token: the sum over drawn tokens of slope (onehot(token) - pi(. | prefix)), from their places in tables [P, V] and
 * one slope for each, list by list.
 * @throws ShapeError unless there is one slope for each place
 */
export function tokenLogitGradient(
  policy: TreePolicy,
  tokenIndices: readonly Int32Array[],
  slopes: readonly ArrayLike<number>[],
): Float64Array {
  const sums = new Float64Array(policy.contexts.length * policy.tree.vocabulary);
  if (slopes.length !== tokenIndices.length)
    throw new ShapeError(complaint("slopes", `${tokenIndices.length} lists`, slopes));
  tokenIndices.forEach((list, b) => {
    checkLength(`slopes[${b}]`, slopes[b], list.length, "one per token");
    list.forEach((at, t) => {
      sums[at] += slopes[b][t];
    });
  });
  return prefixLogitGradient(policy, sums);
}

/**
 * By sequence: from d loss / d log pi(y) of every finished sequence, [N]. A token's slope is the sum of those of the
 * sequences that come by it.
 * @throws ShapeError unless there is one slope for each sequence
 */
export function sequenceLogitGradient(policy: TreePolicy, slopes: ArrayLike<number>): Float64Array {
  const { tree } = policy;
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  checkSequences(policy, { slopes });
  const sums = new Float64Array(P * V);
  const passing = new Float64Array(P);
  for (let p = P - 1; p >= 0; p--) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      const slope = child >= 0 ? passing[child] : slopes[-1 - child];
      passing[p] += slope;
      sums[p * V + v] = slope;
    }
  }
  return prefixLogitGradient(policy, sums);
}

/**
 * What a loss on drawn tokens does on average: the expectation, over sequences of the policy `behaviour`, of
 *
 *   sum over tokens t of weight(prefix_t, token_t) * d log pi(token_t | prefix_t) / d logits.
 *
 * The weights [P, V] are d loss / d logp of a token, which may depend on its prefix, not on what comes later.
 * `behaviour` holds conditional log-probabilities [P, V]; pi's own when left out.
 * @throws ShapeError if a table has another length
 */
export function expectedScore(
  policy: TreePolicy,
  weights: ArrayLike<number>,
  behaviour: ArrayLike<number> = nextTokenLogProbs(policy),
): Float64Array {
  const V = policy.tree.vocabulary;
  checkPairs(policy, { weights, behaviour });
  const reach = prefixProbabilities(policy.tree, behaviour);
  const slopes = Float64Array.from(weights, (weight, at) => {
    const probability = reach[Math.floor(at / V)] * Math.exp(behaviour[at]);
    return probability === 0 ? 0 : probability * weight; // Infinity on what is never drawn counts for nothing
  });
  return prefixLogitGradient(policy, slopes);
}

/**
 * The exact policy gradient, d E_pi[reward] / d logits, [rows, V] row-major, by going through the whole tree:
 * for each prefix s, P(reach s) pi(v | s) (Q(s, v) - V(s)), summed over the prefixes that share a row.
 * With a KL penalty, give reward(y) - beta log(pi(y) / ref(y)): the gradient of its -beta log pi(y) is zero on average.
 * Also returns the exact value E_pi[reward], and per prefix the action values Q [P, V], the state values V [P] and the
 * probability of reaching it [P]: what a critic should learn.
 * @throws ShapeError unless there is one reward for each sequence
 * @example
 * const policy = treePolicy(sequenceTree(2, 2), [0, 0, 0, 0]);
 * exactPolicyGradient(policy, [0, 1, 0]).gradient // [-0.125, 0.125, 0.125, -0.125]
 */
export function exactPolicyGradient(
  policy: TreePolicy,
  reward: ArrayLike<number>,
): { gradient: Float64Array; value: number; Q: Float64Array; V: Float64Array; reach: Float64Array } {
  const { tree, contexts, logits } = policy;
  checkSequences(policy, { reward });
  const V = tree.vocabulary;
  const P = tree.prefixes.length;
  const conditionals = nextTokenLogProbs(policy);
  const probability = conditionals.map(Math.exp);
  const Q = new Float64Array(P * V);
  const values = new Float64Array(P);
  for (let p = P - 1; p >= 0; p--) {
    for (let v = 0; v < V; v++) {
      const child = tree.next[p * V + v];
      Q[p * V + v] = child >= 0 ? values[child] : reward[-1 - child];
      // An impossible token adds nothing, even where its reward is -Infinity.
      if (probability[p * V + v] > 0) values[p] += probability[p * V + v] * Q[p * V + v];
    }
  }
  const reach = prefixProbabilities(tree, conditionals);
  const gradient = new Float64Array(logits.length);
  for (let p = 0; p < P; p++) {
    for (let v = 0; v < V; v++) {
      const here = reach[p] * probability[p * V + v];
      if (here > 0) gradient[contexts[p] * V + v] += here * (Q[p * V + v] - values[p]);
    }
  }
  return { gradient, value: values[0], Q, V: values, reach };
}

function checkPairs({ tree }: TreePolicy, lists: Record<string, ArrayLike<number>>): void {
  const [P, V] = [tree.prefixes.length, tree.vocabulary];
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== P * V)
      throw new ShapeError(complaint(name, `${P * V} numbers, ${P} prefixes by ${V} tokens`, list));
  }
}

function checkSequences({ tree }: TreePolicy, lists: Record<string, ArrayLike<number>>): void {
  const N = tree.sequences.length;
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== N) throw new ShapeError(complaint(name, `${N} numbers, one per sequence`, list));
  }
}
