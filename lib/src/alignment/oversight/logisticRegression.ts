import { checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { lbfgs, sigmoid, softplus } from "../../numerics/index.js";

/** P(yes | x) = sigmoid(bias + weights . x). */
export interface LogisticRegression {
  weights: Float64Array;
  bias: number;
}

/**
 * Logistic regression on targets in [0, 1] by L-BFGS: the least mean cross-entropy, in nats, plus
 * l2 / 2 |weights|^2; the bias is free. `features` [n][d], `targets` [n].
 * @throws ShapeError for no rows or ragged ones, DomainError for a target outside [0, 1] or an l2 that is not above 0
 */
export function fitLogistic(
  features: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  { l2, iterations = 200 }: { l2: number; iterations?: number },
): LogisticRegression {
  const n = features.length;
  if (n === 0 || n !== targets.length) {
    throw new ShapeError(complaint("features", `at least one row, and one for each of ${targets.length}`, features));
  }
  const d = features[0].length;
  features.forEach((row, i) => {
    if (row.length !== d) throw new ShapeError(complaint(`features[${i}]`, `${d} numbers`, row));
    checkShare(`targets[${i}]`, targets[i]);
  });
  if (!(l2 > 0)) throw new DomainError(complaint("l2", "a positive number", l2));
  const { at } = lbfgs(
    (parameters, gradient) => {
      gradient.fill(0);
      let value = 0;
      for (let j = 0; j < d; j++) {
        value -= (l2 / 2) * parameters[j] ** 2;
        gradient[j] = -l2 * parameters[j];
      }
      for (let i = 0; i < n; i++) {
        const row = features[i];
        let z = parameters[d];
        for (let j = 0; j < d; j++) z += parameters[j] * row[j];
        value -= (softplus(z) - targets[i] * z) / n;
        const slope = (targets[i] - sigmoid(z)) / n;
        for (let j = 0; j < d; j++) gradient[j] += slope * row[j];
        gradient[d] += slope;
      }
      return value;
    },
    new Float64Array(d + 1),
    { iterations, mayStopEarly: true },
  );
  return { weights: Float64Array.from(at).subarray(0, d), bias: at[d] };
}

/** P(yes) of every row, [n]. */
export function logisticProbabilities(
  { weights, bias }: LogisticRegression,
  features: readonly ArrayLike<number>[],
): Float64Array {
  return Float64Array.from(features, (row) => {
    if (row.length !== weights.length) throw new ShapeError(complaint("row", `${weights.length} numbers`, row));
    return sigmoid(weights.reduce((z, w, j) => z + w * row[j], bias));
  });
}
