import { checkCount, checkPositive } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { incompleteBeta, logGamma } from "../numerics/index.js";

/**
 * Probability that the majority of n jurors, an odd number, is right who share their accuracy: it is drawn once from
 * Beta(a, b), then each is right with it. (Jurors are exchangeable; two of them agree more often than independent ones
 * of accuracy a / (a + b) do.) The sum of beta-binomial probabilities over the majorities.
 * @throws DomainError unless n is odd and a and b are positive
 * @example correlatedMajority(1, 3, 2) // 0.6
 */
export function correlatedMajority(n: number, a: number, b: number): number {
  checkCount("n", n);
  if (n % 2 === 0) throw new DomainError(complaint("n", "an odd number, so that there is no tie", n));
  checkPositive("a", a);
  checkPositive("b", b);
  const logBeta = (x: number, y: number) => logGamma(x) + logGamma(y) - logGamma(x + y);
  let right = 0;
  for (let k = (n + 1) / 2; k <= n; k++) {
    const logChoices = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
    right += Math.exp(logChoices + logBeta(k + a, n - k + b) - logBeta(a, b));
  }
  return Math.min(1, right);
}

/**
 * What that comes to with ever more jurors: P(accuracy > 1/2) = 1 - I_(1/2)(a, b), from below if a > b and from above
 * if a < b. So for jurors who are right more often than not it is a ceiling; only jurors who err for different reasons
 * pass it.
 * @throws DomainError unless a and b are positive
 * @example correlatedMajorityLimit(3, 2) // 0.6875
 */
export function correlatedMajorityLimit(a: number, b: number): number {
  return 1 - incompleteBeta(0.5, a, b);
}
