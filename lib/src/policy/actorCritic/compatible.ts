import { Matrix, solve } from "ml-matrix";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { exactPolicyGradient, expectedScore, nextTokenLogProbs, type TreePolicy } from "../../trees/index.js";

// When may a learned critic stand in for the true action values in the policy gradient? If its features are compatible,
// that is, the score of the policy itself, and its weights are those of the least squares under the policy (Sutton,
// McAllester, Singh and Mansour 2000, theorem 2).

/** Features of a state and an action: one list for each of P * V pairs (prefix, token), all of one length. */
export type ActionFeatures = readonly ArrayLike<number>[];

/**
 * Compatible features, d log pi(v | prefix) / d logits, [P * V][rows * V]: onehot(v) - pi(. | prefix) in the
 * prefix's row, 0 elsewhere.
 */
export function compatibleFeatures(policy: TreePolicy): Float64Array[] {
  const { tree, contexts, logits } = policy;
  const V = tree.vocabulary;
  const logp = nextTokenLogProbs(policy);
  return Array.from(logp, (_, pair) => {
    const p = Math.floor(pair / V);
    const feature = new Float64Array(logits.length);
    for (let v = 0; v < V; v++) feature[contexts[p] * V + v] = -Math.exp(logp[p * V + v]);
    feature[contexts[p] * V + (pair % V)] += 1;
    return feature;
  });
}

/** A critic's fit, and what the policy gradient becomes if one trusts it. */
export interface LinearCriticGradient {
  /** What the critic says of each pair, [P * V]. */
  q: Float64Array;
  /** sum over pairs of reach * pi * score * q, [rows * V]: the gradient with q for the true action values. */
  gradient: Float64Array;
  /** The exact policy gradient, [rows * V]. */
  exact: Float64Array;
  /** The cosine of the angle between the two. */
  cosine: number;
  /** Share of the variance of the true Q, over pairs as the policy meets them, that the critic accounts for. */
  explained: number;
}

/**
 * Fits a critic, linear in the features, to the true action values by least squares under the policy, sum of reach(p)
 * pi(v | p) (Q - w'f)^2, and puts it into the policy gradient. Nothing is sampled. With compatible features the
 * gradient is exact however badly the critic fits, because the error that is left is orthogonal to the features, and
 * those are what the gradient multiplies it by. With others nothing protects it.
 * @throws ShapeError if there is not one feature per pair, all of one length
 */
export function linearCriticGradient(
  policy: TreePolicy,
  reward: ArrayLike<number>,
  features: ActionFeatures,
): LinearCriticGradient {
  const { tree } = policy;
  const V = tree.vocabulary;
  const pairs = tree.prefixes.length * V;
  const size = features[0]?.length ?? 0;
  if (features.length !== pairs || features.some((f) => f.length !== size)) {
    throw new ShapeError(complaint("features", `${pairs} lists of one length, one per prefix and token`, features));
  }
  const { gradient: exact, Q, reach } = exactPolicyGradient(policy, reward);
  const probability = nextTokenLogProbs(policy).map(Math.exp);
  const weight = probability.map((chance, pair) => chance * reach[Math.floor(pair / V)]);

  const gram = Matrix.zeros(size, size);
  const right = Matrix.zeros(size, 1);
  const places: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    if (weight[pair] === 0) continue;
    const f = features[pair];
    places.length = 0;
    for (let i = 0; i < size; i++) if (f[i] !== 0) places.push(i);
    for (const i of places) {
      right.set(i, 0, right.get(i, 0) + weight[pair] * f[i] * Q[pair]);
      for (const j of places) gram.set(i, j, gram.get(i, j) + weight[pair] * f[i] * f[j]);
    }
  }
  // Directions that no pair excites (a row of compatible features adds up to 0) get weight 0.
  const trace = gram.trace();
  for (let i = 0; i < size; i++) gram.set(i, i, gram.get(i, i) + 1e-12 * trace + 1e-300);
  const w = solve(gram, right).to1DArray();

  const q = Float64Array.from(features, (f) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += w[i] * f[i];
    return sum;
  });
  const gradient = expectedScore(policy, q);
  const mean = Q.reduce((sum, x, pair) => sum + weight[pair] * x, 0) / sumOf(weight);
  const left = Q.reduce((sum, x, pair) => sum + weight[pair] * (x - q[pair]) ** 2, 0);
  const total = Q.reduce((sum, x, pair) => sum + weight[pair] * (x - mean) ** 2, 0);
  return { q, gradient, exact, cosine: cosine(gradient, exact), explained: total > 0 ? 1 - left / total : 0 };
}

function cosine(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  if (lengths === 0) throw new DomainError(complaint("gradient", "one that is not zero, to have a direction", a));
  return dot(a, b) / lengths;
}

const sumOf = (x: Float64Array) => x.reduce((a, b) => a + b, 0);
