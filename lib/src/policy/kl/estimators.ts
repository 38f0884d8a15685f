import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/** Three estimates of one KL from the same samples, [n] each, in nats. */
export interface KlEstimates {
  readonly k1: Float64Array;
  readonly k2: Float64Array;
  readonly k3: Float64Array;
}

/**
 * Estimates of KL(new || ref) from samples of `new`, one per sample (a token given its prefix, or a whole sequence).
 * With d = logpNew - logpRef:
 *
 *   k1 = d                      unbiased, often negative, noisy
 *   k2 = d^2 / 2                never negative; its mean is off by third order in d
 *   k3 = exp(-d) - 1 + d        never negative and unbiased (k1 plus ref/new - 1, whose mean is 0)
 *
 * Schulman 2020, "Approximating KL divergence". These are statements about values. For what their *gradients* estimate,
 * which is something else, see `klK2Penalty`, `klK3Penalty` and `expectedKlGradients`.
 * All are Infinity where ref gives a sample no chance at all; k3 where exp(-d) overflows.
 * @throws ShapeError if the lengths differ; DomainError for a logpNew that is not finite (such a sample cannot have
 *   been drawn), or for NaN or Infinity in logpRef
 * @example klEstimates([-1, -2], [-1.5, -1]) // { k1: [0.5, -1], k2: [0.125, 0.5], k3: [0.1065, 0.7183] }
 */
export function klEstimates(logpNew: ArrayLike<number>, logpRef: ArrayLike<number>): KlEstimates {
  const n = logpNew.length;
  checkLength("logpRef", logpRef, n, "as many as logpNew");
  const k1 = new Float64Array(n);
  const k2 = new Float64Array(n);
  const k3 = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const d = logRatio(logpNew[i], logpRef[i], i);
    k1[i] = d;
    k2[i] = (d * d) / 2;
    k3[i] = d === Number.POSITIVE_INFINITY ? d : Math.expm1(-d) + d;
  }
  return { k1, k2, k3 };
}

/** logpNew - logpRef of sample i, checked. */
export function logRatio(logpNew: number, logpRef: number, i: number): number {
  if (!Number.isFinite(logpNew)) {
    const hint = "The samples are those of the new policy, so it gave each of them some chance";
    throw new DomainError(complaint(`logpNew[${i}]`, "a finite log-probability", logpNew, hint));
  }
  if (!(logpRef < Number.POSITIVE_INFINITY)) {
    throw new DomainError(complaint(`logpRef[${i}]`, "a log-probability", logpRef));
  }
  return logpNew - logpRef;
}
