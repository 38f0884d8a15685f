import { checkFinite, checkNonNegative } from "../../core/checks.js";
import { normalCdf, normalDensity } from "../../numerics/index.js";

/**
 * Expected improvement of f ~ Normal(mean, deviation^2) over the best so far, E (f - best)^+ (Mockus 1978):
 *   (mean - best) Phi(z) + deviation phi(z),  z = (mean - best) / deviation;
 * (mean - best)^+ at deviation 0. Never below 0, and 0 only where it is too small for a number (see
 * `logExpectedImprovement`). All are in the unit of f.
 * @throws DomainError unless mean and best are finite and deviation is at least 0
 * @example expectedImprovement(-0.5, 1, 0) // 0.1978
 */
export function expectedImprovement(mean: number, deviation: number, best: number): number {
  checkNormal(mean, deviation, best);
  const lead = mean - best;
  if (deviation === 0) return Math.max(lead, 0);
  const z = lead / deviation;
  if (z < -2) return Math.exp(logExpectedImprovement(mean, deviation, best));
  return lead * normalCdf(z) + deviation * normalDensity(z);
}

/**
 * ln of the expected improvement, also where that is too small for a number: what to climb when everything looks bad
 * (Ament et al. 2023, arXiv:2310.20708). With a = -z and R(a) = Phi(-a) / phi(a), EI / deviation = phi(a) (1 - a R(a));
 * the continued fraction of R gives the difference without cancellation. -Infinity where EI is 0.
 * @throws as `expectedImprovement`
 * @example logExpectedImprovement(-100, 1, 0) // -5010.1296
 */
export function logExpectedImprovement(mean: number, deviation: number, best: number): number {
  checkNormal(mean, deviation, best);
  if (deviation === 0) return Math.log(Math.max(mean - best, 0));
  const a = (best - mean) / deviation;
  if (a <= 2) return Math.log(expectedImprovement(mean, deviation, best));
  // R(a) = 1 / (a + 1 / (a + 2 / (a + 3 / ...))) = 1 / (a + rest), so that 1 - a R(a) = rest / (a + rest).
  // So many terms are rounding's worth at every a from 2 on.
  let rest = 0;
  for (let k = Math.ceil(12 + 400 / (a * a)); k >= 1; k--) rest = k / (a + rest);
  return Math.log(deviation) - (a * a + Math.log(2 * Math.PI)) / 2 + Math.log(rest / (a + rest));
}

/**
 * P(f > best) of f ~ Normal(mean, deviation^2) (Kushner 1964); 0 or 1 at deviation 0.
 * @throws as `expectedImprovement`
 * @example probabilityOfImprovement(0, 1, 1.96) // 0.025
 */
export function probabilityOfImprovement(mean: number, deviation: number, best: number): number {
  checkNormal(mean, deviation, best);
  if (deviation === 0) return mean > best ? 1 : 0;
  return normalCdf((mean - best) / deviation);
}

/**
 * Upper confidence bound, mean + width deviation; with minus a width, the lower one (Srinivas et al. 2010,
 * arXiv:0912.3995, whose sqrt(beta) is `width`).
 * @throws DomainError unless mean and width are finite and deviation is at least 0
 * @example upperConfidence(1, 0.5, 2) // 2
 */
export function upperConfidence(mean: number, deviation: number, width: number): number {
  checkNormal(mean, deviation, 0);
  checkFinite("width", width);
  return mean + width * deviation;
}

/**
 * Expected utility of the best of two, E max(f1, f2), from both means and the standard deviation s of f1 - f2:
 *   m1 Phi(d / s) + m2 Phi(-d / s) + s phi(d / s),  d = m1 - m2.
 * What a comparison of the two is worth to somebody who then takes the winner (EUBO; Lin et al. 2022,
 * arXiv:2203.11382).
 * @throws DomainError unless the means are finite and s is at least 0
 * @example expectedBestOfTwo(1, 0, Math.SQRT2) // 1.1996
 */
export function expectedBestOfTwo(first: number, second: number, deviation: number): number {
  return second + expectedImprovement(first, deviation, second);
}

function checkNormal(mean: number, deviation: number, best: number): void {
  checkFinite("mean", mean);
  checkNonNegative("deviation", deviation);
  checkFinite("best", best);
}
