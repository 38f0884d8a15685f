import { checkFinite, checkShare } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { normalCdf, normalDensity } from "../../numerics/index.js";

// The four kinds of Goodhart's law (Manheim and Garrabrant 2018, arXiv:1803.04585), each in its smallest exact example.

/**
 * Regressional: the measure is M = V + noise, both normal around 0, rho^2 = Var V / Var M. Among those measured at m
 * the value is rho^2 m on average: the measure overstates by the share 1 - rho^2, and the value still rises with it,
 * for ever.
 * @throws DomainError unless 0 <= rhoSquared <= 1
 * @example regressionalValue(2, 0.5) // 1
 */
export function regressionalValue(measured: number, rhoSquared: number): number {
  checkShare("rhoSquared", rhoSquared);
  return rhoSquared * finite("measured", measured);
}

/**
 * Extremal: x ~ Normal(0, 1), the proxy is x, the utility x - c x^2: fine in the middle, wrong far out. Tilting by
 * exp(x / beta) shifts x by d sqrt(2), d = sqrt(KL), and the utility changes by sqrt(2) d - 2 c d^2, which is highest
 * at d = sqrt(2) / (4c).
 * @throws DomainError unless distance >= 0
 * @example extremalGain(Math.SQRT2, 0.25) // 1
 */
export function extremalGain(distance: number, curvature: number): number {
  if (!(distance >= 0)) throw new DomainError(complaint("distance", "sqrt(KL), at least 0", distance));
  return Math.SQRT2 * distance - 2 * finite("curvature", curvature) * distance * distance;
}

/** A correlate x and a utility that share a cause. */
export interface CausalWorld {
  /** How much the utility rises if x is pushed up by 1. */
  readonly effect: number;
  /** How much it rises with the common cause. */
  readonly confounding: number;
  /** Share of the variance of x that the common cause makes, in [0, 1]. */
  readonly share: number;
}

/**
 * Causal: x = sqrt(share) Z + sqrt(1 - share) E and U = effect x + confounding Z, Z and E standard normal. Where x is
 * found, the utility is (effect + confounding sqrt(share)) x; where x is made, effect x.
 * @throws DomainError unless 0 <= share <= 1
 * @example causalUtility(1, { effect: 0, confounding: 1, share: 0.25 }) // { found: 0.5, made: 0 }
 */
export function causalUtility(x: number, { effect, confounding, share }: CausalWorld): { found: number; made: number } {
  checkShare("share", share);
  return { found: (effect + confounding * Math.sqrt(share)) * finite("x", x), made: effect * x };
}

/**
 * Adversarial: applicants of value V ~ Normal(0, 1) are admitted above a threshold tau, and each may add up to `gain`
 * to the score. All who can get over do, so that those with V > tau - gain are admitted, and are worth
 * phi(tau - gain) / (1 - Phi(tau - gain)) on average.
 * @throws DomainError unless gain >= 0
 * @example adversarialValue(1, 2) // 0.2876
 */
export function adversarialValue(threshold: number, gain: number): number {
  if (!(gain >= 0)) throw new DomainError(complaint("gain", "a number of at least 0", gain));
  const bar = finite("threshold", threshold) - gain;
  return normalDensity(bar) / normalCdf(-bar);
}

function finite(what: string, value: number): number {
  checkFinite(what, value);
  return value;
}
