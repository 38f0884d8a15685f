import { checkShare } from "../core/checks.js";
import { complaint, DomainError } from "../core/index.js";

/**
 * The arithmetic mean.
 * @throws DomainError for an empty list
 * @example mean([1, 2, 6]) // 3
 */
export function mean(values: ArrayLike<number>): number {
  needs("mean", values, 1);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/**
 * The sample variance, sum (x - mean)^2 / (n - 1); with `population`, divided by n.
 * Two passes, so that a large mean costs no digits.
 * @throws DomainError for fewer than two values (one, with `population`)
 */
export function variance(values: ArrayLike<number>, options: { population?: boolean } = {}): number {
  needs("variance", values, options.population ? 1 : 2);
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) ** 2;
  return sum / (options.population ? values.length : values.length - 1);
}

/** The square root of `variance`. */
export function standardDeviation(values: ArrayLike<number>, options: { population?: boolean } = {}): number {
  return Math.sqrt(variance(values, options));
}

/**
 * The standard error of the mean: standardDeviation / sqrt(n).
 * @example standardError([1, 2, 6]) // 1.5275
 */
export function standardError(values: ArrayLike<number>): number {
  return standardDeviation(values) / Math.sqrt(values.length);
}

/**
 * The p-quantile, 0 <= p <= 1, linear between order statistics (type 7 of Hyndman and Fan 1996, the
 * default of R and NumPy).
 * @throws DomainError for an empty list, a NaN, or p outside [0, 1]
 * @example quantile([1, 2, 3, 10], 0.5) // 2.5
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  needs("quantile", values, 1);
  checkShare("quantile: p", p);
  const sorted = Float64Array.from(values).sort();
  if (Number.isNaN(sorted[sorted.length - 1])) {
    throw new DomainError(complaint("quantile: values", "numbers without NaN", values));
  }
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.ceil(place);
  if (above === below) return sorted[below];
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** The 0.5-quantile. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/**
 * Pearson's correlation of two lists of equal length.
 * @throws DomainError if the lengths differ, or one of them does not vary
 */
export function pearsonCorrelation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  needs("pearsonCorrelation", x, 2);
  if (x.length !== y.length) throw new DomainError(complaint("pearsonCorrelation: y", `${x.length} values`, y));
  const mx = mean(x);
  const my = mean(y);
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += (x[i] - mx) ** 2;
    yy += (y[i] - my) ** 2;
    xy += (x[i] - mx) * (y[i] - my);
  }
  if (xx === 0 || yy === 0)
    throw new DomainError(complaint("pearsonCorrelation", "values that vary", xx === 0 ? x : y));
  return xy / Math.sqrt(xx * yy);
}

function needs(what: string, values: ArrayLike<number>, least: number): void {
  if (values.length >= least) return;
  throw new DomainError(
    complaint(`${what}: values`, `at least ${least === 1 ? "one value" : `${least} values`}`, values),
  );
}
