import { checkDistribution, checkNumbers } from "../core/checks.js";
import { complaint, DomainError, ShapeError } from "../core/index.js";

/** @throws ShapeError unless there are as many finite values as probabilities, at least one; DomainError for others */
export function checkOutcomes(what: string, values: ArrayLike<number>, p: ArrayLike<number>): void {
  if (p.length === 0) throw new ShapeError(complaint("p", "at least one outcome", p));
  checkNumbers(what, values, p.length);
  checkDistribution("p", p);
}

/** @throws DomainError unless x is at least 0; it may be Infinity */
export function checkRadius(what: string, x: number): void {
  if (x >= 0) return;
  throw new DomainError(complaint(what, "a number of at least 0, or Infinity", x));
}
