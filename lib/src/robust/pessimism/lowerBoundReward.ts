import { checkNonNegative } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import { dot } from "../../numerics/dot.js";
import { exactExpectation } from "../../numerics/index.js";
import type { Posterior } from "../../preferences/index.js";
import { checkSizes, covarianceSd } from "../../rewards/hacking/posteriorSd.js";

/**
 * A pessimistic reward, the lower confidence bound of each outcome alone: r_lo(y) = f'm - k sqrt(f'S f), [N], where
 * f = phi(y) - E_ref phi, m and S are the posterior's mean and covariance, and k counts standard deviations.
 * Comparisons give a reward no zero: the deviation of r(y) by itself depends on how the features are written (a
 * constant feature would add to it), that of the difference to the reference does not. `features` [N][d], `logRef`
 * [N] the reference's log-probabilities; `centred: false` is the mistake. (Zhu et al. 2023,
 * arXiv:2301.11270; Jin et al. 2021, arXiv:2012.15085.)
 * @throws ShapeError if the sizes do not fit; DomainError unless k >= 0
 * @example
 * const posterior = { mean: [1], covariance: [[4]] };
 * lowerBoundReward([[0], [2]], posterior, 0.25, [0.5, 0.5].map(Math.log)) // [-1.5, 0.5]
 */
export function lowerBoundReward(
  features: readonly ArrayLike<number>[],
  { mean, covariance }: Posterior,
  k: number,
  logRef: ArrayLike<number>,
  { centred = true }: { centred?: boolean } = {},
): Float64Array {
  checkNonNegative("k", k);
  if (mean.length !== covariance.length) {
    throw new ShapeError(complaint("mean", `${covariance.length} numbers, as the covariance has`, mean));
  }
  const centre = centred ? logRef : undefined;
  checkSizes(features, covariance, centre);
  // Whoever is not careful at all need not know how unsure the reward is.
  const sd = k === 0 ? undefined : covarianceSd(features, covariance, { centre });
  const raw = new Float64Array(features.length);
  for (let y = 0; y < raw.length; y++) raw[y] = dot(mean, features[y]);
  const zero = exactExpectation(logRef, raw);
  return raw.map((r, y) => r - zero - (sd === undefined ? 0 : k * sd[y]));
}
