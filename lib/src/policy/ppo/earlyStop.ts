import { checkLength } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";
import { countTokens } from "../checkMask.js";

/**
 * `approxKl` in float64 on plain arrays, one number per token.
 * @throws ShapeError if the lengths differ; DomainError for NaN or a logpOld that is not finite where the mask is 1,
 *   or a mask of other numbers than 0 and 1 or without any 1
 */
export function approxKlEstimates(
  logpNew: ArrayLike<number>,
  logpOld: ArrayLike<number>,
  mask: ArrayLike<number>,
): { k1: number; k3: number } {
  const n = logpNew.length;
  checkLength("logpOld", logpOld, n, "one per token");
  const tokens = countTokens(mask, n);
  let [k1, k3] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (mask[i] === 0) continue;
    if (!Number.isFinite(logpOld[i])) {
      throw new DomainError(complaint(`logpOld[${i}]`, "a finite log-probability", logpOld[i]));
    }
    const d = logpNew[i] - logpOld[i];
    if (Number.isNaN(d)) throw new DomainError(complaint(`logpNew[${i}]`, "a log-probability", logpNew[i]));
    k1 -= d / tokens;
    k3 += (d === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.expm1(d) - d) / tokens;
  }
  return { k1, k3 };
}

/**
 * Whether this batch has been used enough: the measured KL(old || new) is above 1.5 times the target (the factor that
 * OpenAI's Spinning Up and others use), or not a number. To be asked before each step on the batch but the first, of
 * the whole batch: so do `ppoEpochs` and `trainPolicy` (whose `targetKl` is slack times target). It looks after the
 * fact: the step that went too far has been made; no other is.
 * @throws DomainError unless target and slack are positive
 */
export function shouldStop(klOldNew: number, { target, slack = 1.5 }: { target: number; slack?: number }): boolean {
  for (const [name, value] of Object.entries({ target, slack })) {
    if (!(value > 0)) throw new DomainError(complaint(name, "a positive number", value));
  }
  return !(klOldNew <= slack * target);
}
