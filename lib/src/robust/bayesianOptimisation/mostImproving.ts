import { solveLowerRows } from "../../numerics/index.js";
import { logExpectedImprovement } from "./expectedImprovement.js";

/** The point to measure next by expected improvement. */
export interface MostImproving {
  choice: number;
  /** ln of the improvement expected there, in nats: `logExpectedImprovement`. */
  logImprovement: number;
}

/** How many columns of the factor pass before a point is looked at again. */
const STRETCH = 32;

/**
 * The point of the greatest expected improvement, by branch and bound. The variance at a point is its prior one less a
 * sum of squares, one for each measurement, so that every part of the sum bounds it, and with it the improvement, from
 * above: most points are out of the race long before the end. Four points at a time, the greatest means first.
 * `shared` are the covariances of points and measurements, by rows [m * n]; `prior` the prior variances [m].
 */
export function mostImproving(
  lower: Float64Array,
  shared: Float64Array,
  prior: Float64Array,
  mean: Float64Array,
  best: number,
): MostImproving {
  const m = mean.length;
  const n = shared.length / m;
  const order = Array.from(mean, (_, i) => i).sort((i, j) => mean[j] - mean[i]);
  const rows = new Float64Array(4 * n);
  const left = new Float64Array(4);
  let winner: MostImproving = { choice: order[0], logImprovement: Number.NEGATIVE_INFINITY };
  for (let first = 0; first < m; first += 4) {
    const four = [0, 1, 2, 3].map((r) => order[Math.min(first + r, m - 1)]);
    const hopes = () => four.map((i, r) => logExpectedImprovement(mean[i], Math.sqrt(Math.max(left[r], 0)), best));
    four.forEach((i, r) => {
      rows.set(shared.subarray(i * n, (i + 1) * n), r * n);
      left[r] = prior[i];
    });
    let most = hopes();
    for (let from = 0; from < n && most.some((hope) => hope >= winner.logImprovement); from += STRETCH) {
      const to = Math.min(from + STRETCH, n);
      solveLowerRows(lower, n, rows, { from, to });
      for (let r = 0; r < 4; r++) {
        for (let k = from; k < to; k++) left[r] -= rows[r * n + k] * rows[r * n + k];
      }
      most = hopes();
    }
    most.forEach((hope, r) => {
      if (hope > winner.logImprovement) winner = { choice: four[r], logImprovement: hope };
    });
  }
  return winner;
}
