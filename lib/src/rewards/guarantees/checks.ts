import { checkNonNegative, checkPositive } from "../../core/checks.js";
import { complaint, DomainError } from "../../core/index.js";

/** @throws DomainError unless delta, the probability with which a bound may fail, is in (0, 1) */
export function checkDelta(delta: number): void {
  if (delta > 0 && delta < 1) return;
  throw new DomainError(complaint("delta", "a probability in (0, 1): how often the bound may fail", delta));
}

/** @throws DomainError unless n is a whole number of at least `least` */
export function checkSample(n: number, least = 1): void {
  if (Number.isInteger(n) && n >= least) return;
  throw new DomainError(complaint("n", `a whole number of at least ${least}: independent examples`, n));
}

/** @throws DomainError unless the value is finite and at least 0 (above 0, with `positive`) */
export function checkSize(what: string, value: number, positive = false): void {
  (positive ? checkPositive : checkNonNegative)(what, value);
}
