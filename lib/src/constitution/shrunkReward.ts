import { Matrix } from "ml-matrix";
import { checkNumbers } from "../core/checks.js";
import { ConvergenceError, complaint, DomainError } from "../core/index.js";
import { dot } from "../numerics/dot.js";
import { inversePositiveDefinite } from "../numerics/index.js";
import { checkScores, type Scores } from "./checkScores.js";

/**
 * A linear reward that is pulled towards what a constitution says, the weights [d] with the least
 * |labels - X theta|^2 + weight |theta - prior|^2: ridge regression that shrinks to the prior, not to 0. weight 0 is
 * least squares, weight Infinity the constitution alone. (Hoerl and Kennard 1970; as a Bayesian estimate, weight =
 * label variance / prior variance.)
 * @param features X, [n][d]
 * @param labels [n], in units of reward
 * @param prior [d]
 * @throws ShapeError if lengths differ; DomainError if a number is not finite or weight < 0; ConvergenceError
 *   if weight is 0 and the features do not determine theta
 * @example shrunkReward([[1, 0], [0, 1]], [2, 0], [0, 0], 1) // [1, 0]
 */
export function shrunkReward(
  features: Scores,
  labels: ArrayLike<number>,
  prior: ArrayLike<number>,
  weight: number,
): Float64Array {
  const d = checkScores("features", features);
  checkNumbers("labels", labels, features.length);
  checkNumbers("prior", prior, d);
  checkWeight(weight);
  if (weight === Number.POSITIVE_INFINITY) return Float64Array.from(prior);
  const right = Float64Array.from(prior, (value) => weight * value);
  features.forEach((row, i) => {
    for (let j = 0; j < d; j++) right[j] += row[j] * labels[i];
  });
  const inverse = inverseNormalMatrix(features, d, weight);
  return Float64Array.from(inverse, (row) => dot(row, right));
}

/** Mean squared error of a learned reward, taken apart; in squared units of reward. */
export interface RewardErrorParts {
  squaredBias: number;
  variance: number;
}

export interface LabelledDesign {
  /** X, [n][d]: the items that were labelled. */
  features: Scores;
  /** What their labels are on average, [n]; need not be linear in the features. */
  truth: ArrayLike<number>;
  /** Variance of a label around that. */
  labelVariance: number;
}

/** Where a reward is used: all outcomes, with probabilities. */
export interface RewardUse {
  /** [N][d]. */
  features: Scores;
  /** True reward, [N]. */
  truth: ArrayLike<number>;
  /** How often each comes up, [N]. */
  probabilities: ArrayLike<number>;
}

/**
 * Squared bias and variance of `shrunkReward` over fresh label noise, in closed form: with A = X'X + weight I the mean
 * of theta is A^-1 (X' truth + weight prior), its covariance s^2 A^-1 X'X A^-1; both are averaged over where the reward
 * is used. Their sum is the expected squared error there. Bias rises with weight (if the prior is wrong), variance
 * falls.
 * @throws as `shrunkReward`; DomainError unless labelVariance >= 0
 */
export function shrunkRewardError(
  design: LabelledDesign,
  use: RewardUse,
  prior: ArrayLike<number>,
  weight: number,
): RewardErrorParts {
  const d = checkScores("features", design.features);
  checkScores("use.features", use.features);
  checkNumbers("use.truth", use.truth, use.features.length);
  checkNumbers("use.probabilities", use.probabilities, use.features.length);
  if (!(design.labelVariance >= 0)) {
    throw new DomainError(complaint("labelVariance", "a number of at least 0", design.labelVariance));
  }
  const mean = shrunkReward(design.features, design.truth, prior, weight);
  const moments = Array.from({ length: d }, () => new Float64Array(d)); // E[z z'] where it is used
  let squaredBias = 0;
  use.features.forEach((row, y) => {
    const p = use.probabilities[y];
    if (p === 0) return;
    squaredBias += p * (dot(row, mean) - use.truth[y]) ** 2;
    for (let i = 0; i < d; i++) {
      if (row[i] !== 0) for (let j = 0; j < d; j++) moments[i][j] += p * row[i] * row[j];
    }
  });
  if (weight === Number.POSITIVE_INFINITY) return { squaredBias, variance: 0 };
  const inverse = inverseNormalMatrix(design.features, d, weight);
  // tr(M A^-1 X'X A^-1), with X'X A^-1 = I - weight A^-1.
  let trace = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      let middle = inverse[i][j];
      for (let l = 0; l < d; l++) middle -= weight * inverse[i][l] * inverse[l][j];
      trace += moments[i][j] * middle;
    }
  }
  return { squaredBias, variance: design.labelVariance * trace };
}

/** (X'X + weight I)^-1, [d][d]. */
function inverseNormalMatrix(features: Scores, d: number, weight: number): number[][] {
  const matrix = Array.from({ length: d }, (_, i) =>
    Float64Array.from({ length: d }, (_, j) => (i === j ? weight : 0)),
  );
  for (const row of features) {
    for (let i = 0; i < d; i++) if (row[i] !== 0) for (let j = 0; j < d; j++) matrix[i][j] += row[i] * row[j];
  }
  const inverse = inversePositiveDefinite(new Matrix(matrix));
  if (inverse === undefined) {
    throw new ConvergenceError("shrunkReward: the features do not determine the weights: give a weight above 0");
  }
  return inverse.to2DArray();
}

function checkWeight(weight: number): void {
  if (!(weight >= 0)) throw new DomainError(complaint("weight", "a number of at least 0, or Infinity", weight));
}
