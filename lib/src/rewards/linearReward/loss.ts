import { Matrix } from "ml-matrix";
import { checkLength, checkNonNegative } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { sigmoid, softplus } from "../../numerics/index.js";
import { type FeaturePairs, featureDifferences } from "../featurePairs.js";
import { type SparseRows, sparseRows } from "./sparseRows.js";

export interface Penalty {
  /** lambda: adds (lambda / 2) ||theta||^2 to the mean loss; 0 by default. */
  l2?: number;
}

/** The reward of things with features [n][d] or row-major [n * d]: their dot products with theta [d]. Returns [n]. */
export function rewards(theta: ArrayLike<number>, features: ArrayLike<number>): Float64Array {
  const d = theta.length;
  if (d === 0 || features.length % d !== 0) {
    throw new ShapeError(complaint("features", `rows of ${d} numbers, one for each weight`, features));
  }
  const out = new Float64Array(features.length / d);
  for (let k = 0; k < out.length; k++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += theta[j] * features[k * d + j];
    out[k] = sum;
  }
  return out;
}

/** theta . (chosen - rejected) of every row, [rows], in nats. @throws ShapeError unless theta has `width` weights */
export function margins(theta: ArrayLike<number>, pairs: FeaturePairs): Float64Array {
  checkTheta(theta, pairs);
  return rewards(theta, featureDifferences(pairs));
}

/**
 * Mean over rows of -log sigmoid(theta . x_k), plus (l2 / 2) ||theta||^2, where x_k = chosen - rejected; in nats.
 * @throws ShapeError unless theta has `width` weights; DomainError if l2 < 0
 */
export function loss(theta: ArrayLike<number>, pairs: FeaturePairs, penalty: Penalty = {}): number {
  const l2 = checkPenalty(penalty);
  let sum = 0;
  for (const margin of margins(theta, pairs)) sum += softplus(-margin);
  return sum / pairs.rows + (l2 / 2) * squaredNorm(theta);
}

/** The gradient of `loss`, [d]: -mean over rows of (1 - sigmoid(theta . x_k)) x_k, plus l2 theta. @throws as loss */
export function gradient(theta: ArrayLike<number>, pairs: FeaturePairs, penalty: Penalty = {}): Float64Array {
  checkTheta(theta, pairs);
  const out = new Float64Array(pairs.width);
  lossAndGradient(theta, sparseRows(featureDifferences(pairs), pairs.width), checkPenalty(penalty), out);
  return out;
}

/**
 * The matrix of second derivatives of `loss`, d x d: mean over rows of sigmoid(m_k) sigmoid(-m_k) x_k x_k', plus l2 I.
 * It never has a negative eigenvalue: the loss is convex. @throws as loss
 */
export function hessian(theta: ArrayLike<number>, pairs: FeaturePairs, penalty: Penalty = {}): Matrix {
  checkTheta(theta, pairs);
  const l2 = checkPenalty(penalty);
  const x = featureDifferences(pairs);
  const curve = Float64Array.from(rewards(theta, x), (m) => sigmoid(m) * sigmoid(-m));
  const h = secondMoment(x, pairs.width, curve);
  for (let j = 0; j < pairs.width; j++) h.set(j, j, h.get(j, j) + l2);
  return h;
}

/**
 * Sigma = mean over rows of x_k x_k', x_k = chosen - rejected, d x d: which directions of theta the
 * comparisons speak about.
 * ||v||_{Sigma + lambda I} = sqrt(v' (Sigma + lambda I) v) is the length in which the guarantees are stated.
 */
export function covariance(pairs: FeaturePairs): Matrix {
  return secondMoment(featureDifferences(pairs), pairs.width);
}

/** sqrt(v' (Sigma + lambda I) v). @throws ShapeError unless v is as long as Sigma is wide */
export function matrixNorm(v: ArrayLike<number>, sigma: Matrix, lambda = 0): number {
  checkLength("v", v, sigma.rows);
  let sum = 0;
  for (let i = 0; i < v.length; i++) {
    for (let j = 0; j < v.length; j++) sum += v[i] * sigma.get(i, j) * v[j];
    sum += lambda * v[i] * v[i];
  }
  return Math.sqrt(Math.max(0, sum));
}

/** The loss and its gradient over given differences, the gradient written into `out`: one pass, for an optimiser. */
export function lossAndGradient(theta: ArrayLike<number>, x: SparseRows, l2: number, out: Float64Array): number {
  const { rows, start, column, value } = x;
  out.fill(0);
  let loss = 0;
  for (let k = 0; k < rows; k++) {
    let margin = 0;
    for (let e = start[k]; e < start[k + 1]; e++) margin += theta[column[e]] * value[e];
    loss += softplus(-margin);
    const pull = sigmoid(-margin);
    for (let e = start[k]; e < start[k + 1]; e++) out[column[e]] -= pull * value[e];
  }
  for (let j = 0; j < theta.length; j++) out[j] = out[j] / rows + l2 * theta[j];
  return loss / rows + (l2 / 2) * squaredNorm(theta);
}

export function squaredNorm(theta: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < theta.length; j++) sum += theta[j] * theta[j];
  return sum;
}

/** mean over rows of weight_k x_k x_k'. */
function secondMoment(x: Float64Array, d: number, weight?: Float64Array): Matrix {
  const rows = x.length / d;
  const h = new Float64Array(d * d);
  for (let k = 0; k < rows; k++) {
    const w = weight === undefined ? 1 : weight[k];
    for (let i = 0; i < d; i++) {
      const left = w * x[k * d + i];
      if (left === 0) continue; // counts of words are mostly zero
      for (let j = 0; j <= i; j++) h[i * d + j] += left * x[k * d + j];
    }
  }
  const out = new Matrix(d, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      out.set(i, j, h[i * d + j] / rows);
      out.set(j, i, h[i * d + j] / rows);
    }
  }
  return out;
}

function checkTheta(theta: ArrayLike<number>, pairs: FeaturePairs): void {
  if (theta.length === pairs.width) return;
  throw new ShapeError(complaint("theta", `${pairs.width} weights, one for each feature`, theta));
}

export function checkPenalty({ l2 = 0 }: Penalty): number {
  checkNonNegative("l2", l2);
  return l2;
}
