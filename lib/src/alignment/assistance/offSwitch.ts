import { checkDistribution, checkFinite, checkLength, checkPositive, checkShare } from "../../core/checks.js";
import { normalCdf, normalDensity, sigmoid } from "../../numerics/index.js";

// A robot may act (worth U to people), switch itself off (worth 0), or wait: then the person lets it act or not. It
// does not know U. What waiting gains over the better of the other two is Delta. Hadfield-Menell et al. 2017,
// arXiv:1611.08219.

/**
 * Delta = E[U allow(U)] - max(E[U], 0) on a list of outcomes, in the unit of U: `allows` is the probability that the
 * person lets an action of that utility happen.
 * @throws ShapeError, DomainError unless the probabilities are some and `allows` gives probabilities
 * @example offSwitchIncentive([-1, 2], [0.5, 0.5], (u) => (u > 0 ? 1 : 0)) // 0.5
 */
export function offSwitchIncentive(
  utilities: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  allows: (utility: number) => number,
): number {
  checkLength("probabilities", probabilities, utilities.length, "one per utility");
  checkDistribution("probabilities", probabilities);
  let [waits, acts] = [0, 0];
  for (let i = 0; i < utilities.length; i++) {
    const u = utilities[i];
    checkFinite(`utilities[${i}]`, u);
    const allowed = allows(u);
    checkShare(`allows(${u})`, allowed);
    waits += probabilities[i] * u * allowed;
    acts += probabilities[i] * u;
  }
  return waits - Math.max(acts, 0);
}

/**
 * The same for U normal with mean mu and deviation s, and a person who never errs:
 *   Delta = s phi(mu / s) - |mu| Phi(-|mu| / s) > 0.
 * @throws DomainError unless mu is finite and s > 0
 * @example rationalIncentive(0, 1) // 0.3989
 */
export function rationalIncentive(mu: number, s: number): number {
  checkFinite("mu", mu);
  checkPositive("s", s);
  const z = Math.abs(mu) / s;
  return s * normalDensity(z) - Math.abs(mu) * normalCdf(-z);
}

/**
 * The same for a person who lets U happen with probability sigmoid(U / beta), beta their noise in the unit of U.
 * Negative where waiting costs: exactly where beta is above `offSwitchThreshold`. By the trapezoidal rule, which
 * is exact to rounding here (smooth, fast decay); for beta below s / 1000 by the first term of its expansion in beta.
 * @throws DomainError unless mu is finite, s > 0 and beta > 0
 * @example noisyIncentive(1, 1, 0.5) // 0
 */
export function noisyIncentive(mu: number, s: number, beta: number): number {
  checkPositive("beta", beta);
  const rational = rationalIncentive(mu, s);
  const b = beta / s;
  const m = mu / s;
  if (b < 1e-3) return rational - ((Math.PI * Math.PI) / 6) * b * b * normalDensity(m) * s;
  const step = Math.min(0.25, b / 2);
  const reach = Math.ceil((Math.abs(m) + 40) / step);
  // E[U sigmoid(U / beta)] - max(mu, 0), in units of s. For mu > 0: -E[U sigmoid(-U / beta)].
  const sign = m > 0 ? -1 : 1;
  let sum = 0;
  for (let i = -reach; i <= reach; i++) {
    const u = i * step;
    sum += u * sigmoid((sign * u) / b) * normalDensity(u - m);
  }
  return sign * sum * step * s;
}

/**
 * How noisy a person may be so that it still pays to wait for them: Delta > 0 exactly for beta < s^2 / (2 |mu|), in the
 * unit of U; Infinity for mu = 0. (At that beta, u sigmoid(-u/beta) phi((u - mu)/s) is odd in u. Our own; the paper
 * plots.)
 * @throws DomainError unless mu is finite and s > 0
 * @example offSwitchThreshold(1, 1) // 0.5
 */
export function offSwitchThreshold(mu: number, s: number): number {
  checkFinite("mu", mu);
  checkPositive("s", s);
  return mu === 0 ? Number.POSITIVE_INFINITY : (s * s) / (2 * Math.abs(mu));
}
