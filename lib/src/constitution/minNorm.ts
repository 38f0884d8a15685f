import { dot } from "../numerics/dot.js";
import { checkScores, type Scores } from "./checkScores.js";

export interface MinNorm {
  /** The point itself, [D]. */
  direction: Float64Array;
  /** Its weights on the gradients, [k], none negative, adding up to 1. */
  weights: Float64Array;
}

/**
 * MGDA's direction: the point of the convex hull of gradients [k][D] that has the least norm. If it is not 0, a small
 * step along it improves every objective at the same rate or more, g_i . d >= |d|^2; if it is 0, no direction improves
 * all. (Desideri 2012; Sener and Koltun 2018, arXiv:1810.04650.) Of two gradients the weight of the first is
 * (g_2 - g_1) . g_2 / |g_1 - g_2|^2, clipped to [0, 1]; for more, mass is moved between pairs until no pair gains.
 * @throws DomainError, ShapeError if gradients are no table of finite numbers
 * @example minNorm([[-4, 1, 1], [6, 1, 1]]).weights // [0.6, 0.4]
 */
export function minNorm(gradients: Scores): MinNorm {
  const D = checkScores("gradients", gradients);
  const k = gradients.length;
  const gram = gradients.map((a) => Float64Array.from(gradients, (b) => dot(a, b)));
  const weights = new Float64Array(k).fill(1 / k);
  const pulls = new Float64Array(k); // g_i . direction
  const scale = gram.reduce((most, row, i) => Math.max(most, row[i]), 0);
  for (let round = 0; round < 10_000; round++) {
    for (let i = 0; i < k; i++) pulls[i] = weights.reduce((sum, w, j) => sum + w * gram[i][j], 0);
    let [up, down] = [0, -1]; // the least pull, and the largest of those that have weight to give
    for (let i = 0; i < k; i++) {
      if (pulls[i] < pulls[up]) up = i;
      if (weights[i] > 0 && (down < 0 || pulls[i] > pulls[down])) down = i;
    }
    const slope = pulls[down] - pulls[up];
    if (slope <= 1e-15 * scale) break;
    const curvature = gram[up][up] - 2 * gram[up][down] + gram[down][down];
    const move = Math.min(weights[down], slope / curvature);
    weights[up] += move;
    weights[down] = move === weights[down] ? 0 : weights[down] - move;
  }
  return { direction: combine(gradients, weights, D), weights };
}

/** sum_i w_i g_i, [D]. */
export function combine(gradients: Scores, weights: ArrayLike<number>, D: number): Float64Array {
  const out = new Float64Array(D);
  gradients.forEach((g, i) => {
    for (let j = 0; j < D; j++) out[j] += weights[i] * g[j];
  });
  return out;
}
