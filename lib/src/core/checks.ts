import { complaint, DomainError, ShapeError } from "./errors.js";

// The demands that arguments meet everywhere, in the same words everywhere. Each says what was expected and what came.

/** @throws DomainError unless n is a whole number of at least `least`, 1 when left out */
export function checkCount(what: string, n: number, least = 1): void {
  if (Number.isInteger(n) && n >= least) return;
  throw new DomainError(complaint(what, `a whole number of at least ${least}`, n));
}

/** @throws DomainError unless x is finite and above 0 */
export function checkPositive(what: string, x: number): void {
  if (x > 0 && Number.isFinite(x)) return;
  throw new DomainError(complaint(what, "a positive number", x));
}

/** @throws DomainError unless x is finite and at least 0 */
export function checkNonNegative(what: string, x: number): void {
  if (x >= 0 && Number.isFinite(x)) return;
  throw new DomainError(complaint(what, "a number of at least 0", x));
}

/** @throws DomainError unless 0 <= x <= 1 */
export function checkShare(what: string, x: number): void {
  if (x >= 0 && x <= 1) return;
  throw new DomainError(complaint(what, "a number from 0 to 1", x));
}

/** @throws DomainError unless x is a finite number */
export function checkFinite(what: string, x: number): void {
  if (!Number.isFinite(x)) throw new DomainError(complaint(what, "a finite number", x));
}

/** @throws DomainError unless 0 <= discount <= 1 */
export function checkDiscount(discount: number): void {
  checkShare("discount", discount);
}

/** @throws ShapeError unless there are `count` of them; `of` says what they are: "one per sequence" */
export function checkLength(what: string, values: ArrayLike<unknown>, count: number, of?: string): void {
  if (values.length === count) return;
  throw new ShapeError(complaint(what, `${count} numbers${of === undefined ? "" : `, ${of}`}`, values));
}

/** @throws ShapeError unless there are `count` of them, DomainError unless all are finite */
export function checkNumbers(what: string, values: ArrayLike<number>, count: number): void {
  checkLength(what, values, count);
  for (let i = 0; i < count; i++) if (!Number.isFinite(values[i])) checkFinite(`${what}[${i}]`, values[i]);
}

/** @throws DomainError unless no number is below 0 and they add up to 1, within `tolerance` */
export function checkDistribution(what: string, values: ArrayLike<number>, tolerance = 1e-9): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] >= 0 ? values[i] : Number.NaN;
  if (Math.abs(sum - 1) <= tolerance) return;
  throw new DomainError(complaint(what, "probabilities that add up to 1", values));
}
