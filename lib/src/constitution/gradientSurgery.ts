import { complaint, DomainError, ShapeError } from "../core/index.js";
import { dot } from "../numerics/dot.js";
import { checkScores, type Scores } from "./checkScores.js";
import { combine, minNorm } from "./minNorm.js";

/**
 * PCGrad: each gradient loses its part against every other one that it conflicts with,
 * g_i <- g_i - (g_i . g_j / g_j . g_j) g_j if g_i . g_j < 0, where g_j is the original one; then they are added up.
 * Uphill, for objectives. (Yu et al. 2020, arXiv:2001.06782, algorithm 1.) With two objectives neither gets worse; with
 * three or more, one may.
 * @param gradients [k][D]
 * @param orders for each gradient, in which order it meets the others, by number (its own number is skipped); drawn
 *   anew for every step by the paper. In ascending order if left out: with two gradients there is no other.
 * @throws DomainError, ShapeError if gradients are no table, or orders are not k lists of numbers from 0 to k - 1
 * @example pcgrad([[-4, 1, 1], [6, 1, 1]]) // [0.5848, 3.8012, 3.8012]
 */
export function pcgrad(gradients: Scores, orders?: readonly ArrayLike<number>[]): Float64Array {
  const D = checkScores("gradients", gradients);
  const k = gradients.length;
  const ascending = Array.from({ length: k }, (_, j) => j);
  if (orders !== undefined && orders.length !== k) throw new ShapeError(complaint("orders", `${k} lists`, orders));
  const units = gradients.map(unit);
  const sum = new Float64Array(D);
  gradients.forEach((original, i) => {
    const own = Float64Array.from(original);
    for (const j of Array.from(orders?.[i] ?? ascending)) {
      if (!(Number.isInteger(j) && j >= 0 && j < k)) {
        throw new DomainError(complaint(`orders[${i}]`, `numbers from 0 to ${k - 1}`, orders?.[i]));
      }
      const overlap = j === i ? 0 : dot(own, units[j]);
      if (overlap < 0) for (let d = 0; d < D; d++) own[d] -= overlap * units[j][d];
    }
    for (let d = 0; d < D; d++) sum[d] += own[d];
  });
  return sum;
}

/** A vector of length 1 in the same direction, scaled first so that no square underflows; 0 for 0. */
function unit(g: ArrayLike<number>): Float64Array {
  let largest = 0;
  for (let d = 0; d < g.length; d++) largest = Math.max(largest, Math.abs(g[d]));
  const scaled = Float64Array.from(g, (value) => (largest === 0 ? 0 : value / largest));
  const norm = Math.sqrt(dot(scaled, scaled));
  return norm === 0 ? scaled : scaled.map((value) => value / norm);
}

/**
 * CAGrad: the direction within c |g_0| of the mean gradient g_0 whose worst objective gains most,
 * max_d min_i g_i . d with |d - g_0| <= c |g_0|. Its dual is min over weights w of g_w . g_0 + c |g_0| |g_w|, and
 * d = g_0 + c |g_0| g_w / |g_w|. (Liu et al. 2021, arXiv:2110.14048, equation 3, without the paper's rescaling.)
 * c = 0 is the mean. Where g_w is 0 (no direction improves all) d is g_0.
 * @param gradients [k][D]
 * @throws DomainError, ShapeError if gradients are no table; DomainError unless c is in [0, 1)
 */
export function cagrad(gradients: Scores, c: number): Float64Array {
  const D = checkScores("gradients", gradients);
  if (!(c >= 0 && c < 1)) throw new DomainError(complaint("c", "a number in [0, 1)", c));
  const k = gradients.length;
  const mean = combine(gradients, new Float64Array(k).fill(1 / k), D);
  const radius = c * Math.sqrt(dot(mean, mean));
  if (radius === 0) return mean;
  const least = minNorm(gradients).direction;
  if (dot(least, least) <= 1e-24 * dot(mean, mean)) return mean;
  const weights = dualWeights(gradients, mean, radius);
  const pull = combine(gradients, weights, D);
  const norm = Math.sqrt(dot(pull, pull));
  return mean.map((g, d) => g + (radius * pull[d]) / norm);
}

/** argmin over the simplex of w . a + radius |g_w|, a_i = g_i . mean, moving mass between pairs. */
function dualWeights(gradients: Scores, mean: Float64Array, radius: number): Float64Array {
  const k = gradients.length;
  const gram = gradients.map((a) => Float64Array.from(gradients, (b) => dot(a, b)));
  const linear = Float64Array.from(gradients, (g) => dot(g, mean));
  const weights = new Float64Array(k).fill(1 / k);
  for (let round = 0; round < 5000; round++) {
    const pulls = Float64Array.from(gram, (row) => dot(row, weights));
    const norm = Math.sqrt(dot(pulls, weights));
    const slopes = pulls.map((pull, i) => linear[i] + (radius * pull) / norm);
    let [up, down] = [0, -1];
    for (let i = 0; i < k; i++) {
      if (slopes[i] < slopes[up]) up = i;
      if (weights[i] > 0 && (down < 0 || slopes[i] > slopes[down])) down = i;
    }
    if (slopes[down] - slopes[up] <= 1e-13 * radius * Math.sqrt(gram[up][up])) break;
    // Along the line |g_w|^2 is a quadratic: n2 + 2 b t + q t^2; the slope of the whole rises in t: bisection.
    const [b, q] = [pulls[up] - pulls[down], gram[up][up] - 2 * gram[up][down] + gram[down][down]];
    const n2 = norm * norm;
    const slope = (t: number) =>
      linear[up] - linear[down] + (radius * (b + q * t)) / Math.sqrt(Math.max(1e-300, n2 + 2 * b * t + q * t * t));
    let [low, high] = [0, weights[down]];
    if (slope(high) <= 0) low = high;
    else {
      for (let halving = 0; halving < 80; halving++) {
        const middle = (low + high) / 2;
        if (slope(middle) > 0) high = middle;
        else low = middle;
      }
    }
    weights[up] += low;
    weights[down] = low === weights[down] ? 0 : weights[down] - low;
  }
  return weights;
}
