import { upperIncompleteGamma } from "./gamma.js";

/**
 * P(X > statistic) for X chi-square distributed: the p-value of a likelihood-ratio test, whose statistic is twice the
 * difference of the two maximised log-likelihoods (Wilks 1938), `degrees` the number of
 * parameters between the two models.
 * @throws DomainError if statistic < 0 or degrees <= 0
 */
export function chiSquareTail(statistic: number, degrees: number): number {
  return upperIncompleteGamma(degrees / 2, statistic / 2);
}
