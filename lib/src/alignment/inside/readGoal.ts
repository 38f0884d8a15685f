import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { checkLength, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import type { TabularMdp, TabularPolicy } from "../../mdp/index.js";
import { dot } from "../../numerics/dot.js";
import { lbfgs } from "../../numerics/index.js";
import { featureExpectations } from "../inference/demonstrations.js";
import { maxEntPoint } from "../inference/maxEntIrl.js";

/** One world in which an agent was watched: what may matter in it, and what the agent does. */
export interface WatchedWorld {
  readonly mdp: TabularMdp;
  /** Goals it may have: k features, each [states * actions]. The same k in every world. */
  readonly features: readonly ArrayLike<number>[];
  readonly policy: TabularPolicy;
}

export interface GoalReading {
  /** w, [k]: what each feature is worth to whoever behaves so, in units of the temperature 1. */
  readonly weights: Float64Array;
  /** Mean log-probability of a step under the soft optimum for w, in nats, up to a constant. */
  readonly logLikelihood: number;
  /** Eigenvalues of the information about w at w = 0, the least first, [k]: what these worlds can tell apart at all. */
  readonly information: Float64Array;
  /** Whether these worlds can tell all k features apart: the least eigenvalue is not 0 beside the greatest. */
  readonly identified: boolean;
}

/**
 * The behavioural goal of a policy, read off what it does: the weights whose soft optimum explains it best in all
 * worlds together, max over w of mean log pi_w(a | s) - l2 / 2 |w|^2, by maximum-entropy IRL (lesson 15; Ziebart,
 * Bagnell and Dey 2010). It says what the policy acts as if it wanted, nothing of what happens inside it. Worlds in
 * which two goals always come together cannot tell them apart: then `identified` is false and the weights are one
 * choice of many. The penalty keeps weights finite where a policy never errs.
 * @throws DomainError for no worlds or an l2 below 0, ShapeError for features that do not fit
 */
export function readGoal(worlds: readonly WatchedWorld[], { l2 = 1e-4 }: { l2?: number } = {}): GoalReading {
  if (worlds.length === 0) throw new DomainError(complaint("worlds", "at least one", worlds));
  checkNonNegative("l2", l2);
  const k = worlds[0].features.length;
  const expectations = worlds.map(({ mdp, features, policy }, i) => {
    checkLength(`worlds[${i}].features`, features, k, "as in the first world");
    return featureExpectations(mdp, policy, features);
  });
  const at = (weights: ArrayLike<number>, gradient: Float64Array) => {
    gradient.fill(0);
    return worlds.reduce((sum, { mdp, features }, i) => {
      const point = maxEntPoint(mdp, features, expectations[i], weights);
      for (let j = 0; j < k; j++) gradient[j] += point.gradient[j] / worlds.length;
      return sum + point.logLikelihood / worlds.length;
    }, 0);
  };
  const { at: weights, value } = lbfgs(
    (w, gradient) => {
      const likelihood = at(w, gradient);
      for (let j = 0; j < k; j++) gradient[j] -= l2 * w[j];
      return likelihood - (l2 / 2) * dot(w, w);
    },
    new Float64Array(k),
    { tolerance: 1e-6, iterations: 100, mayStopEarly: true },
  );
  const information = informationAt0(k, at);
  return {
    weights: Float64Array.from(weights),
    logLikelihood: value + (l2 / 2) * dot(weights, weights),
    information,
    identified: information[0] > 1e-6 * information[k - 1],
  };
}

/** Eigenvalues, upwards, of minus the second derivatives at 0: differences of the exact gradient. */
function informationAt0(k: number, at: (weights: ArrayLike<number>, gradient: Float64Array) => number): Float64Array {
  const h = 1e-4;
  const rows = Array.from({ length: k }, (_, j) => {
    const [up, down] = [h, -h].map((step) => {
      const gradient = new Float64Array(k);
      at(
        Float64Array.from({ length: k }, (_, i) => (i === j ? step : 0)),
        gradient,
      );
      return gradient;
    });
    return Array.from(up, (slope, i) => (down[i] - slope) / (2 * h));
  });
  const matrix = new Matrix(rows);
  const symmetric = Matrix.add(matrix, matrix.transpose()).mul(0.5);
  return Float64Array.from(new EigenvalueDecomposition(symmetric, { assumeSymmetric: true }).realEigenvalues).sort();
}
