import { complain, DomainError } from "../core/index.js";
import { mean, standardError } from "./statistics.js";

/** A mean with its interval; `half` is half of the interval's length. */
export interface MeanInterval {
  mean: number;
  half: number;
  low: number;
  high: number;
}

/**
 * The mean of independent values with its interval by Student's t, mean +- t standardError(values), n - 1 degrees of freedom.
 * @throws DomainError for fewer than two values, or a level outside (0, 1)
 */
export function meanInterval(values: ArrayLike<number>, level = 0.95): MeanInterval {
  if (!(level > 0 && level < 1)) throw new DomainError(complain("meanInterval: level", "a number in (0, 1)", level));
  const centre = mean(values);
  const half = studentTQuantile((1 + level) / 2, values.length - 1) * standardError(values);
  return { mean: centre, half, low: centre - half, high: centre + half };
}

/** The p-quantile of Student's t with a whole number of degrees of freedom, by bisection. */
export function studentTQuantile(p: number, degrees: number): number {
  let low = -1e9;
  let high = 1e9;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (studentTCdf(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(T <= t): the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4. */
function studentTCdf(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const squared = Math.cos(angle) ** 2;
  const odd = degrees % 2 === 1;
  let term = odd ? Math.cos(angle) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (squared * (k - 1)) / k;
    sum += term;
  }
  const between = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return (1 + between) / 2;
}
