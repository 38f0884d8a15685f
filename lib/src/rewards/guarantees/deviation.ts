import { checkShare } from "../../core/checks.js";
import { checkDelta, checkSample, checkSize } from "./checks.js";

// Bounds on what a predictor does on fresh examples, from what it did on n independent ones. Each holds with
// probability at least 1 - delta over the draw of the examples. Errors are shares in [0, 1]; a bound above 1
// is true and says nothing.

/** How often something went wrong, on how many independent examples, and how often the bound may fail. */
export interface Observed {
  /** The mean loss on the examples, in [0, 1]. */
  error: number;
  /** How many independent examples. */
  n: number;
  delta: number;
}

/**
 * One predictor, fixed before the examples were seen: L <= Lhat + sqrt(ln(1/delta) / (2n)). Hoeffding 1963. For a test
 * set; on the examples that a model was trained on it is false.
 * @throws DomainError if error is not in [0, 1], n not a count, delta not in (0, 1)
 * @example hoeffdingBound({ error: 0.1, n: 1000, delta: 0.05 }) // 0.1387
 */
export function hoeffdingBound({ error, n, delta }: Observed): number {
  checkObserved({ error, n, delta });
  return error + Math.sqrt(Math.log(1 / delta) / (2 * n));
}

/**
 * Any of finitely many predictors, chosen as you like after seeing the examples:
 *
 *   L <= Lhat + sqrt((ln classSize + ln(1/delta)) / (2n)).
 *
 * Hoeffding for each at delta / classSize, and the union bound (Shalev-Shwartz and Ben-David 2014, section 4.2).
 * `classSize` may be given by its logarithm, for classes of 2^(bits) members.
 * @throws DomainError as hoeffdingBound, or if there is less than one predictor
 */
export function finiteClassBound(observed: Observed & ({ classSize: number } | { logClassSize: number })): number {
  const { error, n, delta } = observed;
  checkObserved({ error, n, delta });
  const log = "logClassSize" in observed ? observed.logClassSize : Math.log(observed.classSize);
  checkSize("ln of the class size", log);
  return error + Math.sqrt((log + Math.log(1 / delta)) / (2 * n));
}

/**
 * The ramp loss of margins at scale rho, mean of min(1, max(0, 1 - margin / rho)): an upper bound of the share of pairs
 * that are ordered wrongly, and 1/rho-Lipschitz.
 * @throws DomainError unless rho > 0
 */
export function rampLoss(margins: ArrayLike<number>, rho: number): number {
  checkSize("rho", rho, true);
  let sum = 0;
  for (let k = 0; k < margins.length; k++) sum += Math.min(1, Math.max(0, 1 - margins[k] / rho));
  return sum / margins.length;
}

/**
 * All linear rewards theta . x with ||theta|| <= norm at once, on differences x with ||x|| <= radius:
 *
 *   L01 <= ramp_rho + 2 norm radius / (rho sqrt(n)) + sqrt(ln(1/delta) / (2n)).
 *
 * L01 is the share of fresh pairs ordered wrongly, `error` the ramp loss at rho on the examples. The
 * Rademacher complexity of the class is at most norm radius / sqrt(n), and the ramp multiplies it by at most
 * 1/rho (Mohri, Rostamizadeh and Talwalkar 2018, theorems 3.3, 5.8 and 5.10). norm, radius and rho are fixed
 * before the examples are seen.
 * @throws DomainError as hoeffdingBound, or if norm, radius or rho is not positive
 */
export function rademacherMarginBound(observed: Observed & { norm: number; radius: number; rho: number }): number {
  const { error, n, delta, norm, radius, rho } = observed;
  checkObserved({ error, n, delta });
  checkSize("norm", norm, true);
  checkSize("radius", radius, true);
  checkSize("rho", rho, true);
  return error + (2 * norm * radius) / (rho * Math.sqrt(n)) + Math.sqrt(Math.log(1 / delta) / (2 * n));
}

export function checkObserved({ error, n, delta }: Observed, least = 1): void {
  checkShare("error", error);
  checkSample(n, least);
  checkDelta(delta);
}
