import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * What a gain of the proxy is worth, at least. Proxy and true reward have correlation r > 0 under the reference's
 * occupancy; `gain` a is the proxy's, (J~(pi) - J~(ref)) / sigma~; `chiSquare` is that of the two occupancies. Both
 * bounds are of (J(pi) - J(ref)) / sigma:
 *
 *   paper: (a - sqrt((1 - r^2) chi^2)) / r            (Laidlaw et al. 2024, arXiv:2403.03185, theorem 5.1)
 *   sharp: r a - sqrt(1 - r^2) sqrt(chi^2 - a^2)
 *
 * The second is Cauchy and Schwarz for the part of the true reward that is uncorrelated with the proxy; a policy
 * attains it, so no better one in these numbers exists. It is never below the first. (sigma, sigma~ are deviations
 * under the reference's occupancy.)
 * @throws DomainError unless 0 < r <= 1 and chi^2 >= a^2, as it is for all policies
 * @example correlatedProxyBound({ correlation: 0.8, gain: 1, chiSquare: 2 }) // { paper: 0.1893, sharp: 0.2 }
 */
export function correlatedProxyBound({
  correlation: r,
  gain: a,
  chiSquare,
}: {
  readonly correlation: number;
  readonly gain: number;
  readonly chiSquare: number;
}): { paper: number; sharp: number } {
  if (!(r > 0 && r <= 1)) throw new DomainError(complaint("correlation", "a number in (0, 1]", r));
  checkFinite("gain", a);
  if (!(chiSquare >= a * a * (1 - 1e-9))) {
    const hint = "A gain of a deviations costs at least a^2 of chi^2 (Cauchy and Schwarz)";
    throw new DomainError(complaint("chiSquare", `a number of at least gain^2 = ${a * a}`, chiSquare, hint));
  }
  return {
    paper: (a - Math.sqrt((1 - r * r) * chiSquare)) / r,
    sharp: r * a - Math.sqrt(1 - r * r) * Math.sqrt(Math.max(0, chiSquare - a * a)),
  };
}
