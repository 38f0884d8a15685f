import { checkFinite } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/**
 * Early stopping by an audit: the optimisation is watched at a number of points, and at each of them some replies are
 * judged by people. `audits` are those judgements' means, in order. The place (from 0) of the point to go back to: the
 * best so far when `patience` points in a row have not been better, or at the end. With patience Infinity, the best of
 * all.
 * @throws DomainError for an empty list, NaN, or patience below 1
 * @example auditStop([0, 1, 3, 2, 2.5, 4], { patience: 2 }) // 2
 */
export function auditStop(
  audits: ArrayLike<number>,
  { patience = Number.POSITIVE_INFINITY }: { readonly patience?: number } = {},
): number {
  if (audits.length === 0) throw new DomainError(complaint("audits", "at least one mean", audits));
  if (!(patience >= 1)) throw new DomainError(complaint("patience", "a number of at least 1", patience));
  let best = 0;
  for (let t = 0; t < audits.length; t++) {
    checkFinite(`audits[${t}]`, audits[t]);
    if (audits[t] > audits[best]) best = t;
    else if (t - best >= patience) break;
  }
  return best;
}
