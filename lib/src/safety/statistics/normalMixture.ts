import { checkNonNegative, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * The two-sided normal mixture boundary: a sum of centred subgaussian terms stays within it at *all* times together,
 * with probability 1 - alpha, where v, the intrinsic time, is the sum of the terms' variance proxies so far:
 *
 *   sqrt((v + rho) (ln((v + rho) / rho) + 2 ln(1/alpha))).
 *
 * Divide by the number of terms for a confidence sequence of a mean; numbers in [0, 1] add 1/4 each to v. rho says at
 * which v it is tightest, see `mixtureRho`. Robbins 1970; Howard et al. 2021, arXiv:1810.08240, section 3.2.
 * @throws DomainError unless v >= 0, rho > 0 and alpha is between 0 and 1
 * @example normalMixtureBoundary(100, { alpha: 0.05, rho: 12.60056 }) // 30.3521
 */
export function normalMixtureBoundary(v: number, { alpha, rho }: { alpha: number; rho: number }): number {
  checkNonNegative("v", v);
  checkPositive("rho", rho);
  checkAlpha(alpha);
  return Math.sqrt((v + rho) * (Math.log1p(v / rho) - 2 * Math.log(alpha)));
}

/**
 * The rho that makes `normalMixtureBoundary` nearly tightest at intrinsic time v:
 * v / (2 ln(1/alpha) + ln(1 + 2 ln(1/alpha))). Howard et al. 2021, arXiv:1810.08240, section 3.5.
 * @throws DomainError unless v > 0 and alpha is between 0 and 1
 * @example mixtureRho(100, 0.05) // 12.6006
 */
export function mixtureRho(v: number, alpha: number): number {
  checkPositive("v", v);
  checkAlpha(alpha);
  const twice = -2 * Math.log(alpha);
  return v / (twice + Math.log1p(twice));
}

function checkAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new DomainError(complaint("alpha", "between 0 and 1", alpha));
}
