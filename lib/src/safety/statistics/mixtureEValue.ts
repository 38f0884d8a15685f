import { checkCount } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { logGamma, logIncompleteBeta } from "../../numerics/index.js";

/**
 * The mixture e-value against the null hypothesis that a trial fails with probability p0 or more, after `failures` of
 * `trials`: its logarithm, in nats, of
 *
 *   E_n = (1/p0) integral_0^p0 q^k (1-q)^(n-k) dq / (p0^k (1-p0)^(n-k)),
 *
 * the likelihood ratio against p0, averaged over all smaller q. With p >= p0 it is a supermartingale that starts at 1,
 * so by Ville's inequality it ever reaches 1/delta with probability at most delta: test after every trial, stop at any
 * time, and reject once log E_n >= ln(1/delta). (An e-process; the method of mixtures, Robbins 1970; Ramdas et al.
 * 2023, arXiv:2210.01948.)
 * @throws DomainError unless 0 <= failures <= trials and p0 is between 0 and 1
 * @example mixtureEValue(0, 300, 0.01) // 1.8634
 */
export function mixtureEValue(failures: number, trials: number, p0: number): number {
  checkCount("trials", trials, 0);
  if (!(Number.isInteger(failures) && failures >= 0 && failures <= trials)) {
    throw new DomainError(complaint("failures", `a whole number from 0 to ${trials}`, failures));
  }
  if (!(p0 > 0 && p0 < 1)) throw new DomainError(complaint("p0", "between 0 and 1", p0));
  const [a, b] = [failures + 1, trials - failures + 1];
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  const logIntegral = logBeta + logIncompleteBeta(p0, a, b);
  return logIntegral - a * Math.log(p0) - (b - 1) * Math.log1p(-p0);
}
