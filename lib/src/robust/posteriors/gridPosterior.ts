import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { logSumExp } from "../../numerics/index.js";

/** A posterior on the points of a grid: enumeration in place of integrals, exact but for the grid's width. */
export interface GridPosterior {
  /** [points][d] */
  readonly points: readonly number[][];
  /** [points], adding up to 1. */
  readonly weights: Float64Array;
  /** [d] */
  readonly mean: number[];
  /** [d][d] */
  readonly covariance: number[][];
}

/** Points beyond which a grid is refused. */
const MOST = 4e6;

/**
 * The posterior proportional to exp(logDensity) on the product of `axes` (a list of places for each parameter), the
 * first axis outermost. `logDensity` is in nats, up to a constant. For two or three parameters, evenly spaced and wide
 * enough, it is the oracle that approximations are held against.
 * @throws ShapeError without an axis, with an empty one, or with more than 4e6 points; DomainError if a density is NaN
 *   or Infinity, or 0 everywhere
 * @example gridPosterior(([x]) => -x * x / 2, [linspace(-8, 8, 161)]).covariance // [[1]]
 */
export function gridPosterior(
  logDensity: (at: number[]) => number,
  axes: ReadonlyArray<ArrayLike<number>>,
): GridPosterior {
  const size = axes.reduce((product, axis) => product * axis.length, axes.length === 0 ? 0 : 1);
  if (!(size > 0 && size <= MOST)) {
    throw new ShapeError(complaint("axes", `lists of places, 1 to ${MOST} points in all`, axes));
  }
  const d = axes.length;
  const points = Array.from({ length: size }, (_, index) => {
    const at = new Array<number>(d);
    for (let j = d - 1, rest = index; j >= 0; j--) {
      at[j] = axes[j][rest % axes[j].length];
      rest = Math.floor(rest / axes[j].length);
    }
    return at;
  });
  const logs = Float64Array.from(points, (at) => {
    const value = logDensity(at);
    if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) {
      throw new DomainError(complaint(`logDensity(${at})`, "a number of nats, or -Infinity", value));
    }
    return value;
  });
  const total = logSumExp(logs);
  if (!Number.isFinite(total)) throw new DomainError("gridPosterior: the density is 0 at every point of the grid");
  const weights = logs.map((log) => Math.exp(log - total));
  return { points, weights, ...weightedMoments(points, weights) };
}

/** Mean [d] and covariance [d][d] of points with weights that add up to 1. */
export function weightedMoments(
  points: readonly ArrayLike<number>[],
  weights: ArrayLike<number>,
): { mean: number[]; covariance: number[][] } {
  const d = points[0].length;
  const mean = new Array<number>(d).fill(0);
  points.forEach((at, i) => {
    for (let j = 0; j < d; j++) mean[j] += weights[i] * at[j];
  });
  const covariance = Array.from({ length: d }, () => new Array<number>(d).fill(0));
  points.forEach((at, i) => {
    for (let j = 0; j < d; j++) {
      for (let k = 0; k < d; k++) covariance[j][k] += weights[i] * (at[j] - mean[j]) * (at[k] - mean[k]);
    }
  });
  return { mean, covariance };
}
