import type { LinearOperator } from "../../numerics/index.js";
import { type Comparisons, mergeComparisons } from "../comparisons.js";
import { type Noise, noiseFloor } from "../noise.js";
import { informationIn } from "./likelihood.js";
import { type Prior, priorCurvature } from "./prior.js";

/** Who met whom, each pair once and whoever won: its lower item, its higher one, and how often they met. */
export interface Meetings {
  readonly lower: Int32Array;
  readonly higher: Int32Array;
  readonly times: Float64Array;
}

/** Adds up the two directions of each pair. */
export function meetings(data: Comparisons): Meetings {
  const { winner, loser } = data;
  const merged = mergeComparisons({
    ...data,
    winner: winner.map((i, k) => Math.min(i, loser[k])),
    loser: winner.map((i, k) => Math.max(i, loser[k])),
  });
  return { lower: merged.winner, higher: merged.loser, times: merged.weight };
}

/**
 * The curvature that fit.ts uses, without its matrix: the Fisher information is the Laplacian of the graph of meetings, each edge weighing
 * times * what one comparison tells; so its product with a vector takes one pass over the edges.
 */
export function sparseCurvature(
  theta: ArrayLike<number>,
  items: number,
  graph: Meetings,
  { prior, noise = {} }: { prior?: Prior; noise?: Noise },
): LinearOperator {
  const { lower, higher, times } = graph;
  const floor = noiseFloor(noise);
  const temperature = noise.temperature ?? 1;
  const own = prior ? priorCurvature(theta, prior) : new Float64Array(items);
  const diagonal = own.slice();
  const edge = new Float64Array(times.length);
  for (let e = 0; e < edge.length; e++) {
    const z = (theta[lower[e]] - theta[higher[e]]) / temperature;
    edge[e] = (times[e] / temperature ** 2) * informationIn(z, floor);
    diagonal[lower[e]] += edge[e];
    diagonal[higher[e]] += edge[e];
  }
  // The flat direction's own curvature, as in `bend` of fit.ts.
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
}
