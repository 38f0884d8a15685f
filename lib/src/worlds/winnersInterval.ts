import { checkCount, checkPositive, checkShare } from "../core/checks.js";
import { normalCdf, normalDensity, normalQuantile } from "../numerics/index.js";

export interface WinnersInterval {
  /** How often measured +- z * noise holds the winner's value. */
  coverage: number;
  /** By how much the winner was measured too high, on average. */
  bias: number;
}

/**
 * `items` of value N(0, 1) are each measured once, with normal noise; the interval of the one that looks best. Exact,
 * by quadrature over the greatest measurement y: given y the error is N(y s^2 / (1 + s^2), s^2 / (1 + s^2)), s the
 * noise, whoever won. (The Bayesian interval, around y / (1 + s^2), covers with probability `level`, the
 * prior being right.)
 * @throws DomainError unless items is a count, noise above 0 and 0 <= level <= 1
 * @example winnersInterval(1).coverage // 0.95
 */
export function winnersInterval(
  items: number,
  { noise = 1, level = 0.95 }: { noise?: number; level?: number } = {},
): WinnersInterval {
  checkCount("items", items);
  checkPositive("noise", noise);
  checkShare("level", level);
  const z = normalQuantile((1 + level) / 2);
  const wide = Math.sqrt(1 + noise ** 2);
  const [pull, spread] = [noise ** 2 / (1 + noise ** 2), noise / wide];
  const step = 0.01;
  let [mass, coverage, bias] = [0, 0, 0];
  for (let t = -9; t <= 9; t += step) {
    const weight = items * normalDensity(t) * normalCdf(t) ** (items - 1) * step;
    const error = pull * wide * t;
    mass += weight;
    bias += weight * error;
    coverage += weight * (normalCdf((z * noise - error) / spread) - normalCdf((-z * noise - error) / spread));
  }
  return { coverage: coverage / mass, bias: bias / mass };
}
