import { checkFinite, checkNonNegative } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { exactExpectation } from "../../numerics/index.js";

// Several reward models made into one (Coste et al. 2023, arXiv:2310.02743). Comparisons leave each model its own zero,
// and a minimum is not blind to it: members are centred on the reference first, each minus its mean there.

export interface EnsembleOptions {
  /** Log-probabilities [N] of the reference; each member's mean under it is taken off. Without it nothing is. */
  centre?: ArrayLike<number>;
}

/**
 * The mean over members, [N], of `members` [K][N].
 * @throws ShapeError unless all have N numbers; DomainError for NaN
 */
export function mean(members: readonly ArrayLike<number>[], options: EnsembleOptions = {}): Float64Array {
  return combine(members, options, (values) => average(values));
}

/** The least that any member says, [N]: "worst-case optimisation". @throws as `mean` */
export function worstCase(members: readonly ArrayLike<number>[], options: EnsembleOptions = {}): Float64Array {
  return combine(members, options, (values) => values.reduce((a, b) => Math.min(a, b)));
}

/**
 * Mean minus lambda times the variance over members, [N]: "uncertainty-weighted optimisation". The variance is the
 * population's, (1/K) sum of squares: with K - 1 lambda would mean K / (K - 1) times as much.
 * @throws as `mean`; DomainError unless lambda >= 0
 * @example ensembleReward.uncertaintyWeighted([[1], [2], [4]], { lambda: 0.5 }) // [1.5556]
 */
export function uncertaintyWeighted(
  members: readonly ArrayLike<number>[],
  { lambda, ...options }: EnsembleOptions & { lambda: number },
): Float64Array {
  checkNonNegative("lambda", lambda);
  return combine(members, options, (values) => {
    const centre = average(values);
    return centre - lambda * average(values.map((value) => (value - centre) ** 2));
  });
}

/** The standard deviation over members, [N], the population's: where they disagree. @throws as `mean` */
export function disagreement(members: readonly ArrayLike<number>[], options: EnsembleOptions = {}): Float64Array {
  return combine(members, options, (values) => {
    const centre = average(values);
    return Math.sqrt(average(values.map((value) => (value - centre) ** 2)));
  });
}

function average(values: Float64Array): number {
  return values.reduce((a, b) => a + b) / values.length;
}

function combine(
  members: readonly ArrayLike<number>[],
  { centre }: EnsembleOptions,
  of: (values: Float64Array) => number,
): Float64Array {
  if (members.length === 0) throw new ShapeError(complaint("members", "at least one list", members));
  const N = members[0].length;
  const offsets = members.map((member, k) => {
    if (member.length !== N) throw new ShapeError(complaint(`members[${k}]`, `${N} numbers`, member));
    for (let y = 0; y < N; y++) {
      if (!Number.isFinite(member[y])) checkFinite(`members[${k}][${y}]`, member[y]);
    }
    return centre === undefined ? 0 : exactExpectation(centre, member);
  });
  const values = new Float64Array(members.length);
  const out = new Float64Array(N);
  for (let y = 0; y < N; y++) {
    for (let k = 0; k < values.length; k++) values[k] = members[k][y] - offsets[k];
    out[y] = of(values);
  }
  return out;
}
