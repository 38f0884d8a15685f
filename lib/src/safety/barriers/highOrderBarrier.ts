import { checkFinite, checkNonNegative } from "../../core/checks.js";
import { complaint, ShapeError } from "../../core/index.js";
import type { BarrierAt } from "./barrierFilter.js";

/**
 * A barrier for an input that acts on the r-th derivative of h only (Xiao and Belta 2019, arXiv:1903.04706): with
 *   psi_0 = h,   psi_i = psi_(i-1)' + rates[i-1] psi_(i-1),
 * psi_(r-1) is a barrier of order one, for `barrierFilter` with kappa = the last rate. `derivatives` are
 * h, h', ..., h^(r-1), [r]; `drift` and `gain` those of h^(r); `rates` are r - 1 numbers of at least 0. To begin safely
 * all of psi_0 ... psi_(r-1) must be at least 0 at the start.
 * @throws ShapeError unless there is one rate fewer than derivatives; DomainError for a negative rate
 * @example highOrderBarrier([2, -1], { drift: 0, gain: [1] }, [1]) // { h: 1, drift: -1, gain: [1] }
 */
export function highOrderBarrier(
  derivatives: readonly number[],
  { drift, gain }: Omit<BarrierAt, "h">,
  rates: readonly number[],
): BarrierAt {
  if (derivatives.length === 0 || rates.length !== derivatives.length - 1) {
    throw new ShapeError(
      complaint("rates", `${Math.max(derivatives.length - 1, 0)} numbers, one fewer than derivatives`, rates),
    );
  }
  derivatives.forEach((x, i) => {
    checkFinite(`derivatives[${i}]`, x);
  });
  rates.forEach((x, i) => {
    checkNonNegative(`rates[${i}]`, x);
  });
  checkFinite("drift", drift);
  // psi_(r-1) = sum over j of c_j h^(j), where the c_j are the coefficients of the product of (D + rate).
  let coefficients = [1];
  for (const rate of rates) {
    coefficients = Array.from(
      { length: coefficients.length + 1 },
      (_, j) => rate * (coefficients[j] ?? 0) + (coefficients[j - 1] ?? 0),
    );
  }
  const combine = (values: readonly number[]) => values.reduce((sum, x, j) => sum + coefficients[j] * x, 0);
  return { h: combine(derivatives), drift: combine([...derivatives.slice(1), drift]), gain };
}
