import { checkLength, checkNonNegative } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/**
 * The weights of `members` members, divided by their sum; equal ones when left out.
 * @throws ShapeError without a member or for another number of weights; DomainError for a weight below 0, or none above
 */
export function memberWeights(what: string, members: number, weights?: ArrayLike<number>): Float64Array {
  if (members === 0) throw new ShapeError(complaint(what, "at least one member", []));
  if (weights === undefined) return new Float64Array(members).fill(1 / members);
  checkLength("weights", weights, members, "one for each member");
  let sum = 0;
  for (let m = 0; m < members; m++) {
    checkNonNegative(`weights[${m}]`, weights[m]);
    sum += weights[m];
  }
  if (!(sum > 0 && Number.isFinite(sum))) throw new DomainError(complaint("weights", "a finite sum above 0", weights));
  return Float64Array.from(weights, (w) => w / sum);
}
