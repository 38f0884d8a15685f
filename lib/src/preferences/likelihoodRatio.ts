import { checkCount } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";
import { chiSquareTail } from "../numerics/index.js";

export interface LikelihoodRatio {
  /** 2 (log-likelihood of the full model - that of the restricted one). */
  statistic: number;
  /** How many parameters more the full model has. */
  degrees: number;
  /** The probability of a statistic at least as large if the restricted model holds. */
  pValue: number;
}

/**
 * The likelihood-ratio test of two models fitted to the same data, one of which is a special case of the other:
 * chi-square with `degrees` degrees of freedom if the restricted one holds, with much data and no parameter at the edge
 * of its range (Wilks 1938).
 * @throws DomainError if the restricted model fits better, which a special case cannot; or degrees < 1
 * @example likelihoodRatioTest({ logLikelihood: -102 }, { logLikelihood: -100 }, 1).pValue // 0.0455
 */
export function likelihoodRatioTest(
  restricted: { logLikelihood: number },
  full: { logLikelihood: number },
  degrees: number,
): LikelihoodRatio {
  checkCount("degrees", degrees);
  const statistic = 2 * (full.logLikelihood - restricted.logLikelihood);
  if (!(statistic >= -1e-6 * (1 + Math.abs(full.logLikelihood)))) {
    const got = [restricted.logLikelihood, full.logLikelihood];
    throw new DomainError(
      complaint(
        "log-likelihoods of the restricted and the full model",
        "two finite numbers, the second at least the first",
        got,
        "Both must be maximum-likelihood fits, without a prior, of the same data",
      ),
    );
  }
  return { statistic: Math.max(statistic, 0), degrees, pValue: chiSquareTail(Math.max(statistic, 0), degrees) };
}
