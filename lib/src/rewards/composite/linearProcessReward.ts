import { checkLength, checkPositive, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { lbfgs, sigmoid, softplus } from "../../numerics/index.js";

/** A reward model for steps: P(ends well | prefix) = sigmoid(bias + weights . features). */
export interface LinearProcessReward {
  readonly weights: Float64Array;
  readonly bias: number;
  /** The mean loss over the labels, in nats, penalty not included. */
  readonly loss: number;
}

/**
 * Fits a linear process reward to labels in [0, 1], by the cross-entropy mean over k of -(y log p + (1 - y)
 * log(1 - p)), plus l2 |weights|^2 / 2. Convex; soft labels are as good as hard ones. It climbs in units of each
 * feature's size, so features times c with l2 times c^2 give weights / c. `features` [n, d], `labels` [n]. With the
 * outcomes of whole replies as labels it is an outcome reward model.
 * @throws ShapeError if the sizes differ; DomainError for no labels, a label outside [0, 1], or l2 <= 0 (labels that
 *   can be told apart would run off)
 */
export function fitProcessReward(
  features: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  { l2 = 1e-3 }: { l2?: number } = {},
): LinearProcessReward {
  const n = features.length;
  if (n === 0) throw new DomainError(complaint("features", "at least one row", features));
  if (labels.length !== n) throw new ShapeError(complaint("labels", `${n} labels, one per row`, labels));
  const d = features[0].length;
  features.forEach((row, k) => {
    checkLength(`features[${k}]`, row, d, "as the first row has");
    checkShare(`labels[${k}]`, labels[k]);
  });
  checkPositive("l2", l2);
  const crossEntropy = (at: Float64Array, slope?: Float64Array) => {
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const z = logOdds(at, features[k]);
      sum += softplus(z) - labels[k] * z;
      if (slope === undefined) continue;
      const pull = (labels[k] - sigmoid(z)) / n;
      for (let i = 0; i < d; i++) slope[i] += pull * features[k][i];
      slope[d] += pull;
    }
    return sum / n;
  };
  const unit = new Float64Array(d + 1).fill(1);
  for (let i = 0; i < d; i++) {
    const most = features.reduce((so, row) => Math.max(so, Math.abs(row[i])), 0);
    unit[i] = 1 / Math.hypot(most, Math.sqrt(l2));
  }
  const found = lbfgs(
    (scaled, slope) => {
      slope.fill(0);
      const point = scaled.map((x, i) => x * unit[i]);
      let value = -crossEntropy(point, slope);
      for (let i = 0; i < d; i++) {
        value -= (l2 * point[i] ** 2) / 2;
        slope[i] = (slope[i] - l2 * point[i]) * unit[i];
      }
      return value;
    },
    new Float64Array(d + 1),
  );
  const at = found.at.map((x, i) => x * unit[i]);
  return { weights: at.slice(0, d), bias: at[d], loss: crossEntropy(at) };
}

/** The probability that what has these features ends well. @throws ShapeError if there are not as many as weights */
export function processRewardScore({ weights, bias }: LinearProcessReward, features: ArrayLike<number>): number {
  checkLength("features", features, weights.length);
  return sigmoid(logOdds([...weights, bias], features));
}

/** weights . features + bias, the bias behind the weights. */
function logOdds(at: ArrayLike<number>, features: ArrayLike<number>): number {
  let z = at[features.length];
  for (let i = 0; i < features.length; i++) z += at[i] * features[i];
  return z;
}
