import type { Concave } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import { logPrior, type Prior, priorCurvature, priorGradient } from "./prior.js";

/** Who met whom, each pair once: its lower item, its higher one, how often they met, how often the lower one won. */
interface Meetings {
  readonly lower: Int32Array;
  readonly higher: Int32Array;
  readonly times: Float64Array;
  readonly won: Float64Array;
}

/**
 * The log-likelihood (plus the log prior) of many items, for Newton's method without a matrix. The Fisher information is the Laplacian of
 * the graph of meetings, each edge weighing times * p (1 - p); its product with a vector takes one pass over the edges.
 * Value, gradient and curvature at a point share the one exponential that each pair needs.
 */
export function sparseObjective(data: Comparisons, prior: Prior | undefined): Concave {
  const { items } = data;
  const { lower, higher, times, won } = meetings(data);
  const chance = new Float64Array(times.length);
  let visited: Float64Array | undefined;
  let visitedValue = 0;

  const visit = (theta: Float64Array): number => {
    if (visited === theta) return visitedValue;
    let sum = 0;
    for (let e = 0; e < times.length; e++) {
      const z = theta[lower[e]] - theta[higher[e]];
      const small = Math.exp(-Math.abs(z));
      chance[e] = (z >= 0 ? 1 : small) / (1 + small);
      // log sigmoid(z) = min(z, 0) - log(1 + exp(-|z|)), and for the loser with -z.
      sum += z >= 0 ? (won[e] - times[e]) * z : won[e] * z;
      sum -= times[e] * Math.log1p(small);
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
      for (let e = 0; e < times.length; e++) {
        const pull = won[e] - times[e] * chance[e];
        slope[lower[e]] += pull;
        slope[higher[e]] -= pull;
      }
      return slope;
    },
    curvature: (theta) => {
      visit(theta);
      const own = prior ? priorCurvature(theta, prior) : new Float64Array(items);
      const diagonal = own.slice();
      const edge = new Float64Array(times.length);
      for (let e = 0; e < edge.length; e++) {
        edge[e] = times[e] * chance[e] * (1 - chance[e]);
        diagonal[lower[e]] += edge[e];
        diagonal[higher[e]] += edge[e];
      }
      // The flat direction (1, ..., 1) gets a curvature of its own, as in `bend` of fit.ts.
      const level = prior ? 0 : diagonal.reduce((sum, value) => sum + value, 0) / items ** 2;
      return {
        diagonal,
        times: (v) => {
          const shift = level * v.reduce((sum, value) => sum + value, 0);
          const product = v.map((value, i) => own[i] * value + shift);
          for (let e = 0; e < edge.length; e++) {
            const flow = edge[e] * (v[lower[e]] - v[higher[e]]);
            product[lower[e]] += flow;
            product[higher[e]] -= flow;
          }
          return product;
        },
      };
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
  const won = new Float64Array(both.weight.length);
  // Rows come in order of lower and higher item in both lists, so that one finger a list is enough.
  let e = 0;
  for (let k = 0; k < winner.length; k++) {
    if (winner[k] > loser[k]) continue;
    while (both.winner[e] !== winner[k] || both.loser[e] !== loser[k]) e++;
    won[e] = weight[k];
  }
  return { lower: both.winner, higher: both.loser, times: both.weight, won };
}
