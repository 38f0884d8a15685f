import { complaint, ShapeError } from "../../core/index.js";
import { checkAllFinite } from "../returns/inputs.js";
import { maskedEntries } from "../returns/whiten.js";

/**
 * 1 - Var(returns - values) / Var(returns): the share of the returns' variance that a critic accounts for. 1 for a
 * perfect critic, 0 for one that says the same everywhere, below 0 for one that does harm as a baseline. An offset that
 * is the same everywhere is forgiven. 0 where there is nothing to explain: no returns, or returns that vary by no more
 * than the rounding of returns and values (a part in 1e12 of the larger; returns are sums with values in them).
 * values, returns and, if given, mask: lists of one length, only entries with mask 1 count.
 * @throws ShapeError if lengths differ; DomainError for numbers that are not finite
 */
export function explainedVariance(
  values: ArrayLike<number>,
  returns: ArrayLike<number>,
  mask?: ArrayLike<number>,
): number {
  if (values.length !== returns.length) {
    throw new ShapeError(complaint("returns", `${values.length} numbers, one per value`, returns));
  }
  const [v, g] = [maskedEntries(values, mask), maskedEntries(returns, mask)];
  checkAllFinite("values", v);
  checkAllFinite("returns", g);
  const size = [...g, ...v].reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (g.every((target) => Math.abs(target - g[0]) <= 1e-12 * size)) return 0;
  return 1 - sumOfSquares(g.map((target, i) => target - v[i])) / sumOfSquares(g);
}

/** Sum of squared deviations from the mean. */
function sumOfSquares(x: Float64Array): number {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return x.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}
