import type { Concave, LinearOperator } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import type { Noise } from "../noise.js";
import { informationOf } from "./likelihood.js";
import { logPrior, type Prior, priorCurvature, priorGradient } from "./prior.js";

/** Beyond so many items no matrix is written down. At 100 items both ways took about as long. */
export const DENSE = 100;

/** Who met whom, each pair once: its lower item, its higher one, and how often each of them won. */
interface Meetings {
  readonly lower: Int32Array;
  readonly higher: Int32Array;
  readonly won: Float64Array;
  readonly lost: Float64Array;
}

/**
 * The log-likelihood (plus the log prior) of many items, for Newton's method without a matrix. Value, gradient and
 * curvature at a point share the one exponential that each pair needs. Nothing is subtracted that could cancel: where
 * one side nearly always wins, all that is known lies in the few games that the other won.
 */
export function sparseObjective(data: Comparisons, prior: Prior | undefined): Concave {
  const { items } = data;
  const { lower, higher, won, lost } = meetings(data);
  // Of each pair: the probability of the lower item, and of the higher one.
  const probability = new Float64Array(won.length);
  const other = new Float64Array(won.length);
  let visited: Float64Array | undefined;
  let visitedValue = 0;

  const visit = (theta: Float64Array): number => {
    if (visited === theta) return visitedValue;
    let sum = 0;
    for (let e = 0; e < won.length; e++) {
      const z = theta[lower[e]] - theta[higher[e]];
      const small = Math.exp(-Math.abs(z));
      const most = 1 / (1 + small);
      const least = small * most;
      probability[e] = z >= 0 ? most : least;
      other[e] = z >= 0 ? least : most;
      // log sigmoid(z) = min(z, 0) - log(1 + exp(-|z|)), and for the loser with -z.
      sum -= z >= 0 ? lost[e] * z : -won[e] * z;
      sum -= (won[e] + lost[e]) * Math.log1p(small);
    }
    visited = theta;
    visitedValue = sum + (prior ? logPrior(theta, prior) : 0);
    return visitedValue;
  };

  return {
    value: visit,
    gradient: (theta) => {
      visit(theta);
      const slope = prior ? priorGradient(theta, prior) : new Float64Array(items);
      for (let e = 0; e < won.length; e++) {
        const pull = won[e] * other[e] - lost[e] * probability[e];
        slope[lower[e]] += pull;
        slope[higher[e]] -= pull;
      }
      return slope;
    },
    curvature: (theta) => {
      visit(theta);
      const edge = won.map((count, e) => (count + lost[e]) * (probability[e] * other[e]));
      return laplacian(lower, higher, edge, prior ? priorCurvature(theta, prior) : items);
    },
  };
}

/**
 * The Fisher information of merged comparisons (and the prior's curvature) at theta, without a
 * matrix, with or without noise.
 */
export function informationOperator(
  theta: ArrayLike<number>,
  { items, winner, loser, weight }: Comparisons,
  noise: Noise = {},
  prior?: Prior,
): LinearOperator {
  const known = informationOf(noise);
  const edge = weight.map((times, k) => times * known(theta[winner[k]] - theta[loser[k]]));
  return laplacian(winner, loser, edge, prior ? priorCurvature(theta, prior) : items);
}

/**
 * The Laplacian of a graph, edge e between from[e] and to[e] weighing edge[e], plus a diagonal, [items]: a product
 * takes one pass over the edges. Without a diagonal, given the number of items instead, the flat direction (1, ..., 1)
 * gets a curvature of its own, as in `bend` of fit.ts.
 */
function laplacian(from: Int32Array, to: Int32Array, edge: Float64Array, own: Float64Array | number): LinearOperator {
  const diagonal = typeof own === "number" ? new Float64Array(own) : own.slice();
  for (let e = 0; e < edge.length; e++) {
    diagonal[from[e]] += edge[e];
    diagonal[to[e]] += edge[e];
  }
  const level = typeof own === "number" ? diagonal.reduce((sum, value) => sum + value, 0) / own ** 2 : 0;
  return {
    diagonal,
    times: (v) => {
      const shift = level === 0 ? 0 : level * v.reduce((sum, value) => sum + value, 0);
      const product = typeof own === "number" ? new Float64Array(own).fill(shift) : v.map((value, i) => own[i] * value);
      for (let e = 0; e < edge.length; e++) {
        const flow = edge[e] * (v[from[e]] - v[to[e]]);
        product[from[e]] += flow;
        product[to[e]] -= flow;
      }
      return product;
    },
  };
}

/** Puts the two directions of each pair together: of merged comparisons, each direction is one row. */
function meetings(merged: Comparisons): Meetings {
  const { items, winner, loser, weight } = merged;
  const both = mergeComparisons({
    items,
    winner: winner.map((i, k) => Math.min(i, loser[k])),
    loser: winner.map((i, k) => Math.max(i, loser[k])),
    weight,
  });
  /**
   * How often the lower item of each pair stands on the left. Both lists are in order of both
   * items: one finger is enough.
   */
  const timesLower = (left: Int32Array, right: Int32Array, times: Float64Array) => {
    const count = new Float64Array(both.weight.length);
    let e = 0;
    for (let k = 0; k < left.length; k++) {
      if (left[k] > right[k]) continue;
      while (both.winner[e] !== left[k] || both.loser[e] !== right[k]) e++;
      count[e] = times[k];
    }
    return count;
  };
  const turned = mergeComparisons({ items, winner: loser, loser: winner, weight });
  return {
    lower: both.winner,
    higher: both.loser,
    won: timesLower(winner, loser, weight),
    lost: timesLower(turned.winner, turned.loser, turned.weight),
  };
}
