import { complaint, DomainError } from "../../core/index.js";
import {
  exactPolicyGradient,
  nextTokenLogProbs,
  prefixProbabilities,
  sequenceKl,
  type TreePolicy,
} from "../../trees/index.js";

/**
 * The exact Fisher information of the logits, [rows V, rows V]: E over the policy's sequences of the sum over tokens of
 * (d log pi / d logits)(d log pi / d logits)'. It is the matrix of second derivatives of KL(old || new), and of
 * KL(new || old), at new = old: KL = step' F step / 2 to second order. One block for each row of the table,
 * visits * (diag(pi) - pi pi').
 */
export function fisherInformation(policy: TreePolicy): number[][] {
  const { tree, logits } = policy;
  const V = tree.vocabulary;
  const { pi, visits } = rowsOf(policy);
  const F = Array.from(logits, () => new Array<number>(logits.length).fill(0));
  visits.forEach((visit, row) => {
    for (let v = 0; v < V; v++) {
      for (let w = 0; w < V; w++) {
        F[row * V + v][row * V + w] = visit * pi[row * V + v] * ((v === w ? 1 : 0) - pi[row * V + w]);
      }
    }
  });
  return F;
}

/**
 * The natural gradient F^+ gradient, [rows, V] (Amari 1998; Kakade 2001): the direction that gains most for its
 * KL. For a table of logits it is the gradient over visits and probability: the advantage of a token, averaged
 * over the prefixes that share its row. Rows that are never visited do not move. The gradient is one of softmax
 * logits: each row adds up to 0.
 */
export function naturalGradient(policy: TreePolicy, gradient: ArrayLike<number>): Float64Array {
  const V = policy.tree.vocabulary;
  const { pi, visits } = rowsOf(policy);
  return Float64Array.from(gradient, (g, i) => {
    const weight = visits[Math.floor(i / V)] * pi[i];
    return weight > 0 ? g / weight : 0;
  });
}

export interface TrustRegionStep {
  readonly policy: TreePolicy;
  /** KL(old || new) of sequences, in nats: at most the radius. */
  readonly kl: number;
  /** By how much the expected reward rose: exact, and never negative. */
  readonly gain: number;
  /** How often the step was shortened. */
  readonly backtracks: number;
}

/**
 * One step of trust region policy optimisation (TRPO; Schulman et al. 2015, arXiv:1502.05477) with everything
 * exact: along the natural gradient of E[reward], as far as the quadratic model allows, sqrt(2
 * radius / gradient' F^+ gradient); then shortened by half until the true KL(old || new) is within the radius
 * and the true value has not fallen. Stays where it is if no length will do. `reward` [N], one number per
 * sequence; the radius in nats per sequence.
 * @throws DomainError unless radius > 0; ShapeError as `exactPolicyGradient`
 */
export function trustRegionStep(
  old: TreePolicy,
  reward: ArrayLike<number>,
  { radius }: { radius: number },
): TrustRegionStep {
  if (!(radius > 0 && Number.isFinite(radius))) {
    throw new DomainError(complaint("radius", "a positive number of nats", radius));
  }
  const { gradient, value } = exactPolicyGradient(old, reward);
  const direction = naturalGradient(old, gradient);
  const slope = direction.reduce((sum, d, i) => sum + d * gradient[i], 0);
  const before = nextTokenLogProbs(old);
  if (slope > 0) {
    let length = Math.sqrt((2 * radius) / slope);
    for (let backtracks = 0; backtracks < 40; backtracks++, length /= 2) {
      const policy = { ...old, logits: old.logits.map((z, i) => z + length * direction[i]) };
      const { kl } = sequenceKl(old.tree, before, nextTokenLogProbs(policy));
      const gain = exactPolicyGradient(policy, reward).value - value;
      if (kl <= radius && gain >= 0) return { policy, kl, gain, backtracks };
    }
  }
  return { policy: old, kl: 0, gain: 0, backtracks: 40 };
}

/** pi [rows, V] and the expected number of visits of each row, [rows]. */
function rowsOf(policy: TreePolicy): { pi: Float64Array; visits: Float64Array } {
  const { tree, contexts, logits } = policy;
  const V = tree.vocabulary;
  const conditionals = nextTokenLogProbs(policy);
  const reach = prefixProbabilities(tree, conditionals);
  const pi = new Float64Array(logits.length);
  const visits = new Float64Array(logits.length / V);
  for (let p = 0; p < contexts.length; p++) {
    visits[contexts[p]] += reach[p];
    for (let v = 0; v < V; v++) pi[contexts[p] * V + v] = Math.exp(conditionals[p * V + v]);
  }
  return { pi, visits };
}
