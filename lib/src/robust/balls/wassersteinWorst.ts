import { checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";
import { type LinearConstraint, linearProgram } from "../../numerics/index.js";
import { checkOutcomes, checkRadius } from "../checkOutcomes.js";
import type { BallWorst } from "./worstCase.js";

export interface WassersteinWorst extends BallWorst {
  /** How much nature moves from i to j, row-major [N * N]; row i adds up to p(i), column j to q(j). */
  coupling: Float64Array;
}

/**
 * The worst expected loss of all q within `radius` of p in Wasserstein's distance, where moving a unit from i to j
 * costs distance[i][j]: the linear program over couplings, max sum x(i, j) l(j) with rows adding up to p and
 * sum distance x <= radius. Equals min over la >= 0 of la radius + sum_i p(i) max_j (l(j) - la distance[i][j]), whose
 * la is `multiplier`. The radius is in the unit of `distance`. (Mohajerin Esfahani and Kuhn 2018, arXiv:1505.05116.)
 * @throws ShapeError unless losses, p and both sides of distance are of one length; DomainError for a loss that is not
 *   finite, a p that is no distribution, a distance below 0 or one from an outcome to itself above 0, radius < 0
 * @example (await wassersteinWorst([0, 1, 4], [1, 0, 0], [[0, 1, 2], [1, 0, 1], [2, 1, 0]], 1)).value // 2
 */
export async function wassersteinWorst(
  losses: ArrayLike<number>,
  p: ArrayLike<number>,
  distance: ReadonlyArray<ArrayLike<number>>,
  radius: number,
): Promise<WassersteinWorst> {
  checkOutcomes("losses", losses, p);
  checkRadius("radius", radius);
  const n = p.length;
  checkDistances(distance, n);
  const rows: LinearConstraint[] = Array.from(p, (mass, i) => ({
    form: Array.from({ length: n }, (_, j) => [i * n + j, 1] as const),
    equals: mass,
  }));
  const moving = {
    form: Array.from({ length: n * n }, (_, k) => distance[Math.floor(k / n)][k % n]),
    atMost: radius,
  };
  const { x, value, duals } = await linearProgram({
    variables: n * n,
    maximise: Array.from({ length: n * n }, (_, k) => losses[k % n]),
    subjectTo: radius === Number.POSITIVE_INFINITY ? rows : [...rows, moving],
  });
  const coupling = x.map((mass) => Math.max(mass, 0)); // the solver's rounding
  const q = new Float64Array(n);
  coupling.forEach((mass, k) => {
    q[k % n] += mass;
  });
  return { value, q, multiplier: Math.max(duals[n] ?? 0, 0), coupling };
}

function checkDistances(distance: ReadonlyArray<ArrayLike<number>>, n: number): void {
  if (distance.length !== n) throw new ShapeError(complaint("distance", `${n} rows, one per outcome`, distance));
  for (let i = 0; i < n; i++) {
    if (distance[i].length !== n) throw new ShapeError(complaint(`distance[${i}]`, `${n} numbers`, distance[i]));
    for (let j = 0; j < n; j++) checkNonNegative(`distance[${i}][${j}]`, distance[i][j]);
    if (distance[i][i] !== 0) {
      throw new DomainError(complaint(`distance[${i}][${i}]`, "0, as what stays costs nothing", distance[i][i]));
    }
  }
}
