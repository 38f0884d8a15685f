import { complaint, DomainError } from "../../core/index.js";
import type { EnumeratedPolicy } from "./enumeratedPolicy.js";
import { addReplyGradient, addScore, eachTouched } from "./estimate.js";

// The variance of A - b s is least where d/db E||A - b s||^2 = 0: A the estimate without a baseline, s the score.
// The mean does not depend on b, so the second moment is all that matters. (Greensmith, Bartlett and Baxter 2004;
// Peters and Schaal 2008.)

/**
 * The single number b that makes the estimate least noisy, E[A . s] / E||s||^2; for the reward of the whole reply
 *
 *   b* = E[R ||s||^2] / E||s||^2,
 *
 * the mean reward with each reply weighted by its squared score: not E[R], unless the two are uncorrelated. 0 for a
 * policy that has no choice.
 */
export function optimalBaseline(policy: EnumeratedPolicy, { toGo = false }: { toGo?: boolean } = {}): number {
  const { products, squares } = crossMoments(policy, toGo);
  const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const length = total(squares);
  return length > 0 ? total(products) / length : 0;
}

/** The same for each coordinate of the gradient, [D]: b_i = E[A_i s_i] / E[s_i^2]; 0 where a coordinate never moves. */
export function optimalCoordinateBaseline(
  policy: EnumeratedPolicy,
  { toGo = false }: { toGo?: boolean } = {},
): Float64Array {
  const { products, squares } = crossMoments(policy, toGo);
  return products.map((product, i) => (squares[i] > 0 ? product / squares[i] : 0));
}

/**
 * The best number for each prefix, [P], for rewards to go: the action values weighted by the
 * squared score of the action,
 *
 *   b(p) = sum_v pi(v) ||s_v||^2 Q(p, v) / sum_v pi(v) ||s_v||^2,   ||s_v||^2 = 1 - 2 pi(v) + sum_u pi(u)^2,
 *
 * which is V(p) only if they all have the same length. For a table with a row for each prefix, where the prefixes
 * do not share parameters.
 * @throws DomainError if prefixes share rows
 */
export function optimalStateBaseline(policy: EnumeratedPolicy): Float64Array {
  const { tree, contexts, probabilities, actionValueToGo } = policy;
  const V = tree.vocabulary;
  if (new Set(contexts).size < contexts.length) {
    throw new DomainError(
      complaint("rows", "a row of its own for each prefix", contexts, "Shared rows couple the baselines"),
    );
  }
  return Float64Array.from(tree.prefixes, (_, p) => {
    const pi = probabilities.subarray(p * V, (p + 1) * V);
    const overlap = pi.reduce((sum, q) => sum + q * q, 0);
    let [above, below] = [0, 0];
    for (let v = 0; v < V; v++) {
      const weight = pi[v] * (1 - 2 * pi[v] + overlap);
      if (weight > 0) above += weight * actionValueToGo[p * V + v];
      below += weight;
    }
    return below > 0 ? above / below : policy.valueToGo[p];
  });
}

/** E[A_i s_i] and E[s_i^2], [D]. */
function crossMoments(policy: EnumeratedPolicy, toGo: boolean): { products: Float64Array; squares: Float64Array } {
  const D = policy.logits.length;
  const [products, squares, estimate, score] = Array.from({ length: 4 }, () => new Float64Array(D));
  policy.logProbs.forEach((logp, n) => {
    if (logp === Number.NEGATIVE_INFINITY) return;
    const probability = Math.exp(logp);
    addReplyGradient(policy, n, { toGo }, 1, estimate);
    addScore(policy, n, () => 1, 1, score);
    eachTouched(policy, n, (at) => {
      products[at] += probability * estimate[at] * score[at];
      squares[at] += probability * score[at] * score[at];
      estimate[at] = 0;
      score[at] = 0;
    });
  });
  return { products, squares };
}
