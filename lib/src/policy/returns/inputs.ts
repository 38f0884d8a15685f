import { checkFinite, checkLength, checkShare } from "../../core/checks.js";
import { complaint, DomainError, ShapeError } from "../../core/index.js";

/** One discount for every step, or one per step, [n]: discount[t] stands between reward t and what comes after it. */
export type Discount = number | ArrayLike<number>;

/**
 * The discount of each of n steps.
 * @throws ShapeError for another number of them; DomainError unless each is in [0, 1]
 */
export function discounts(discount: Discount, n: number): Float64Array {
  if (typeof discount === "number") {
    checkShare("discount", discount);
    return new Float64Array(n).fill(discount);
  }
  checkLength("discount", discount, n, "one per reward");
  const each = Float64Array.from(discount);
  for (let t = 0; t < n; t++) checkShare(`discount[${t}]`, each[t]);
  return each;
}

/** @throws DomainError at the first NaN or Infinity, which a sum over time would spread to every step before it */
export function checkAllFinite(what: string, values: ArrayLike<number>): void {
  for (let t = 0; t < values.length; t++) {
    checkFinite(`${what}[${t}]`, values[t]);
  }
}

/** rewards [n] and values [n + 1], finite. @throws ShapeError, DomainError */
export function checkSeries(rewards: ArrayLike<number>, values: ArrayLike<number>): void {
  if (values.length !== rewards.length + 1) {
    const expected = `${rewards.length + 1} numbers, one more than rewards`;
    const hint = "The last one is the bootstrap value: 0 at a true end";
    throw new ShapeError(complaint("values", expected, values, hint));
  }
  checkAllFinite("rewards", rewards);
  checkAllFinite("values", values);
}

/** @throws DomainError unless n is a whole number of at least 1, or Infinity */
export function checkSteps(n: number): void {
  if (n >= 1 && (Number.isInteger(n) || n === Number.POSITIVE_INFINITY)) return;
  throw new DomainError(complaint("n", "a whole number of at least 1, or Infinity", n));
}
