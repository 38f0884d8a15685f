import { checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { greatest } from "../../numerics/greatest.js";
import { expectedImprovement } from "./expectedImprovement.js";
import type { JointBeliefs } from "./gaussianProcess.js";

/**
 * Knowledge gradient of measuring point i once more with noise: by how much the greatest mean is expected to grow,
 *   E max_x (mean(x) + slope(x) Z) - max mean,  slope = cov(., i) / sqrt(var(i) + noise^2),  Z ~ Normal(0, 1),
 * exactly, from the upper envelope of the lines (Frazier, Powell and Dayanik 2009). Never below 0: what nobody acts on
 * is worth nothing. `noise` is a standard deviation, in the unit of f.
 * @throws DomainError unless i is one of the points and noise at least 0
 * @example
 * const beliefs = gaussianProcess(squaredExponential({ length: 1 }), [], [], 0).jointly([[0], [100]]);
 * knowledgeGradient(beliefs, 0, 0) // 0.3989
 */
export function knowledgeGradient({ mean, covariance }: JointBeliefs, i: number, noise: number): number {
  const n = mean.length;
  if (!(Number.isInteger(i) && i >= 0 && i < n)) {
    throw new DomainError(complaint("i", `one of the points, 0 to ${n - 1}`, i));
  }
  checkNonNegative("noise", noise);
  const scale = Math.sqrt(covariance[i * n + i] + noise * noise);
  if (!(scale > 0)) return 0; // it is known already
  const slopes = Float64Array.from(mean, (_, x) => covariance[x * n + i] / scale);
  const lines = upperEnvelope(mean, slopes);
  // E max - max of the lines is a sum over the corners z: the change of slope times E (Z - |z|)^+.
  let sum = 0;
  for (let k = 1; k < lines.length; k++) {
    const [left, right] = [lines[k - 1], lines[k]];
    const corner = (mean[left] - mean[right]) / (slopes[right] - slopes[left]);
    sum += (slopes[right] - slopes[left]) * expectedImprovement(-Math.abs(corner), 1, 0);
  }
  return sum;
}

/** The lines mean + slope z that are somewhere the greatest, from z = -Infinity to Infinity. */
function upperEnvelope(mean: Float64Array, slopes: Float64Array): number[] {
  const order = Array.from(mean, (_, x) => x).sort((x, y) => slopes[x] - slopes[y] || mean[x] - mean[y]);
  const top: number[] = [];
  for (const x of order) {
    for (;;) {
      const last = top.at(-1);
      if (last === undefined) break;
      const before = top.at(-2);
      const above = slopes[last] === slopes[x]; // parallel, and x is no lower
      const hidden = before !== undefined && crossing(mean, slopes, before, x) <= crossing(mean, slopes, before, last);
      if (!above && !hidden) break;
      top.pop();
    }
    top.push(x);
  }
  return top;
}

/** Where line y overtakes line x, whose slope is less. */
function crossing(mean: Float64Array, slopes: Float64Array, x: number, y: number): number {
  return (mean[x] - mean[y]) / (slopes[y] - slopes[x]);
}

/**
 * The knowledge gradient of each point, [n], and the first of the greatest.
 * @throws as `knowledgeGradient`
 */
export function knowledgeGradients(beliefs: JointBeliefs, noise: number): { choice: number; gains: Float64Array } {
  const gains = beliefs.mean.map((_, i) => knowledgeGradient(beliefs, i, noise));
  return { choice: gains.indexOf(greatest(gains)), gains };
}
